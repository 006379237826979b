"""A second release on a stage, on trial for named apps and for a share of the callers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.snapshot.model.matching import RouteTable
from gateway.snapshot.model.routes import Route

_PER_CENT = 2**32 / 100


@dataclass(frozen=True, slots=True, eq=False)
class Canary:
    """``share`` is per cent of the callers; ``salt`` makes each trial choose its callers anew."""

    release: str
    share: int
    apps: frozenset[str]
    salt: str
    table: RouteTable
    components: Mapping[str, Route]

    def takes(self, app_code: str | None, user: str | None) -> bool:
        """Whether a caller is served by the canary: always the same answer for the same caller, and a larger share
        takes further callers without giving one back. Who is unknown can't be told apart: he goes with a share of 100.
        """
        if self.share >= 100:  # noqa: PLR2004 - per cent
            return True
        if app_code is None:
            return False
        if app_code in self.apps:
            return True
        if not self.share:
            return False
        caller = f"{self.salt}\0{app_code}\0{user or ''}".encode("utf-8", "surrogatepass")
        bucket = int.from_bytes(hashlib.blake2b(caller, digest_size=4).digest(), "big")
        return bucket < self.share * _PER_CENT
