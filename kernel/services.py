"""What every unit is given by the composition root."""

from dataclasses import dataclass

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class KernelServices:
    settings: Settings
    database: Database
    secrets: SecretBox
    clock: Clock
