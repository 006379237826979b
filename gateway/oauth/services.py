"""The authorization server's services, wired."""

from datetime import timedelta

from gateway.access.apps.service import AppService
from gateway.oauth.authorization.checking import RequestChecker
from gateway.oauth.authorization.codes import Codes
from gateway.oauth.authorization.consents import Consents
from gateway.oauth.authorization.pending import PendingRequests
from gateway.oauth.authorization.service import AuthorizationService
from gateway.oauth.client_authentication.wiring import client_authenticator
from gateway.oauth.client_endpoint import ClientEndpoint
from gateway.oauth.clients.service import ClientService
from gateway.oauth.device.service import DeviceService
from gateway.oauth.documents import PublicDocuments
from gateway.oauth.exchanges.service import ExchangePermissionService
from gateway.oauth.grants.authorization_code import AuthorizationCodeGrant
from gateway.oauth.grants.client_credentials import ClientCredentialsGrant
from gateway.oauth.grants.device_code import DeviceCodeGrant
from gateway.oauth.grants.refresh_token import RefreshTokenGrant
from gateway.oauth.grants.token_exchange import TokenExchangeGrant
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.oidc.id_tokens import IdTokenIssuer
from gateway.oauth.oidc.logout import Logout
from gateway.oauth.oidc.userinfo import UserInfo
from gateway.oauth.registration.initial_tokens import InitialTokens
from gateway.oauth.registration.service import RegistrationService
from gateway.oauth.resources import Resources
from gateway.oauth.service import TokenService
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from gateway.oauth.tokens.authorizations import Authorizations
from gateway.oauth.tokens.introspection import Introspection
from gateway.oauth.tokens.possession import Possession
from gateway.oauth.tokens.proofs import TokenProofs
from gateway.oauth.tokens.revocation import TokenRevocation
from gateway.oauth.tokens.revocations import Revocations
from gateway.oauth.tokens.token_sets import TokenSets
from gateway.snapshot.live import LiveWatch
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.components import ComponentDirectory
from kernel.http.nonces import DatabaseNonces
from kernel.services import KernelServices
from kernel.signing.dpop_nonce import ServerNonces


class OAuthServices:
    """Attributes:
    tokens: the token endpoint.
    authorization: the authorization endpoint.
    dpop_nonces: what DPoP proofs must carry, at the data plane too; `None` where they need none.
    possession: of the keys that tokens are bound to, at resources off the hot road.
    authorizations: what people allowed apps, and its end.
    """

    def __init__(
        self,
        kernel: KernelServices,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        live: LiveWatch,
        apps: AppService,
        components: ComponentDirectory,
        keyring: SigningKeyring,
        issuer: AccessTokenIssuer,
    ) -> None:
        database, clock = kernel.database, kernel.clock
        longest = kernel.settings.access_token_seconds
        resources = Resources(issuer.issuer)
        secret = kernel.settings.secret_key.get_secret_value()
        self.dpop_nonces = ServerNonces(secret) if kernel.settings.dpop_nonce else None
        used_proofs = DatabaseNonces(database, clock)
        self.possession = Possession(used_proofs, self.dpop_nonces)
        self.clients = ClientService(authorizer, apps, longest)
        self.exchanges = ExchangePermissionService(authorizer, apps, clock)
        self.client_authenticator = client_authenticator(kernel, issuer.issuer)
        self.revocations = Revocations(publisher, clock, longest)
        self.authorizations = Authorizations(database, self.revocations, clock)
        token_sets = TokenSets(keyring, issuer, IdTokenIssuer(issuer.issuer, clock), resources)
        self.tokens = TokenService(
            database,
            self.client_authenticator,
            (
                ClientCredentialsGrant(keyring, issuer, resources),
                AuthorizationCodeGrant(database, token_sets),
                RefreshTokenGrant(database, token_sets),
                DeviceCodeGrant(database, token_sets),
                TokenExchangeGrant(keyring, issuer, resources),
            ),
            self.authorizations,
            TokenProofs(issuer.issuer, used_proofs, self.dpop_nonces, clock),
            clock,
        )
        self.client_endpoint = ClientEndpoint(database, self.client_authenticator)
        self.introspection = Introspection(database, keyring, resources, clock)
        self.revocation = TokenRevocation(
            database, keyring, issuer.issuer, self.authorizations, self.revocations, live, clock
        )
        self.consents = Consents(self.authorizations, self.revocations, clock)
        checker = RequestChecker(resources, clock)
        self.devices = DeviceService(database, checker, self.authorizations, self.consents, clock, issuer.issuer)
        self.userinfo = UserInfo(database, keyring, issuer.issuer, self.possession, clock)
        self.logout = Logout(keyring, issuer.issuer)
        self.authorization = AuthorizationService(
            database,
            checker,
            PendingRequests(kernel.secrets),
            self.consents,
            Codes(self.authorizations, clock),
            clock,
            issuer.issuer,
        )
        self.initial_tokens = InitialTokens(clock)
        self.registration = RegistrationService(
            database,
            apps,
            self.authorizations,
            self.revocations,
            clock,
            issuer=issuer.issuer,
            registration=kernel.settings.client_registration,
            unused=timedelta(days=kernel.settings.client_registration_days),
            longest=longest,
        )
        self.documents = PublicDocuments(
            database,
            keyring,
            components,
            issuer.issuer,
            registers=kernel.settings.client_registration != "off",
        )
