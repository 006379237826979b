from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.fields import Input, SystemName, Username, View
from gateway.registry.stages.schemas import StageView
from gateway.snapshot.schemas import LiveView

Signing = Literal["http-message-signature", "jwt", "none"]


class ImportSystem(Input):
    """Attributes:
    document: an OpenAPI 3.0 or 3.1 document; its paths are taken below `upstream_url`.
    aliases: other names of the system in addresses, e.g. BlueKing's.
    """

    document: dict[str, Any]
    name: SystemName
    upstream_url: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]
    aliases: Annotated[list[SystemName], Field(max_length=8)] | None = None
    signing: Signing | None = None
    envelope: bool | None = None
    owner: Username | None = None


class ImportedSystem(LiveView):
    system: str
    release: str
    stage: str
    components: int


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


class ComponentView(View):
    """Attributes:
    scopes: all needed, or `system.component` alone.
    request_schema: of the JSON body.
    parameters: outside the body: name, in, required, schema, description.
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
