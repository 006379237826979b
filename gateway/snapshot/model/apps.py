"""An app: its secret verifiers and its grants.

::

    {"kind": "app", "app_code": "shop", "enabled": true,
     "may_name_user": false,
     "secrets": [{"sha256": "<64 hex>", "expires_at": null, "sealed": null}],
     "grants": [{"system": "cmdb", "component": "search_business", "expires_at": 1767225600},
                {"system": "job", "component": null, "expires_at": null}],
     "policies": [{"kind": "concurrency-limit", "config": {"per_app": 20}}]}

Secrets are generated with 256 random bits, so their SHA-256 is a sufficient verifier. A grant without a component
covers the whole system. Only approved grants belong here. ``sealed`` is the secret itself, for apps that sign calls.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from sys import intern
from types import MappingProxyType
from typing import Any

from gateway.policies.kinds.placing import NOTHING, Effective, placed
from gateway.policies.kinds.policy import Level
from gateway.snapshot.model.documents import OpenSecret, epoch, have, need, objects, policies, read_source, source_of
from gateway.snapshot.model.planned import Planned
from gateway.snapshot.secrets import APP_SECRET


@dataclass(frozen=True, slots=True)
class SecretVerifier:
    sha256: bytes
    expires_at: float
    signing_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class AppShard:
    """``grants`` maps ``system`` and ``system.component`` to the moment of expiry (seconds since 1970, or inf).

    ``may_name_user``: the app's own word about who its user is counts as verified.
    """

    app_code: str
    enabled: bool
    secrets: tuple[SecretVerifier, ...]
    grants: Mapping[str, float]
    source: str = field(repr=False)
    policies: Effective = field(default_factory=lambda: NOTHING)
    may_name_user: bool = False
    planned: Planned = field(default_factory=Planned, repr=False)

    @property
    def key(self) -> str:
        return f"app:{self.app_code}"

    @classmethod
    def from_document(cls, document: Mapping[str, Any], open_secret: OpenSecret) -> "AppShard":
        """Compiles the document; raises ShardError naming the field."""
        app_code = need(document, "app_code", str)
        grants: dict[str, float] = {}
        for grant in objects(document, "grants"):
            system, component = need(grant, "system", str), grant.get("component")
            # Many apps hold grants for the same components: their names are kept once.
            target = intern(system if component is None else f"{system}.{component}")
            expires_at = epoch(grant, "expires_at")
            grants[target] = max(grants.get(target, 0.0), inf if expires_at is None else expires_at)
        return cls(
            app_code=app_code,
            enabled=have(document, "enabled", True),
            secrets=tuple(_verifier(secret, open_secret) for secret in objects(document, "secrets")),
            grants=MappingProxyType(grants),
            source=source_of(document),
            policies=placed(NOTHING, Level.APP, app_code, policies(document, Level.APP)),
            may_name_user=have(document, "may_name_user", False),
        )

    def to_document(self) -> Mapping[str, Any]:
        return read_source(self.source)

    def may_call(self, system: str, own_scope: str, now: float) -> bool:
        """Whether a grant for the component (``system.component``) or for its whole system holds now."""
        grants = self.grants
        return grants.get(own_scope, 0.0) > now or grants.get(system, 0.0) > now

    def verifies(self, secret: str, now: float) -> bool:
        """Whether the secret is one of the app's current ones; compares all of them in constant time."""
        digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        found = False
        for verifier in self.secrets:
            same = hmac.compare_digest(digest, verifier.sha256)
            found = found or (same and verifier.expires_at > now)
        return found

    def signing_keys(self, now: float) -> list[str]:
        """The app's current secrets with which it may sign."""
        return [each.signing_key for each in self.secrets if each.signing_key is not None and each.expires_at > now]


def _verifier(document: Mapping[str, Any], open_secret: OpenSecret) -> SecretVerifier:
    expires_at = epoch(document, "expires_at")
    sealed = have(document, "sealed", "")
    return SecretVerifier(
        sha256=bytes.fromhex(need(document, "sha256", str)),
        expires_at=inf if expires_at is None else expires_at,
        signing_key=open_secret(sealed, APP_SECRET).decode() if sealed else None,
    )
