from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.fields import Input, Time, View
from gateway.snapshot.schemas import LiveView


class PolicyInput(Input):
    """Attributes:
    kind: one of `GET /v1/policy-kinds`.
    config: by that kind's schema.
    """

    kind: Annotated[str, Field(max_length=32)]
    config: dict[str, Any]


class PutPolicies(Input):
    """Attributes:
    policies: the whole list; what isn't in it no longer stands.
    version: what the list was read at; left out, whatever stands now is replaced.
    """

    policies: Annotated[list[PolicyInput], Field(max_length=50)]
    version: Annotated[int | None, Field(ge=0)] = None


class PolicyView(View):
    kind: str
    config: dict[str, Any]


class EnforcementView(View):
    """How limits count in this installation.

    Attributes:
        processes: that serve calls now.
        rate_limits: `exact`; `shared-out`: each process admits its part of a limit, the parts add up to it.
        concurrency_limits: likewise.
    """

    processes: int
    rate_limits: Literal["exact", "shared-out"]
    concurrency_limits: Literal["exact", "shared-out"]


class PoliciesView(View):
    """Attributes:
    version: 0 where nothing was ever laid down.
    """

    policies: list[PolicyView]
    version: int
    updated_by: str | None
    updated_at: Time | None
    enforcement: EnforcementView


class ChangedPolicies(PoliciesView, LiveView):
    pass


class PolicyKindView(View):
    """Attributes:
    levels: where it may stand.
    is_cumulative: it holds at every place where it stands; of other kinds the most specific place's alone holds.
    config_schema: JSON Schema (2020-12) of its configuration.
    """

    name: str
    summary: str
    levels: list[str]
    is_cumulative: bool
    config_schema: dict[str, Any]
