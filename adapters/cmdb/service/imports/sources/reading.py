"""What a source of hosts is to those who run it."""

from dataclasses import dataclass, field
from typing import Protocol

from adapters.cmdb.service.imports.rows import HostRow, RowProblem
from adapters.cmdb.service.imports.sources.models import ImportSource
from adapters.cmdb.service.imports.sources.schemas import Secret
from adapters.cmdb.service.imports.values import KnownAttribute


class SourceFailed(Exception):
    """The source could not be read to its end; the text says why, without any secret."""


@dataclass(slots=True)
class SourceRows:
    """Attributes:
    partial: only the beginning was read, as was asked for.
    """

    rows: list[HostRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    partial: bool = False


class SourceReader(Protocol):
    async def read(
        self, source: ImportSource, secret: Secret, known: dict[str, KnownAttribute], *, sample: bool
    ) -> SourceRows:
        """All hosts of the source, or with `sample` the first of them.

        Raises:
            SourceFailed: nothing of it may be believed.
        """
        ...
