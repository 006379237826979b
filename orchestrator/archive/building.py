from kernel.contracts.authorizer import Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.services import KernelServices
from orchestrator.archive.archiver import Archiver
from orchestrator.archive.service import ArchiveService


def build_archive(
    kernel: KernelServices, authorizer: Authorizer, projects: ProjectDirectory
) -> tuple[Archiver, ArchiveService]:
    """Both keep to the days that the settings say."""
    days = kernel.settings.tasks_kept_days, kernel.settings.archive_kept_days
    return (
        Archiver(kernel.database, kernel.clock, *days),
        ArchiveService(authorizer, projects, kernel.clock, *days),
    )
