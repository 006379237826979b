"""Clients that prove themselves by a secret (RFC 6749 §2.3.1), and those that have none."""

import hmac

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import secrets_of
from gateway.credentials import digest
from gateway.oauth.client_authentication.client import OAuthClient
from gateway.oauth.client_authentication.naming import ClientClaim


async def verify_secret(session: AsyncSession, client: OAuthClient, claim: ClientClaim) -> bool:
    """Whether it is one of the app's secrets; compares all of them in constant time."""
    sent = digest(claim.proof)
    kept = [secret.sha256 for secret in await secrets_of(session, client.app_code)]
    return any([hmac.compare_digest(sent, each) for each in kept])  # noqa: C419  all are compared


async def verify_nothing(_session: AsyncSession, _client: OAuthClient, _claim: ClientClaim) -> bool:
    """A public client is only named."""
    return True
