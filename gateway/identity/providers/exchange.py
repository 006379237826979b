"""The two requests of a sign-in (OpenID Connect Core §3.1, RFC 7636): to the provider's page, and for its tokens."""

import base64
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from gateway.identity.providers.attempts import Attempt
from gateway.identity.providers.discovery import Metadata
from gateway.identity.providers.models import IdentityProvider
from kernel.oidc.provider_http import ProviderHttp, ProviderUnusable

_FORM: Final = (b"content-type", b"application/x-www-form-urlencoded")
_GOOD: Final = 200


def authorization_address(provider: IdentityProvider, metadata: Metadata, attempt: Attempt, redirect_uri: str) -> str:
    address: str = prepare_grant_uri(
        metadata.authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=" ".join(provider.scopes),
        state=attempt.state,
        nonce=attempt.nonce,
        code_challenge=create_s256_code_challenge(attempt.code_verifier),
        code_challenge_method="S256",
    )
    return address


async def fetch_tokens(
    http: ProviderHttp,
    provider: IdentityProvider,
    client_secret: str | None,
    metadata: Metadata,
    attempt: Attempt,
    code: str,
    redirect_uri: str,
) -> tuple[str, str | None]:
    """ID token and access token; raises ProviderUnusable."""
    parameters = {"code": code, "code_verifier": attempt.code_verifier}
    headers = [_FORM]
    if client_secret is None:
        parameters["client_id"] = provider.client_id
    elif "client_secret_basic" in metadata.token_auth_methods or not metadata.token_auth_methods:
        headers.append((b"authorization", _basic(provider.client_id, client_secret)))
    else:
        parameters |= {"client_id": provider.client_id, "client_secret": client_secret}
    body: str = prepare_token_request("authorization_code", redirect_uri=redirect_uri, **parameters)
    status, answer = await http.request("POST", metadata.token_endpoint, headers, body.encode())
    if status != _GOOD or not isinstance(answer, dict):
        error = answer.get("error") if isinstance(answer, dict) else None
        raise ProviderUnusable(f"it gave no tokens: {status} {str(error or '')[:100]}".rstrip())
    id_token, access_token = answer.get("id_token"), answer.get("access_token")
    if not isinstance(id_token, str):
        raise ProviderUnusable("it gave no ID token")
    is_bearer = str(answer.get("token_type", "")).lower() == "bearer"
    return id_token, access_token if isinstance(access_token, str) and is_bearer else None


async def with_userinfo(
    http: ProviderHttp, metadata: Metadata, access_token: str | None, claims: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The claims, and what the userinfo endpoint adds to them, if it speaks of the same subject (Core §5.3.2)."""
    if metadata.userinfo_endpoint is None or access_token is None or not access_token.isascii():
        return claims
    bearer = (b"authorization", b"Bearer " + access_token.encode())
    status, told = await http.request("GET", metadata.userinfo_endpoint, [bearer])
    if status != _GOOD or not isinstance(told, dict):
        return claims
    if told.get("sub") != claims["sub"]:
        raise ProviderUnusable("its userinfo speaks of somebody else")
    return {**told, **claims}


def _basic(client_id: str, client_secret: str) -> bytes:
    """RFC 6749 §2.3.1: both encoded as in a form first."""
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    return b"Basic " + base64.b64encode(pair.encode())
