"""The ways in which clients prove who they are, wired."""

from typing import Final

from gateway.oauth.client_authentication.authenticator import SECRETS, ClientAuthenticator
from gateway.oauth.client_authentication.client_keys import ClientKeys
from gateway.oauth.client_authentication.private_key_jwt import PrivateKeyJwt
from gateway.oauth.clients.settings import PRIVATE_KEY_JWT
from gateway.registry.importers.fetcher import DocumentFetcher
from kernel.http.nonces import DatabaseNonces
from kernel.services import KernelServices

_LONGEST_JWKS: Final = 64 * 1024


def client_authenticator(kernel: KernelServices, issuer: str) -> ClientAuthenticator:
    """Args:
    issuer: what assertions must be made for.
    """
    fetcher = DocumentFetcher(kernel.settings.allowed_upstream_origins, _LONGEST_JWKS)
    seen = DatabaseNonces(kernel.database, kernel.clock)
    assertions = PrivateKeyJwt(issuer, ClientKeys(fetcher.fetch), seen, kernel.clock)
    return ClientAuthenticator({**SECRETS, PRIVATE_KEY_JWT: assertions.verify}, {PRIVATE_KEY_JWT: assertions.check})
