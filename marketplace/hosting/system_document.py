"""OpenAPI of the system by which the gateway reaches hosted plugins (reference bk-plugin-protocol §1)."""

from typing import Any, Final

from marketplace.package.manifest import CANCEL, DISPATCH, HOSTED_SYSTEM, INVOKE, LOGS, SCHEDULE

_BASE: Final = "/{plugin}/{release}/bk_plugin"
_SECONDS: Final = 120
_SCOPE: Final = f"{HOSTED_SYSTEM}:run"
_EXTENSION: Final = "x-bk-apigateway-resource"


def system_document() -> dict[str, Any]:
    """Which plugin and release is meant stands in the path. That a project has installed it is all a call needs."""
    paths = {
        f"{_BASE}/invoke/{{version}}": {"post": _operation(INVOKE, "Begin a run", "version", sends=True)},
        f"{_BASE}/schedule/{{trace_id}}": {"get": _operation(SCHEDULE, "How a run stands", "trace_id")},
        f"{_BASE}/cancel/{{trace_id}}": {
            "post": _operation(CANCEL, "End a run that is wanted no more", "trace_id", sends=True)
        },
        f"{_BASE}/logs/{{trace_id}}": {"get": _operation(LOGS, "What a run has logged", "trace_id")},
        f"{_BASE}/plugin_api_dispatch/": {
            "post": _operation(DISPATCH, "Data for its form", sends=True) | {"x-trunkline-read": True}
        },
        f"{_BASE}/callback/{{token}}/": {
            "post": _operation("callback", "Go on with a run that waits; who has the address may", "token", sends=True,
                               app_required=False)
        },
    }  # fmt: skip
    flows = {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {_SCOPE: "Run hosted plugins"}}}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Hosted plugins",
            "version": "1.0.0",
            "description": "Plugins in Python that this installation runs itself. Kept by the platform.",
        },
        "components": {"securitySchemes": {"oauth2": {"type": "oauth2", "flows": flows}}},
        "paths": paths,
    }


def _operation(name: str, summary: str, *own: str, sends: bool = False, app_required: bool = True) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "security": [{"oauth2": [_SCOPE]}],
        "parameters": [
            {"name": part, "in": "path", "required": True, "schema": {"type": "string"}}
            for part in ("plugin", "release", *own)
        ],
        "responses": {
            "200": {"description": "The protocol's envelope", "content": {"application/json": {"schema": {}}}}
        },
        _EXTENSION: {
            "isPublic": False,
            "allowApplyPermission": False,
            "backend": {"timeout": _SECONDS},
            "authConfig": {
                "appVerifiedRequired": app_required,
                "userVerifiedRequired": False,
                "resourcePermissionRequired": False,
            },
        },
    }
    body = {"required": True, "content": {"application/json": {"schema": {}}}}
    return shown | {"requestBody": body} if sends else shown
