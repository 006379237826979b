"""What all components of Standard OPS are asked."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST = 2**53
"""Numbers beyond this are none to clients that reckon with floats."""

Number = Annotated[int, Field(ge=1, le=MOST)]
Flag = bool
Project = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        coerce_numbers_to_str=True,
        description="Id of a CMDB business; with `scope` `project` number or code of a project.",
    ),
]


class Asked(BaseModel):
    """Parameters: what a component doesn't know it passes over, since clients send their credentials here too."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class InProject(Asked):
    bk_biz_id: Project
    scope: Literal["cmdb_biz", "project"] = "cmdb_biz"
