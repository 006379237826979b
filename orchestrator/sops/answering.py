"""How a component of Standard OPS is carried out: in whose name, in which transaction, and what is kept of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.db.database import Database
from kernel.db.idempotency import IdempotencyLedger
from kernel.envelope import failure, success
from kernel.errors import Unavailable
from kernel.http.component_app import Call, ComponentApp
from kernel.http.component_document import Words
from kernel.http.signed_only import SignedCaller
from kernel.principal import Principal
from orchestrator.sops.callers import Callers
from orchestrator.sops.errors import INVALID_OPERATION
from orchestrator.sops.models import SopsIdempotency
from orchestrator.sops.numbers import Kind, Unnumbered, give
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.operations import Asked, OperationService

Params = TypeVar("Params", bound=BaseModel)
Handler = Callable[[AsyncSession, Principal, Params], Awaitable[Any]]
Asking = Callable[[AsyncSession, Principal, Params], Awaitable[Asked | None]]

READ: Final = "sops:read"
OPERATE: Final = "sops:operate"
EDIT: Final = "sops:edit"


@dataclass(frozen=True, slots=True)
class Beside:
    """An answer with what stands beside its `data`."""

    data: Any
    members: Mapping[str, Any]


def counted(items: Sequence[Any], count: int | None) -> Beside:
    """A part of a list with the length of the whole; none where nobody asked, which clients are told as -1."""
    return Beside(items, {"count": -1 if count is None else count})


class Components:
    """Registers components whose handlers know people, not apps."""

    def __init__(
        self,
        app: ComponentApp,
        database: Database,
        callers: Callers,
        operations: OperationService,
        ledger: IdempotencyLedger[SopsIdempotency],
    ) -> None:
        self._app = app
        self._database = database
        self._callers = callers
        self._operations = operations
        self._ledger = ledger

    def read(
        self,
        path: str,
        params: type[Params],
        answer: Any,
        handler: Handler[Params],
        words: tuple[Words, Words],
        *,
        method: str = "GET",
    ) -> None:
        """A component that changes nothing; what it tells of gets its number on the way."""

        async def run(call: Call[Params]) -> dict[str, Any]:
            for _ in range(len(Kind) + 1):
                try:
                    async with self._database.reading() as session:
                        principal = await self._callers.person(session, call.caller)
                        return _answer(await handler(session, principal, call.params))
                except Unnumbered as found:
                    async with self._database.unit_of_work() as session:
                        await give(session, found.kind, found.subjects)
            raise Unavailable("New things are made faster than they can be numbered; try again")

        self._app.own(
            _name(path), params, answer, run,
            scope=READ, summary=words[0], description=words[1], method=method, is_read=True, path=path,
        )  # fmt: skip

    def change(
        self,
        path: str,
        params: type[Params],
        answer: Any,
        handler: Handler[Params],
        words: tuple[Words, Words],
        *,
        scope: str = OPERATE,
        for_executors: bool = False,
    ) -> None:
        """Args:
        for_executors: a task may call it in another name than that of who launched it.
        """

        async def run(session: AsyncSession, caller: SignedCaller, asked: Params) -> Any:
            if not for_executors:
                await self._callers.require_own_name(session, caller)
            return await handler(session, await self._principal(session, caller, path), asked)

        self._app.change(
            _name(path), params, answer, run, scope=scope, summary=words[0], description=words[1], path=path
        )

    def operate(
        self, path: str, params: type[Params], answer: Any, asking: Asking[Params], words: tuple[Words, Words]
    ) -> None:
        """A component that asks the owner of a task for something, and answers once he has done it."""

        async def run(call: Call[Params]) -> dict[str, Any]:
            async with self._database.unit_of_work() as session:
                earlier = None if call.keyed is None else await self._ledger.claim(session, call.keyed)
                if earlier is not None and earlier.answer is not None:
                    return earlier.answer
                await self._callers.require_own_name(session, call.caller)
                principal = await self._principal(session, call.caller, path)
                asked = await asking(session, principal, call.params)
                done = success("success")
                if call.keyed is not None:
                    await self._ledger.keep(session, call.keyed, done)
            return await self._settled(call, asked, done)

        self._app.own(
            _name(path), params, answer, run, scope=OPERATE, summary=words[0], description=words[1], path=path
        )

    async def _settled(self, call: Call[Any], asked: Asked | None, done: dict[str, Any]) -> dict[str, Any]:
        """What became of it: the task may have moved on before its owner came to it."""
        try:
            if asked is not None:
                await self._operations.settled(asked)
        except IllegalOperation as error:
            refused = failure(INVALID_OPERATION, error.detail)
            if call.keyed is not None:
                async with self._database.unit_of_work() as session:
                    await self._ledger.keep(session, call.keyed, refused)
            return refused
        return done

    async def _principal(self, session: AsyncSession, caller: SignedCaller, path: str) -> Principal:
        """The person; that the app called in his name is on record too."""
        principal = await self._callers.person(session, caller)
        record(session, caller.principal, "component.called", "component", f"sops.{_name(path)}")
        return principal


def _answer(found: Any) -> dict[str, Any]:
    if isinstance(found, Beside):
        return {**success(to_jsonable_python(found.data)), **to_jsonable_python(found.members)}
    return success(to_jsonable_python(found))


def _name(path: str) -> str:
    return path.split("/")[1]
