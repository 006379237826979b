from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from kernel.http.field_problems import SaidView
from marketplace.advisories.schemas import AdvisoryView
from marketplace.package.manifest import LocalizedText, PluginKind, ScopeNeed


class PluginFormView(BaseModel):
    """JSON Forms' schema and UI schema, with the texts of other languages by key."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    data_schema: dict[str, Any] = Field(alias="schema")
    uischema: dict[str, Any] | None
    i18n: dict[str, dict[str, str]]


class Deprecation(BaseModel):
    """`replacement` is a plugin's code; from `ends_on` nobody should use the plugin any more."""

    replacement: str | None
    ends_on: date | None
    message: str


class Yank(BaseModel):
    """Why nobody installs a version any more."""

    message: str
    by: str
    at: datetime


class KeptCheck(BaseModel):
    name: str
    result: str


class PluginChangeView(BaseModel):
    """`breaks`: whoever relies on the older version may fail."""

    place: str
    what: SaidView
    breaks: bool


class VersionChangesView(BaseModel):
    """What sets a version apart from another one; `new_components` are called from then on, `changelog` is of the
    versions between.
    """

    added_scopes: list[ScopeNeed]
    removed_scopes: list[str]
    new_components: list[str]
    changes: list[PluginChangeView]
    changelog: str


class PluginVersionView(BaseModel):
    """Attributes:
    signers: the public keys whose signatures it bears.
    screenshots: names below `…/screenshots/`.
    requires: the range of this product's versions it asks for.
    checks: what its publication checked; empty where that was not kept.
    advisories: those that hold for it now.
    """

    code: str
    version: str
    digest: str
    name: LocalizedText
    description: LocalizedText
    kind: PluginKind
    publisher: str
    tags: list[str]
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    form: PluginFormView
    scopes: list[ScopeNeed]
    components: list[str]
    readme: str
    changelog: str
    published_at: datetime
    published_by: str
    channel: str
    yank: Yank | None
    deprecation: Deprecation | None
    signers: list[str]
    downloads: int
    screenshots: list[str]
    requires: str | None
    checks: list[KeptCheck]
    advisories: list[AdvisoryView]
