from kernel.errors import Conflict, NotFound, PermissionDenied


class VersionExists(Conflict):
    """The version was published with other content, and versions never change."""

    code = "version_exists"


class PublisherTaken(PermissionDenied):
    """The code or publisher name belongs to somebody else."""

    code = "publisher_taken"


class VersionYanked(Conflict):
    """The version was withdrawn from new use; the detail says what its author says."""

    code = "version_yanked"


class VersionIncompatible(Conflict):
    """The version asks for another version of this product."""

    code = "version_incompatible"


class PluginUnknown(NotFound):
    code = "plugin_unknown"
