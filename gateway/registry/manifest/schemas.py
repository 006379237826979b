"""A system as a document: what an export writes and an apply makes so."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, Field

from gateway.fields import ComponentName, Input, Line, Markdown, ReleaseVersion, StageName, SystemName, Text, Username
from gateway.policies.schemas import PolicyInput
from gateway.registry.drafts.schemas import NamedComponent
from gateway.registry.schemas import NoteView, TemplateValue, TemplateVariable
from gateway.registry.signing.profiles import SECRET_FIELDS
from gateway.registry.signing.schemas import MessageSignatureSigning, SigningSettings
from gateway.registry.stages.schemas import Apps, Share, Variables
from gateway.registry.upstreams.schemas import UPSTREAM_NAME, UpstreamSettings
from gateway.snapshot.schemas import LiveView
from kernel.yaml_text import LONGEST

FORMAT: Final = "trunkline.system/1"

Components = Annotated[list[NamedComponent], Field(max_length=20_000)]
Policies = Annotated[list[PolicyInput], Field(max_length=50)]
UpstreamName = Annotated[str, Field(pattern=UPSTREAM_NAME)]


class ReleaseManifest(Input):
    """A release in full: made here when it isn't here yet. Releases never change."""

    version: ReleaseVersion
    comment: Annotated[Line, Field(max_length=500)] = ""
    forced_because: Annotated[Line, Field(max_length=500)] = ""
    components: Components


class CanaryManifest(Input):
    release: ReleaseVersion
    share: Share = 0
    apps: Apps = Field(default_factory=list)


def _without_secret(signing: SigningSettings) -> SigningSettings:
    if set(SECRET_FIELDS.values()) & signing.model_fields_set:
        raise ValueError("a document holds no secret; set it by PUT …/signing")
    return signing


SigningManifest = Annotated[SigningSettings, AfterValidator(_without_secret)]
"""Secrets are in no document: a profile that sends one keeps the one that is there."""


def _without_key(upstream: UpstreamSettings) -> UpstreamSettings:
    if upstream.tls is not None and upstream.tls.private_key is not None:
        raise ValueError("a document holds no secret; set certificate and key by PUT …/upstreams")
    return upstream


UpstreamManifest = Annotated[UpstreamSettings, AfterValidator(_without_key)]


class StageManifest(Input):
    """Attributes:
    release: what the stage serves. A version that is neither here nor in `releases` is made of `components`.
    """

    name: StageName
    release: ReleaseVersion | None = None
    canary: CanaryManifest | None = None
    envelope: bool = False
    validate_requests: bool = True
    variables: Variables = Field(default_factory=dict)
    signing: SigningManifest = MessageSignatureSigning(profile="http-message-signature")
    upstreams: Annotated[dict[UpstreamName, UpstreamManifest], Field(max_length=32)]
    policies: Policies = Field(default_factory=list)


class SystemManifest(Input):
    """Attributes:
    owner: left out, whoever owns it goes on to, or whoever applies it does.
    components: the draft, of which the next release is made.
    """

    format: Literal["trunkline.system/1"] = FORMAT
    name: SystemName
    title: Line = ""
    description: Text = ""
    owner: Username | None = None
    aliases: Annotated[list[SystemName], Field(max_length=8)] = Field(default_factory=list)
    policies: Policies = Field(default_factory=list)
    components: Components = Field(default_factory=list)
    releases: Annotated[list[ReleaseManifest], Field(max_length=100)] = Field(default_factory=list)
    stages: Annotated[list[StageManifest], Field(min_length=1, max_length=20)]


class BluekingFiles(Input):
    """Attributes:
    definition, resources: the texts of `definition.yaml` and `resources.yaml`.
    variables: what `{{ settings.NAME }}` and `{{ environ.NAME }}` in them stand for.
    docs: Markdown by language and resource.
    """

    name: SystemName
    definition: Annotated[str, Field(max_length=2_000_000)]
    resources: Annotated[str, Field(max_length=LONGEST)]
    variables: Annotated[dict[TemplateVariable, TemplateValue], Field(default_factory=dict, max_length=200)]
    docs: Annotated[dict[Literal["zh", "en"], dict[ComponentName, Markdown]], Field(default_factory=dict)]


class GrantOfFile(BaseModel):
    """Attributes:
    components: none for the whole system.
    """

    app_code: str
    components: list[str] | None


class BluekingDocument(BaseModel):
    """Attributes:
    document: what `:plan` and `:apply` take.
    grants: what the files give to apps: apply for them, an apply makes none.
    notes: what the files ask for that the document doesn't say.
    """

    document: dict[str, Any]
    grants: list[GrantOfFile]
    notes: list[NoteView]


class ChangeView(BaseModel):
    """Attributes:
    details: what of it, a line each.
    """

    action: Literal["create", "change", "remove"]
    what: str
    name: str
    details: list[str]


class PlanView(BaseModel):
    changes: list[ChangeView]


class AppliedView(PlanView, LiveView):
    pass


def plain(model: BaseModel) -> dict[str, Any]:
    """As it was written: names of the document, nothing that was left out."""
    return model.model_dump(by_alias=True, exclude_unset=True, mode="json")
