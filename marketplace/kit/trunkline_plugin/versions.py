"""The versions of the plugin this process serves, by number."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline_plugin.plugin import Plugin


class VersionHub:
    """Every class derived from `Plugin` registers here as it is defined."""

    _versions: "dict[str, type[Plugin]]" = {}  # noqa: RUF012  shared on purpose

    @classmethod
    def register(cls, plugin: "type[Plugin]") -> None:
        version = plugin.Meta.version
        there = cls._versions.get(version)
        if there is not None:
            raise RuntimeError(f"{plugin.__module__}: version {version} is {there.__module__}'s already")
        cls._versions[version] = plugin

    @classmethod
    def all_plugins(cls) -> "dict[str, type[Plugin]]":
        return dict(cls._versions)

    @classmethod
    def versions(cls) -> list[str]:
        """As the protocol lists them: by their text, last first."""
        return sorted(cls._versions, reverse=True)

    @classmethod
    def clear(cls) -> None:
        cls._versions.clear()
