"""Uploaded files and file sources, put together."""

from collections.abc import Mapping

from adapters.job.service.file_sources.endpoints import register_file_source_components
from adapters.job.service.file_sources.reading import FileSourceReader
from adapters.job.service.file_sources.repository import FileSourceRepository
from adapters.job.service.file_sources.service import FileSourceService
from adapters.job.service.files.elsewhere import Elsewhere
from adapters.job.service.files.plan import SourceKind
from adapters.job.service.files.spool import ElsewhereReader
from adapters.job.service.local_files.endpoints import register_local_file_components
from adapters.job.service.local_files.reading import LocalFileReader
from adapters.job.service.local_files.repository import LocalFileRepository
from adapters.job.service.local_files.service import LocalFileService
from kernel.http.component_app import ComponentApp
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy


class OtherFiles:
    """Attributes:
    known: finds what an order names. readers: read it when it is distributed.
    """

    def __init__(self, kernel: KernelServices) -> None:
        uploaded, sources = LocalFileRepository(), FileSourceRepository()
        policy = AddressPolicy.allowing(kernel.settings.allowed_upstream_origins)
        self.known = Elsewhere(uploaded, sources)
        self.readers: Mapping[SourceKind, ElsewhereReader] = {
            SourceKind.UPLOADED: LocalFileReader(kernel.database, uploaded),
            SourceKind.THIRD_PARTY: FileSourceReader(kernel, sources, policy),
        }
        self._files = LocalFileService(uploaded, kernel.clock, kernel.settings.job_local_files_mib)
        self._sources = FileSourceService(sources, kernel.secrets, policy, kernel.clock)

    def register(self, app: ComponentApp) -> None:
        register_local_file_components(app, self._files)
        register_file_source_components(app, self._sources)
