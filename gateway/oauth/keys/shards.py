"""What the data plane is told about tokens."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.trusted_gateways.repository import trusted_gateways
from gateway.oauth.keys.keyring import SigningKeyring


async def keys_document(session: AsyncSession, keyring: SigningKeyring, issuer: str) -> dict[str, Any]:
    keys = await keyring.public_keys(session)
    return {
        "kind": "keys",
        "issuer": issuer,
        "audience": issuer,
        "keys": [{"kid": key.kid, "alg": key.alg, "public_key": key.public_key} for key in keys],
        "trusted_gateways": [
            {"kid": gateway.kid, "alg": "RS512", "public_key": gateway.public_key}
            for gateway in await trusted_gateways(session)
        ],
    }
