"""Which hosts a choice comes to, whoever answers the inventory's components."""

from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.coded.component import CodedCall, Component
from gateway.coded.hosts.lookup import INVOKED, HostLookup
from gateway.wire.codes import ESB_NO_COMPONENT, INVALID_ARGS
from kernel.envelope import ComponentError
from kernel.host_addresses import split_addresses
from kernel.host_choices import (
    MOST_NAMED,
    ChosenHost,
    HostChoice,
    InventoryId,
    ResolvedHosts,
    TooManyHosts,
    answer_of,
    resolved,
)
from kernel.http.component_document import Words

SYSTEM: Final = "hosts"
_AT_ONCE: Final = "cmdb.resolve_hosts"


class ResolveHostsInputs(BaseModel):
    """One of `choice` and `addresses`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    bk_biz_id: InventoryId | None = Field(
        default=None, description="Every host must belong to it. Left out, hosts are looked for as the inventory can."
    )
    choice: HostChoice | None = Field(default=None, description="As variables of Standard OPS keep it.")
    addresses: Annotated[str, Field(max_length=100_000)] = Field(
        default="", description="`10.0.0.1, 3:10.0.0.2`, the second in cloud area 3; at most 500."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.choice is None) == (not self.addresses.strip()):
            raise ValueError("send either choice or addresses")
        named = split_addresses(self.addresses)
        if len(named) > MOST_NAMED:
            raise ValueError(f"addresses names more than {MOST_NAMED} hosts; name fewer")
        for area, address in named:
            _named(area, address)
        return self

    @property
    def chosen(self) -> HostChoice:
        if self.choice is not None:
            return self.choice
        return HostChoice(ip=[_named(area, address) for area, address in split_addresses(self.addresses)])


def _named(area: int, address: str) -> ChosenHost:
    """Raises ValueError: it is no address."""
    try:
        return ChosenHost(bk_host_innerip=address, bk_cloud_id=area)
    except ValidationError:
        shown = f"{area}:{address}" if area else address
        problem = f"addresses has {shown[:80]!r}, which is no address; write 10.0.0.1, or 3:10.0.0.1 in cloud area 3"
        raise ValueError(problem) from None


class ResolvedIds(ResolvedHosts):
    host_ids: list[int]


class ResolveHosts(Component[ResolveHostsInputs]):
    """Asks the inventory in one call where it can answer one, as the embedded one does, and in several elsewhere."""

    system = SYSTEM
    name = "resolve_hosts"
    title = Words("Which hosts a choice comes to", "解析主机选择")
    description = Words(
        "By address, place and dynamic group, or by addresses in one text; answered by the embedded inventory and by "
        "BK-CMDB alike.",
        "按 IP、拓扑节点与动态分组，或按一段文本中的 IP 解析主机；内置配置管理与 BK-CMDB 均可解析。",
    )
    inputs = ResolveHostsInputs
    output = ResolvedIds
    is_read = True
    invokes: ClassVar[tuple[str, ...]] = (_AT_ONCE, *INVOKED)
    seconds = 60.0

    async def handle(self, call: CodedCall[ResolveHostsInputs]) -> dict[str, Any]:
        answer = await self._answer(call)
        return {**answer, "host_ids": [host["bk_host_id"] for host in answer["hosts"]]}

    async def _answer(self, call: CodedCall[ResolveHostsInputs]) -> dict[str, Any]:
        choice, business = call.inputs.chosen, call.inputs.bk_biz_id
        asked = {"choice": choice.model_dump(mode="json")} | ({} if business is None else {"bk_biz_id": business})
        try:
            return dict(await call.invoke(_AT_ONCE, asked))
        except ComponentError as refused:
            if refused.code != ESB_NO_COMPONENT:
                raise
        lookup = HostLookup(call.invoke, business if business is not None else await call.business())
        try:
            return answer_of(choice, resolved(choice, await lookup.chosen(choice)))
        except TooManyHosts as problem:
            raise ComponentError(INVALID_ARGS.esb_code, f"choice: {problem}") from None
