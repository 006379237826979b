"""Reading secrets of HashiCorp Vault, OpenBao, or what speaks their HTTP API (key-value engine, versions 1 and 2)."""

import re
from typing import Any, Final

import httpx
from pydantic import SecretStr

from kernel.secret_sources.errors import SecretUnavailable

_PATH: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._~-]*)+")
_SECONDS: Final = 5.0
_LONGEST_ANSWER: Final = 256 * 1024
_HINTS: Final = {
    403: "the token may not read it",
    404: "there is none at this path",
    503: "the server is sealed or in maintenance",
}


class VaultReader:
    """Attributes of a secret are read anew each time; whoever needs one often keeps it sealed."""

    def __init__(
        self,
        url: str,
        token: SecretStr,
        namespace: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._namespace = namespace
        self._transport = transport

    async def read(self, path: str, field: str) -> bytes:
        """Raises SecretUnavailable; what it says holds neither the token nor any secret."""
        if not self._url:
            raise SecretUnavailable("no Vault server is configured; set TRUNKLINE_VAULT_URL and TRUNKLINE_VAULT_TOKEN")
        if _PATH.fullmatch(path) is None:
            raise SecretUnavailable(f"{path} is no path below /v1/, like secret/data/team/db")
        values = _values(await self._get(path))
        value = values.get(field)
        if not isinstance(value, str):
            raise SecretUnavailable(f"the secret at {path} has no text in the field {field}")
        return value.encode()

    async def _get(self, path: str) -> Any:
        headers = {"X-Vault-Token": self._token.get_secret_value(), "X-Vault-Request": "true"}
        if self._namespace:
            headers["X-Vault-Namespace"] = self._namespace
        try:
            async with (
                httpx.AsyncClient(timeout=_SECONDS, transport=self._transport) as client,
                client.stream("GET", f"{self._url}/v1/{path}", headers=headers) as answer,
            ):
                body = b""
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > _LONGEST_ANSWER:
                        raise SecretUnavailable("the Vault server's answer is too long")
        except httpx.HTTPError as error:
            reason = f"the Vault server can't be reached: {type(error).__name__}"
            raise SecretUnavailable(reason, temporary=True) from error
        if answer.status_code != httpx.codes.OK:
            hint = _HINTS.get(answer.status_code, "see the server's own log")
            raise SecretUnavailable(
                f"the Vault server answers {answer.status_code} for {path}: {hint}",
                temporary=answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR,
            )
        try:
            return httpx.Response(200, content=body).json()
        except (ValueError, RecursionError) as error:
            raise SecretUnavailable("the Vault server's answer is not JSON") from error


def _values(document: Any) -> dict[str, Any]:
    data = document.get("data") if isinstance(document, dict) else None
    if isinstance(data, dict) and isinstance(data.get("data"), dict) and isinstance(data.get("metadata"), dict):
        data = data["data"]
    if not isinstance(data, dict):
        raise SecretUnavailable("the Vault server's answer holds no secret")
    return data
