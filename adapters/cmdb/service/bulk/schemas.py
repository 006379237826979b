"""What is asked and answered about several objects at once."""

from typing import Annotated

from pydantic import BaseModel, Field

from adapters.cmdb.service.answers import ModuleRecord, SetRecord
from adapters.cmdb.service.schemas import Asked, ModuleChange, ModuleData, NodeIds, OfBusiness, SetData

MOST = 200
HostAt = Annotated[str, Field(min_length=2, max_length=80, pattern=r"^(\d+:)?[0-9A-Fa-f:.]+$")]


class BatchCreateSet(OfBusiness):
    sets: list[SetData] = Field(min_length=1, max_length=MOST)


class BatchCreateModule(OfBusiness):
    bk_set_ids: Annotated[NodeIds, Field(min_length=1, max_length=MOST)]
    modules: list[ModuleData] = Field(min_length=1, max_length=MOST)


class BatchUpdateModule(OfBusiness):
    bk_module_ids: Annotated[NodeIds, Field(min_length=1, max_length=MOST)]
    data: ModuleChange


class TransferSetsToIdle(OfBusiness):
    bk_set_ids: Annotated[NodeIds, Field(min_length=1, max_length=MOST)]


class Replacement(Asked):
    cc_fault_ip: HostAt = Field(description="`10.0.0.1`, or `3:10.0.0.1` in cloud area 3.")
    cc_new_ip: HostAt


class ReplaceFaultHosts(OfBusiness):
    replacements: list[Replacement] = Field(min_length=1, max_length=MOST)
    copy_attributes: bool = Field(
        default=True, description="Operators, comment and custom attributes; not what the machine is."
    )


class MadeSets(BaseModel):
    bk_set_ids: list[int]
    info: list[SetRecord]


class MadeModules(BaseModel):
    bk_module_ids: list[int]
    info: list[ModuleRecord]


class ChangedModules(BaseModel):
    bk_module_ids: list[int]


class EmptiedSets(BaseModel):
    bk_set_ids: list[int]


class Replaced(BaseModel):
    bk_host_ids: list[int] = Field(description="Of the new hosts, in the order of the replacements.")
