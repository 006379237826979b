"""What the author of a coded component writes, and what he is given."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from kernel.http.component_document import Words
from kernel.http.signed_only import SignedCaller

Inputs = TypeVar("Inputs", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The whole answer of an HTTP call; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """Calls addresses that the operator's rules allow; see `gateway.coded.http`."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: bytes = b"",
        seconds: float = 30.0,
    ) -> HttpAnswer: ...


class Invoke(Protocol):
    """Calls another component through the gateway, as the app that called and on behalf of the same person."""

    async def __call__(self, component_name: str, inputs: Mapping[str, Any] | None = None) -> Any: ...


class Business(Protocol):
    """Tells which business of the CMDB the calling project is bound to; none for one that is bound to none, and where
    no project calls.
    """

    async def __call__(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class CodedCall(Generic[Inputs]):
    """One call.

    Attributes:
        caller: app, person, project and task, as the gateway vouches for them.
        inputs: validated.
        idempotency_key: the caller's, when it sent one: the same key is the same call, repeated.
        http: calls any other address.
        invoke: `await call.invoke("cmdb.search_host", {…})` answers that component's data. The component must be
            among `Component.invokes`, and the calling app needs a grant for it.
        business: `await call.business()` answers the `bk_biz_id` of the calling project, if there is one.
    """

    caller: SignedCaller
    inputs: Inputs
    idempotency_key: str | None
    http: Http
    invoke: Invoke
    business: Business


class Component(ABC, Generic[Inputs]):
    """A component: a class of its own, named by an entry point of the group `trunkline.components`.

    Attributes:
        inputs: the model its parameters are validated by.
        output: the type of what `handle` answers.
        scope: left empty, `<system>:read` or `<system>:write`.
        is_read: changes nothing.
        invokes: the components it may call, as `system.component`.
        seconds: how long it may take.
    """

    system: ClassVar[str]
    name: ClassVar[str]
    inputs: type[Inputs]
    output: ClassVar[Any] = Any
    title: ClassVar[Words]
    description: ClassVar[Words] = Words("", "")
    method: ClassVar[Literal["GET", "POST"]] = "POST"
    scope: ClassVar[str] = ""
    is_read: ClassVar[bool] = False
    invokes: ClassVar[tuple[str, ...]] = ()
    seconds: ClassVar[float] = 30.0

    @abstractmethod
    async def handle(self, call: CodedCall[Inputs]) -> Any:
        """Answers the data; raises ComponentError to refuse."""
