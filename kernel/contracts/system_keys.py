"""The keys with which the gateway signs to a system: implemented by gateway.registry, used by the embedded systems."""

from typing import Protocol

from kernel.signing.algorithms import VerificationKey


class SystemKeys(Protocol):
    async def verification_keys(self, system: str) -> dict[str, VerificationKey]:
        """Key id → key, current and overlapping ones; empty when the system is not registered yet."""
        ...
