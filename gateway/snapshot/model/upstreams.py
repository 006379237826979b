"""Where a stage forwards to, compiled from its part of the shard document.

::

    {"balance": "round-robin", "hash_on": null,
     "targets": [{"url": "http://10.0.0.5/cmdb", "weight": 100}, {"url": "http://10.0.0.6/cmdb", "weight": 50}],
     "connect_timeout": 5, "timeout": 30, "total_timeout": null,
     "tls": {"authority": "<PEM>", "certificate": "<PEM>", "key": "<sealed PEM>", "server_name": "cmdb.internal"},
     "health": {"active": {"path": "/healthz", "interval": 10, "timeout": 2, "statuses": [200],
                           "healthy_after": 2, "unhealthy_after": 3},
                "passive": {"failures": 5, "eject_seconds": 30}}}

Only ``targets`` is needed. All targets have the same path, so that an upstream's address differs by its origin alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from gateway.snapshot.model.documents import have, need, objects
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.planned import Planned
from kernel.transport.errors import InvalidRequest
from kernel.transport.origin import Origin, parse_url
from kernel.transport.tls import ClientTls

Balance = Literal["round-robin", "least-connections", "consistent-hash"]

BALANCES = ("round-robin", "least-connections", "consistent-hash")
DEFAULT = "default"
HIGHEST_WEIGHT = 1000
MOST_TARGETS = 64


@dataclass(frozen=True, slots=True)
class Target:
    """One server of an upstream. A target of weight 0 gets no calls."""

    origin: Origin
    weight: int = 1


@dataclass(frozen=True, slots=True)
class ActiveCheck:
    """A request sent now and then. Seconds; ``statuses`` are those of a healthy target."""

    path: str
    interval: float
    timeout: float
    statuses: frozenset[int]
    healthy_after: int
    unhealthy_after: int


@dataclass(frozen=True, slots=True)
class PassiveCheck:
    """After so many failures in a row a target gets no calls for ``eject_seconds``."""

    failures: int
    eject_seconds: float


@dataclass(frozen=True, slots=True)
class Upstream:
    """Timeouts in seconds: ``timeout`` is the longest silence, ``total_timeout`` the whole call with its body.

    ``path`` is what stands before every component's path, without a slash at its end. ``hash_on`` is ``app``, ``user``,
    ``address`` or ``header:name``, and only means something to ``consistent-hash``.
    """

    name: str
    targets: tuple[Target, ...]
    path: str = ""
    balance: Balance = "round-robin"
    hash_on: str = "address"
    connect_timeout: float = 5.0
    timeout: float = 30.0
    total_timeout: float | None = None
    active: ActiveCheck | None = None
    passive: PassiveCheck | None = None
    planned: Planned = field(default_factory=Planned, repr=False, compare=False)


NOWHERE = Upstream(DEFAULT, (Target(parse_url("http://nowhere.invalid")[0]),))
"""Of components that answer by themselves on a stage without an upstream: no such name can be (RFC 6761 §6.4)."""


def compile_upstream(name: str, document: Mapping[str, Any], open_secret: Callable[[str], bytes]) -> Upstream:
    """Raises ShardError naming the field that is wrong."""
    told: dict[str, Any] | None = document.get("tls")
    tls = _tls(told, open_secret) if told else None
    found = [_target(target, tls) for target in objects(document, "targets")]
    paths = {path for _, path in found}
    if not 0 < len(found) <= MOST_TARGETS or len(paths) != 1:
        raise ShardError(f"upstreams.{name}.targets: expected 1 to {MOST_TARGETS} targets with the same path")
    targets = tuple(target for target, _ in found)
    if len({target.origin for target in targets}) != len(targets):
        raise ShardError(f"upstreams.{name}.targets: a target is there twice")
    if not any(target.weight for target in targets):
        raise ShardError(f"upstreams.{name}.targets: every target has the weight 0")
    balance = have(document, "balance", "round-robin")
    if balance not in BALANCES:
        raise ShardError(f"upstreams.{name}.balance: {balance} is not one of {', '.join(BALANCES)}")
    health: dict[str, Any] = have(document, "health", {})
    total = document.get("total_timeout")
    return Upstream(
        name=name,
        targets=targets,
        path=paths.pop(),
        balance=cast("Balance", balance),
        hash_on=have(document, "hash_on", "address"),
        connect_timeout=float(document.get("connect_timeout") or 5.0),
        timeout=float(document.get("timeout") or 30.0),
        total_timeout=float(total) if total is not None else None,
        active=_active(health["active"]) if health.get("active") else None,
        passive=_passive(health["passive"]) if health.get("passive") else None,
    )


def one_target(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of an upstream from the short form: one ``base_url`` and the timeouts."""
    return {**document, "targets": [{"url": need(document, "base_url", str)}]}


def _target(document: Mapping[str, Any], tls: ClientTls | None) -> tuple[Target, str]:
    url = need(document, "url", str).rstrip("/")
    try:
        origin, path = parse_url(url)
    except InvalidRequest as problem:
        raise ShardError(f"targets.url: {problem}") from problem
    if "?" in path or not path.isascii() or not path.isprintable() or " " in path:
        raise ShardError("targets.url: expected an address without a query and without spaces")
    weight = have(document, "weight", 1)
    if not 0 <= weight <= HIGHEST_WEIGHT:
        raise ShardError(f"targets.weight: expected 0 to {HIGHEST_WEIGHT}")
    return Target(replace(origin, tls=tls) if tls is not None else origin, weight), path.rstrip("/")


def _tls(document: Mapping[str, Any], open_secret: Callable[[str], bytes]) -> ClientTls:
    key = document.get("key")
    return ClientTls(
        authority=have(document, "authority", ""),
        certificate=have(document, "certificate", ""),
        key=open_secret(key) if key else b"",
        server_name=have(document, "server_name", ""),
    )


def _active(document: Mapping[str, Any]) -> ActiveCheck:
    return ActiveCheck(
        path=need(document, "path", str),
        interval=float(document.get("interval") or 10.0),
        timeout=float(document.get("timeout") or 2.0),
        statuses=frozenset(document.get("statuses") or range(200, 400)),
        healthy_after=have(document, "healthy_after", 2),
        unhealthy_after=have(document, "unhealthy_after", 3),
    )


def _passive(document: Mapping[str, Any]) -> PassiveCheck:
    return PassiveCheck(have(document, "failures", 5), float(document.get("eject_seconds") or 30.0))
