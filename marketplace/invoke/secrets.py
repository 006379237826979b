"""The secrets one invocation may send: known to the calls' bodies alone, and taken out of what comes back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.invoke.errors import InvocationFailed

_MASK = "******"


@dataclass(frozen=True, slots=True)
class InvocationSecrets:
    """Attributes:
    named: input → name of the project's secret in it.
    opened: name → the secret, of those that the project has.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    opened: Mapping[str, str] = field(default_factory=dict, repr=False)

    def reveal(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The inputs as a body may carry them.

        Raises:
            InvocationFailed: the project has no secret of a name.
        """
        if not self.named:
            return inputs
        missing = sorted(f"{name} (input {given})" for given, name in self.named.items() if name not in self.opened)
        if missing:
            raise InvocationFailed(f"the project has no secret {', '.join(missing)}; keep it and retry")
        return {**inputs, **{given: self.opened[name] for given, name in self.named.items()}}

    def masked(self, value: Any) -> Any:
        """What a system sent, without the secrets: they may come back, and answers are kept."""
        pattern = self._pattern()
        return value if pattern is None else _masked(value, pattern)

    def _pattern(self) -> re.Pattern[str] | None:
        forms = {form for secret in self.opened.values() for form in _forms(secret)}
        if not forms:
            return None
        return re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, and as it stands in JSON that is itself a text."""
    return secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


def _masked(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(_MASK, value)
    if isinstance(value, dict):
        return {pattern.sub(_MASK, name): _masked(inner, pattern) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, pattern) for inner in value]
    return value
