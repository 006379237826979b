"""Calls from one component to another: through the gateway, with the rights of whoever called."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from gateway.coded.component import Http
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from gateway.snapshot.model.matching import is_parameter, segments_of
from kernel.contracts.components import ComponentDirectory
from kernel.db.database import Database
from kernel.envelope import ComponentError
from kernel.http.signed_only import SignedCaller

NOT_DECLARED = 1306403
UNKNOWN = 1306404
FAILED = 1306201

_TOKEN_SECONDS = 60
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})
_GOOD = 400


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a component, with a token for it alone; `path` is a template."""

    method: str
    system: str
    path: str
    token: str


class GatewayRoutes:
    """Finds components and makes tokens for them; works in the event loop of the database."""

    def __init__(
        self, database: Database, directory: ComponentDirectory, keyring: SigningKeyring, issuer: AccessTokenIssuer
    ) -> None:
        self._database = database
        self._directory = directory
        self._keyring = keyring
        self._issuer = issuer

    async def find(self, target: str, caller: SignedCaller) -> Route:
        """The way to `system.component`, with a token of the calling app.

        The app's grant decides at the gateway, as for any other call. Raises ComponentError.
        """
        system, _, name = target.partition(".")
        async with self._database.reading() as session:
            found = await self._directory.find(session, system, name)
            if found is None:
                raise ComponentError(UNKNOWN, f"there is no component {target}")
            signer = await self._keyring.signer(session)
        claims: dict[str, Any] = {"act": {"sub": caller.user}} if caller.user else {}
        claims |= {"project_id": caller.project} if caller.project else {}
        claims |= {"task_id": caller.task} if caller.task else {}
        token = self._issuer.issue(
            signer,
            app_code=caller.app,
            scopes=[f"{found.system}.{found.name}"],
            seconds=_TOKEN_SECONDS,
            claims=claims,
        )
        return Route(found.method, found.system, found.path, token.value)


async def invoke(
    http: Http,
    gateway_url: str,
    route: Route,
    inputs: Mapping[str, Any],
    request_id: str,
    seconds: float,
    *,
    idempotency_key: str = "",
) -> Any:
    """The component's data. Inputs fill its path first; the rest is its query, or its JSON body.

    Raises:
        ComponentError: as the component refused, or the gateway.
    """
    method, system = route.method, route.system
    rest = dict(inputs)
    segments = [
        quote(str(rest.pop(segment[1:-1], "")), safe="") if is_parameter(segment) else segment
        for segment in segments_of(route.path)
    ]
    url = f"{gateway_url.rstrip('/')}/api/{system}/prod/{'/'.join(segments)}"
    headers = {"authorization": f"Bearer {route.token}", "x-request-id": request_id}
    if idempotency_key:
        headers["idempotency-key"] = idempotency_key
    if method in _BODILESS:
        url += f"?{urlencode(rest, doseq=True)}" if rest else ""
        answer = await http.request(method, url, headers=headers, seconds=seconds)
    else:
        sent = "POST" if method == "ANY" else method
        answer = await http.request(sent, url, headers=headers, json=rest, seconds=seconds)
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise ComponentError(FAILED, f"{system} answered {answer.status} and no JSON") from None
    if isinstance(value, dict) and value.get("result") is False:
        raise ComponentError(int(value.get("code") or FAILED), f"{system}: {value.get('message')}")
    if answer.status >= _GOOD:
        raise ComponentError(FAILED, f"{system} answered {answer.status}")
    return value["data"] if isinstance(value, dict) and value.get("result") is True and "data" in value else value
