"""Secrets among the inputs of tasks: sealed before anything is kept, opened for the one call that sends them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.database import Database
from kernel.forms.secrets import secret_fields
from kernel.ids import new_id
from kernel.secret_handles import MASK, handle_of, handles_in, id_of
from kernel.secrets import SecretBox
from orchestrator.secret_inputs import repository
from orchestrator.secret_inputs.models import SecretInput

PURPOSE: Final = "task input"


class SecretInputs:
    """A form's `writeOnly` fields are texts that are kept as handles; the secrets stand sealed beside them."""

    def __init__(self, database: Database, box: SecretBox) -> None:
        self._database = database
        self._box = box

    async def seal(
        self,
        session: AsyncSession,
        owner: str,
        schema: Mapping[str, Any],
        values: Mapping[str, Any],
        held_by: str | None = None,
    ) -> dict[str, Any]:
        """The values as they may be kept.

        Args:
            owner: of the handles that come of it.
            schema: of the form that was filled in.
            held_by: the owner of handles that stand among the values already. Without one, a text that looks like a
                handle is a secret like another.
        """
        given = {name: values[name] for name in sorted(secret_fields(schema) & values.keys())}
        texts = {name: value for name, value in given.items() if isinstance(value, str) and value}
        held = await self._held(session, held_by, texts.values()) if held_by is not None else {}
        new = {name: self.keep(session, owner, text) for name, text in texts.items() if text not in held}
        return {**values, **new}

    def keep(self, session: AsyncSession, owner: str, secret: str) -> str:
        """Seals a secret as one of the owner's; answers its handle."""
        name = new_id()
        session.add(SecretInput(owner=owner, id=name, sealed=self._box.seal(secret.encode(), PURPOSE)))
        return handle_of(name)

    async def take_over(self, session: AsyncSession, owner: str, held_by: str, values: Any) -> None:
        """Lets the owner's handles open what those of another in these values do."""
        held = await repository.sealed_of(session, held_by, _ids(handles_in(values)))
        session.add_all(SecretInput(owner=owner, id=name, sealed=sealed) for name, sealed in held.items())

    async def open(self, owner: str, handles: Iterable[str]) -> dict[str, str]:
        """Handle → the secret, of those that are the owner's.

        Raises:
            SecretUnreadable: sealed under a root key that is not configured.
        """
        async with self._database.reading() as session:
            held = await self._held(session, owner, handles)
        return {handle: self._box.open(sealed, PURPOSE).decode() for handle, sealed in held.items()}

    async def forget(self, session: AsyncSession, owner: str, values: Any = None) -> None:
        """Lets the owner's secrets go whose handles don't stand in `values`."""
        await repository.remove_others(session, owner, _ids(handles_in(values)))

    async def _held(self, session: AsyncSession, owner: str, texts: Iterable[str]) -> dict[str, str]:
        """Handle → the sealed secret."""
        ids = _ids(texts)
        sealed = await repository.sealed_of(session, owner, ids) if ids else {}
        return {handle_of(name): text for name, text in sealed.items()}


def _ids(texts: Iterable[str]) -> frozenset[str]:
    """Of those that are handles and nothing else."""
    return frozenset(name for text in texts if (name := id_of(text)) is not None)


def kept_where_hidden(schema: Mapping[str, Any], given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in anew; a secret that was left out, or sent back as it is shown, stays what it was."""
    stays = {
        name: before[name]
        for name in secret_fields(schema) & before.keys()
        if given.get(name, MASK) in (MASK, before[name])
    }
    return {**given, **stays}
