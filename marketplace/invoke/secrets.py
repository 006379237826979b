"""The secrets one invocation may send: known to the calls' bodies alone, and taken out of what comes back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.secret_handles import MASK, with_secrets
from marketplace.invoke.errors import InvocationFailed


@dataclass(frozen=True, slots=True)
class InvocationSecrets:
    """Attributes:
    named: input → name of the project's secret in it.
    opened: name → the secret, of those that the project has.
    given: handle → the secret that somebody filled in when the task was launched.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    opened: Mapping[str, str] = field(default_factory=dict, repr=False)
    given: Mapping[str, str] = field(default_factory=dict, repr=False)

    def reveal(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The inputs as a body may carry them.

        Raises:
            InvocationFailed: the project has no secret of a name.
        """
        if not self.named:
            return self.filled_in(inputs)
        missing = sorted(f"{name} (input {given})" for given, name in self.named.items() if name not in self.opened)
        if missing:
            raise InvocationFailed(f"the project has no secret {', '.join(missing)}; keep it and retry")
        named = {given: self.opened[name] for given, name in self.named.items()}
        return {**self.filled_in(inputs), **named}

    def filled_in(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The inputs with what stands for secrets that were filled in replaced by them."""
        filled: Mapping[str, Any] = with_secrets(inputs, self.given)
        return filled

    def masked(self, value: Any) -> Any:
        """What a system sent, without the secrets: they may come back, and answers are kept."""
        pattern = self._pattern()
        return value if pattern is None else _masked(value, pattern)

    def _pattern(self) -> re.Pattern[str] | None:
        forms = {form for secret in (*self.opened.values(), *self.given.values()) for form in _forms(secret)}
        if not forms:
            return None
        return re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, and as it stands in JSON that is itself a text."""
    return secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


def _masked(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(MASK, value)
    if isinstance(value, dict):
        return {pattern.sub(MASK, name): _masked(inner, pattern) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, pattern) for inner in value]
    return value
