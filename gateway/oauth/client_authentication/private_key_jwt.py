"""Clients that prove themselves by signing an assertion (RFC 7523 §2.2, RFC 7521 §4.2)."""

import hashlib

from authlib.oauth2.rfc6749.errors import InvalidClientError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.client_authentication.assertions import Assertion, read_assertion
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.client_authentication.client_keys import ClientKeys, Keys
from gateway.oauth.client_authentication.naming import ClientClaim
from gateway.oauth.form import tellable
from kernel.clock import Clock
from kernel.http.nonces import NonceStore
from kernel.signing import jwk, jws
from kernel.signing.errors import TokenInvalid
from kernel.signing.keys import VerifyingKey

_ASSERTIONS = "oauth client assertion"


class PrivateKeyJwt:
    """Args:
    seen: remembers assertions for all processes, so that none is taken twice.
    """

    def __init__(self, issuer: str, keys: ClientKeys, seen: NonceStore, clock: Clock) -> None:
        self._issuer = issuer
        self._keys = keys
        self._seen = seen
        self._clock = clock

    def check(self, claim: ClientClaim) -> None:
        """Raises InvalidClientError for an assertion that nobody's signature could make good."""
        self._read(claim)

    async def verify(self, session: AsyncSession, client: OAuthClient, claim: ClientClaim) -> bool:
        """Whether one of the client's keys signed the assertion, and it comes for the first time."""
        assertion = self._read(claim)
        # Keys may have to be fetched: no connection of the database waits for somebody else's server.
        await session.close()
        if not await self._is_signed(client, claim.proof, assertion):
            return False
        name = hashlib.sha256(f"{client.app_code} {assertion.assertion_id}".encode()).hexdigest()
        now = self._clock.now().timestamp()
        return await self._seen.take(_ASSERTIONS, name, now, assertion.expires_at)

    def _read(self, claim: ClientClaim) -> Assertion:
        try:
            return read_assertion(claim.proof, issuer=self._issuer, now=self._clock.now().timestamp())
        except TokenInvalid as error:
            raise InvalidClientError(f"The client_assertion does not hold: {tellable(str(error))}") from error

    async def _is_signed(self, client: OAuthClient, proof: str, assertion: Assertion) -> bool:
        if _signed_by_one(proof, assertion, await self._keys.of(client.settings)):
            return True
        return _signed_by_one(proof, assertion, await self._keys.of(client.settings, afresh=True))


def _signed_by_one(proof: str, assertion: Assertion, keys: Keys) -> bool:
    return any(_is_signed_by(proof, key) for key in _fitting(assertion, keys))


def _fitting(assertion: Assertion, keys: Keys) -> list[VerifyingKey]:
    fitting: list[VerifyingKey] = []
    for key in keys:
        if assertion.key_id is not None and key.get("kid") != assertion.key_id:
            continue
        if key.get("use", "sig") != "sig" or key.get("alg", assertion.alg) != assertion.alg:
            continue
        try:
            fitting.append(jwk.verifying_key(key, assertion.alg, jwk.ALL))
        except TokenInvalid:
            continue
    return fitting


def _is_signed_by(proof: str, key: VerifyingKey) -> bool:
    try:
        jws.decode_with(proof, lambda _header: key)
    except TokenInvalid:
        return False
    return True
