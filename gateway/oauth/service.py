"""Token requests from outside: who asks, read what the decision needs, decide, issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from gateway.oauth.client_authentication.authenticator import ClientAuthenticator
from gateway.oauth.errors import InvalidProof, Replayed
from gateway.oauth.form import read_form, tellable
from gateway.oauth.grants.grant import TokenGrant, TokenRequest
from gateway.oauth.server import TokenServer
from gateway.oauth.tokens.authorizations import Authorizations
from gateway.oauth.tokens.proofs import TokenProofs
from kernel.clock import Clock
from kernel.db.database import Database

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="trunkline"'}
_UNAUTHENTICATED = 401


@dataclass(frozen=True, slots=True)
class OAuthResponse:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class TokenService:
    """Args:
    grants: of the grant types that are offered.
    """

    def __init__(
        self,
        database: Database,
        authenticator: ClientAuthenticator,
        grants: Sequence[TokenGrant],
        authorizations: Authorizations,
        proofs: TokenProofs,
        clock: Clock,
    ) -> None:
        self._proofs = proofs
        self._database = database
        self._authorizations = authorizations
        self._authenticator = authenticator
        self._grants: dict[str, TokenGrant] = {grant.decider.GRANT_TYPE: grant for grant in grants}
        self._clock = clock

    async def answer(self, headers: Mapping[str, str], body: bytes) -> OAuthResponse:
        """The answer of the token endpoint (RFC 6749 §3.2, §5); it never raises for what a client sent."""
        try:
            form = read_form(headers.get("content-type", ""), body)
            told = OAuthResponse(200, await self._issue(form, headers, self._grant(form)), NO_STORE)
        except Replayed as error:
            await self._authorizations.end_replayed(error.authorization)
            told = refusal(error)
        except OAuth2Error as error:
            told = refusal(error)
        return OAuthResponse(told.status, told.body, {**told.headers, **self._proofs.headers()})

    async def _issue(self, form: dict[str, str], headers: Mapping[str, str], grant: TokenGrant) -> dict[str, Any]:
        proof = self._proofs.read(headers)
        thumbprint = proof.thumbprint if proof is not None else None
        async with self._database.reading() as session:
            client = await self._authenticator.authenticate(session, form, headers)
            if proof is None and client.settings.dpop_bound_access_tokens:
                raise InvalidProof(
                    f"The tokens of {client.app_code} are bound to a key; send a proof in the header DPoP"
                )
            request = TokenRequest(form, headers, client, self._clock.now(), thumbprint)
            material = await grant.read(session, request)
        decided = TokenServer(request, grant.decider, material).decide()
        if proof is not None:
            await self._proofs.take(proof)
        return await grant.issue(request, material, decided)

    def _grant(self, form: Mapping[str, str]) -> TokenGrant:
        grant_type = form.get("grant_type")
        if grant_type is None:
            raise InvalidRequestError("The parameter grant_type is missing")
        found = self._grants.get(grant_type)
        if found is None:
            raise OAuth2Error(
                f"The grant_type {tellable(grant_type)} is not offered; use {' or '.join(self._grants)}",
                error="unsupported_grant_type",
            )
        return found


def refusal(error: OAuth2Error) -> OAuthResponse:
    """As RFC 6749 §5.2 writes it."""
    body = {"error": error.error, "error_description": error.description or ""}
    if error.error == InvalidClientError.error:
        return OAuthResponse(_UNAUTHENTICATED, body, {**NO_STORE, **_CHALLENGE})
    return OAuthResponse(error.status_code, body, NO_STORE)
