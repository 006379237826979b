from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.fields import ComponentName, Input, Line, Markdown, SystemName, Text, Username, View
from gateway.registry.stages.schemas import StageView
from gateway.snapshot.schemas import LiveView
from kernel.yaml_text import LONGEST

Signing = Literal["http-message-signature", "jwt", "none"]


Url = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]
Aliases = Annotated[list[SystemName], Field(max_length=8)]
TemplateVariable = Annotated[str, StringConstraints(pattern=r"^(settings|environ)\.[A-Za-z_][A-Za-z0-9_]{0,99}$")]
TemplateValue = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)]


class NewSystem(Input):
    """Attributes:
    upstream_url: where stage `prod` forwards to; left out where all components answer by themselves (`mock`).
    aliases: other names of the system in addresses, e.g. BlueKing's.
    """

    name: SystemName
    upstream_url: Url | None = None
    title: Line = ""
    description: Text = ""
    aliases: Annotated[Aliases, Field(default_factory=list)]
    signing: Signing = "http-message-signature"
    envelope: bool = False
    owner: Username | None = None


class ImportSystem(Input):
    """Attributes:
    document: OpenAPI 3.0 or 3.1, or Swagger 2; its paths are taken below `upstream_url`. Or send `document_text`, JSON
        or YAML, or `document_url`.
    variables: what `{{ settings.NAME }}` and `{{ environ.NAME }}` in a text stand for.
    docs: Markdown by language and component.
    upstream_url: where stage `prod` forwards to; left out, where it does already.
    aliases: other names of the system in addresses, e.g. BlueKing's.
    release: false only fills the draft. keep_others: components the document doesn't name stay in the draft.
    """

    document: dict[str, Any] | None = None
    document_text: Annotated[str, Field(max_length=LONGEST)] | None = None
    document_url: Url | None = None
    variables: Annotated[dict[TemplateVariable, TemplateValue], Field(default_factory=dict, max_length=200)]
    docs: Annotated[dict[Literal["zh", "en"], dict[ComponentName, Markdown]], Field(default_factory=dict)]
    name: SystemName
    upstream_url: Url | None = None
    aliases: Aliases | None = None
    signing: Signing | None = None
    envelope: bool | None = None
    owner: Username | None = None
    release: bool = True
    keep_others: bool = False

    @model_validator(mode="after")
    def _has_one_document(self) -> Self:
        given = [self.document is not None, self.document_text is not None, self.document_url is not None]
        if given.count(True) != 1:
            raise ValueError("send one of document, document_text and document_url")
        return self


class NoteView(View):
    """What a document asks for that was not done."""

    field: str
    problem: str
    remedy: str


class ImportedSystem(LiveView):
    """Attributes:
    release: what the stage serves now; empty when nothing was released yet.
    """

    system: str
    release: str
    stage: str
    components: int
    notes: list[NoteView]


class VerificationKeyView(View):
    """Attributes:
    secret: base64 of the HMAC-SHA256 key that `http-message-signature` is made with; keep it as you keep passwords.
    public_key: PEM; what `jwt` is verified with.
    """

    profile: str
    key_id: str
    secret: str | None
    public_key: str | None


class SystemView(View):
    """Attributes:
    components_count: of the release on stage `prod`.
    """

    name: str
    title: str
    description: str
    aliases: list[str]
    owner: str
    stages: list[StageView]
    components_count: int


class CreatedSystem(SystemView, LiveView):
    pass


class ComponentView(View):
    """Attributes:
    scopes: all needed, or `system.component` alone.
    request_schema: of the JSON body.
    parameters: outside the body: name, in, required, schema, description.
    texts: by language, `zh` and `en`: title, description, doc.
    allow_apply: grants may be applied for.
    """

    name: str
    method: str
    path: str
    title: str
    description: str
    scopes: list[str]
    is_read: bool
    parameters: list[dict[str, Any]]
    path_parameters: list[str]
    query_parameters: list[str]
    request_schema: dict[str, Any] | None
    response_schema: dict[str, Any] | None
    labels: list[str]
    texts: dict[str, dict[str, str]]
    user_required: bool
    is_public: bool
    allow_apply: bool
