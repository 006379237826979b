"""Tokens by which forms ask: of the project, for one component, within what was consented to and granted."""

from typing import Final

from kernel.contracts.task_tokens import TaskTokenMinter
from marketplace.form_data.askers import FormAsker
from marketplace.form_data.errors import FormRequestRefused
from marketplace.invoke.components import CallableComponent

_NO_TASK: Final = "form-data"
"""Stands where tokens name the task they are for."""


class FormTokens:
    def __init__(self, tokens: TaskTokenMinter) -> None:
        self._tokens = tokens

    async def mint(self, asker: FormAsker, component: CallableComponent, given: frozenset[str] = frozenset()) -> str:
        """Good for this component alone.

        Args:
            given: scopes that the install itself gives.

        Raises:
            FormRequestRefused: the install did not consent to it, or the project was not granted it.
        """
        needed, alone = frozenset(component.description.scopes), frozenset({component.label})
        consented = (needed | alone) & (asker.installed.scopes | given)
        if not _admits(consented, needed, alone):
            asked = ", ".join(sorted(needed)) or component.label
            raise FormRequestRefused(
                f"{asker.plugin} did not ask for {asked} at its install, so its form may not ask {component.label}"
            )
        token = await self._tokens.mint(
            project_id=asker.project.id, task_id=_NO_TASK, on_behalf_of=asker.username, scopes=consented
        )
        if not _admits(token.scopes, needed, alone):
            raise FormRequestRefused(f"{asker.project.code} has no grant for {component.label} (yet)")
        return token.value


def _admits(scopes: frozenset[str], needed: frozenset[str], alone: frozenset[str]) -> bool:
    return needed <= scopes or alone <= scopes
