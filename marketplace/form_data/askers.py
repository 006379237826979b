"""Who asks for a form."""

from dataclasses import dataclass

from kernel.contracts.projects import ProjectSummary
from marketplace.installs.installed_versions import InstalledVersion


@dataclass(frozen=True, slots=True)
class FormAsker:
    """Who may ask for which plugin's form, found while the database was at hand.

    Attributes:
        business: that the project is bound to.
    """

    project: ProjectSummary
    username: str
    installed: InstalledVersion
    business: int | None

    @property
    def plugin(self) -> str:
        return self.installed.manifest.code
