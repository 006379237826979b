"""The values of a plan's variables in one execution, and what becomes of texts and hosts that name them."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.job.service.errors import ParameterWrong
from adapters.job.service.plans.content import REFERENCE, KeptVariable, PlanContent
from adapters.job.service.plans.schemas import GivenVariable, Servers, VariableType
from adapters.job.service.schemas import TargetServer


@dataclass(frozen=True, slots=True)
class Values:
    """Attributes:
    secret: names of the texts that must not be seen.
    """

    texts: Mapping[str, str] = field(repr=False)
    secret: frozenset[str]
    servers: Mapping[str, TargetServer]

    def in_text(self, text: str) -> str:
        """The text with the value of each variable in place of its `${name}`; other names stay as they stand."""
        return REFERENCE.sub(lambda found: self.texts.get(found[1], found[0]), text)

    def in_words(self, line: str) -> str:
        """A command line; a value becomes part of the word in which it is named, whatever signs it has.

        Raises:
            ValueError: it can't be read as a command line.
        """
        return shlex.join(self.in_text(word) for word in shlex.split(line))

    def has_secret_in(self, text: str) -> bool:
        return any(name in self.secret for name in REFERENCE.findall(text))

    def of_servers(self, servers: Servers) -> TargetServer:
        """The hosts that are meant: named here, or by a variable."""
        return self.servers.get(servers.variable, TargetServer()) if servers.variable else servers


def values_of(content: PlanContent, given: Sequence[GivenVariable]) -> Values:
    """Raises:
    ParameterWrong: a variable is unknown, of another type, or required and without a value.
    """
    sent = _sent(content, given)
    texts: dict[str, str] = {}
    servers: dict[str, TargetServer] = {}
    for variable in content.global_var_list:
        number, one = sent.get(variable.id, (None, GivenVariable()))
        if variable.type is VariableType.HOSTS:
            _refuse(number, "value", one.value is not None, variable)
            chosen = one.server or variable.server
            if chosen is not None:
                servers[variable.name] = chosen
            is_missing = chosen is None
        else:
            _refuse(number, "server", one.server is not None, variable)
            text = one.value if one.value is not None else variable.value
            texts[variable.name] = text or ""
            is_missing = not text
        if variable.required and is_missing:
            raise ParameterWrong("global_var_list", f"has no value of {variable.name}, which is required")
    secret = frozenset(one.name for one in content.global_var_list if one.type is VariableType.CIPHER)
    return Values(texts, secret, servers)


def _sent(content: PlanContent, given: Sequence[GivenVariable]) -> dict[int, tuple[int, GivenVariable]]:
    """What the caller sent, by the id of the variable and with its place."""
    by_name = {variable.name: variable.id for variable in content.global_var_list}
    ids = set(by_name.values())
    sent: dict[int, tuple[int, GivenVariable]] = {}
    for number, one in enumerate(given):
        named = one.id if one.id is not None else by_name.get(one.name or "")
        if named is None or named not in ids:
            what = one.name if one.id is None else one.id
            raise ParameterWrong(f"global_var_list.{number}", f"the plan has no variable {what}")
        sent[named] = number, one
    return sent


def _refuse(number: int | None, part: str, is_there: bool, variable: KeptVariable) -> None:  # noqa: FBT001  a fact of the part
    if is_there:
        raise ParameterWrong(f"global_var_list.{number}.{part}", f"{variable.name} is of type {variable.type}")
