from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from marketplace.versions.schemas import Deprecation


class InstallBody(BaseModel):
    """`consent_scopes` must be exactly the scopes the version asks for."""

    model_config = ConfigDict(extra="forbid")

    plugin: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
    consent_scopes: Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=100)]


class InstallGrantView(BaseModel):
    """A grant of the project's service app behind an install; `component` null means the whole system."""

    id: str
    app_code: str
    system: str
    component: str | None
    state: str
    expires_at: datetime | None


class InstallView(BaseModel):
    """`newest` is the highest published version, where it is above this one; `refusal` says why the plugin may not run
    at present; of a `pinned` one no further version is installed; `yanked` is what was said when the version was
    withdrawn from new use, and null where it was not.
    """

    plugin: str
    version: str
    scopes: list[str]
    installed_by: str
    installed_at: datetime
    grants: list[InstallGrantView]
    newest: str | None
    refusal: str | None
    pinned: bool
    yanked: str | None
    deprecation: Deprecation | None
