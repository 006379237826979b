"""What identity providers that people sign in with publish of themselves."""

from dataclasses import dataclass
from typing import Any

from joserfc.jwk import KeySet

from kernel.oidc.documents import IssuerDocuments, address_in
from kernel.oidc.provider_http import ProviderHttp


@dataclass(frozen=True, slots=True)
class Metadata:
    """Attributes:
    sends_issuer: whether its answers say from whom they are (RFC 9207).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    token_auth_methods: tuple[str, ...]
    sends_issuer: bool


class ProviderDocuments:
    """See `IssuerDocuments`."""

    def __init__(self, http: ProviderHttp) -> None:
        self._documents = IssuerDocuments(http)

    async def metadata(self, issuer: str) -> Metadata:
        """Raises ProviderUnusable."""
        return read_metadata(await self._documents.configuration(issuer), issuer)

    async def keys(self, metadata: Metadata, *, renewed: bool = False) -> KeySet:
        """The provider's keys; see `IssuerDocuments.keys`."""
        return await self._documents.keys(metadata.jwks_uri, renewed=renewed)


def read_metadata(document: dict[str, Any], issuer: str) -> Metadata:
    """Raises ProviderUnusable."""
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        issuer=issuer,
        authorization_endpoint=address_in(document, "authorization_endpoint", issuer),
        token_endpoint=address_in(document, "token_endpoint", issuer),
        jwks_uri=address_in(document, "jwks_uri", issuer),
        userinfo_endpoint=address_in(document, "userinfo_endpoint", issuer)
        if "userinfo_endpoint" in document
        else None,
        end_session_endpoint=address_in(document, "end_session_endpoint", issuer)
        if "end_session_endpoint" in document
        else None,
        token_auth_methods=tuple(str(method) for method in methods) if isinstance(methods, list) else (),
        sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )
