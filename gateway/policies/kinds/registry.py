"""All kinds, and lists of policies read from JSON."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from gateway.policies.kinds import (
    answer_envelope,
    answer_rename,
    body_limit,
    circuit_breaker,
    concurrency_limit,
    cors,
    fault_injection,
    header_rewrite,
    ip_restriction,
    mock,
    quota,
    rate_limit,
    redirect,
    response_cache,
    retry,
)
from gateway.policies.kinds.policy import Kind, Level, Policy, PolicyError, read_config
from kernel.errors import FieldProblem

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            cors.KIND,
            ip_restriction.KIND,
            rate_limit.KIND,
            quota.KIND,
            concurrency_limit.KIND,
            response_cache.KIND,
            fault_injection.KIND,
            body_limit.KIND,
            redirect.KIND,
            mock.KIND,
            header_rewrite.KIND,
            answer_rename.KIND,
            answer_envelope.KIND,
            retry.KIND,
            circuit_breaker.KIND,
        )
    }
)
"""By name, in the order in which a call meets them."""


def read_policies(documents: object, level: Level, field: str = "policies") -> tuple[Policy, ...]:
    """The policies that stand at one place; raises PolicyError naming every wrong one by its path below `field`."""
    if not isinstance(documents, list):
        raise PolicyError((FieldProblem(field, "is not a list"),))
    problems: list[FieldProblem] = []
    found: dict[str, Policy] = {}
    for position, document in enumerate(documents):
        place = f"{field}.{position}"
        try:
            policy = read_policy(document, level, place)
        except PolicyError as error:
            problems += error.problems
            continue
        if policy.kind in found:
            problems.append(FieldProblem(f"{place}.kind", f"{policy.kind} stands here twice; keep one"))
        found[policy.kind] = policy
    if problems:
        raise PolicyError(tuple(problems))
    return tuple(found.values())


def read_policy(document: object, level: Level, field: str = "policy") -> Policy:
    """One policy from `{"kind": …, "config": {…}}`; raises PolicyError."""
    if not isinstance(document, Mapping):
        raise PolicyError((FieldProblem(field, "is not an object with kind and config"),))
    unknown = sorted(str(name) for name in document.keys() - {"kind", "config"})
    if unknown:
        raise PolicyError((FieldProblem(f"{field}.{unknown[0]}", "is no member of a policy"),))
    name = document.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise PolicyError((FieldProblem(f"{field}.kind", f"is none of {', '.join(KINDS)}"),))
    if level not in kind.levels:
        allowed = ", ".join(each for each in Level if each in kind.levels)
        raise PolicyError((FieldProblem(f"{field}.kind", f"{kind.name} may stand at {allowed}, not at {level}"),))
    config = read_config(kind, document.get("config", {}), f"{field}.config")
    misplaced = config.misplaced(level)
    if misplaced is not None:
        raise PolicyError((FieldProblem(f"{field}.config", misplaced),))
    return Policy(kind.name, config)


def documents_of(policies: Sequence[Policy]) -> list[dict[str, Any]]:
    return [policy.to_document() for policy in policies]
