"""Everything about people, built once per process."""

from collections.abc import Callable
from datetime import timedelta

from gateway.dataplane.login_service import LoginService
from gateway.identity.api_tokens.service import ApiTokenService
from gateway.identity.authenticator import SessionOrTokenAuthenticator
from gateway.identity.authorization.authorizer import RoleAuthorizer
from gateway.identity.blueking.sign_in import BluekingSignIn
from gateway.identity.bootstrap import Bootstrap
from gateway.identity.foreign.service import ForeignIdentityService
from gateway.identity.last_use import LastUse
from gateway.identity.project_secrets.opening import OpenedProjectSecrets
from gateway.identity.project_secrets.service import ProjectSecretService
from gateway.identity.projects.repository import project_resource
from gateway.identity.projects.service import ProjectService, ServiceApps
from gateway.identity.providers.service import ProviderService
from gateway.identity.providers.sign_in import OidcSignIn
from gateway.identity.recovery import Recovery
from gateway.identity.resources import ResourceDirectory
from gateway.identity.role_bindings.service import RoleBindingService
from gateway.identity.sessions.service import Lifetimes, SessionService
from gateway.identity.sessions.throttle import SignInThrottle
from gateway.identity.users.password_service import PasswordService
from gateway.identity.users.passwords import Passwords
from gateway.identity.users.service import GivenToApps, UserService
from kernel.contracts.authorizer import ResourceKind
from kernel.oidc.provider_http import ProviderHttp
from kernel.secret_sources.source import SecretSources
from kernel.services import KernelServices


class IdentityServices:
    """Args:
    given_to_apps: answers what ends the tokens of apps for a person; it is built later than this.
    """

    def __init__(
        self,
        kernel: KernelServices,
        authorizer: RoleAuthorizer,
        service_apps: ServiceApps,
        sources: SecretSources,
        given_to_apps: Callable[[], GivenToApps],
    ) -> None:
        settings, clock = kernel.settings, kernel.clock
        self.resources = ResourceDirectory()
        self.resources.register(ResourceKind.PROJECT, project_resource)
        self.role_bindings = RoleBindingService(authorizer, self.resources)
        self.projects = ProjectService(authorizer, self.role_bindings, service_apps)
        self.project_secrets = ProjectSecretService(self.projects, authorizer, sources, kernel.secrets, clock)
        self.opened_secrets = OpenedProjectSecrets(kernel.database, sources, kernel.secrets)

        self.passwords = Passwords()
        self.last_use = LastUse(kernel.database)
        self.api_tokens = ApiTokenService(clock, self.last_use)
        throttle = SignInThrottle(kernel.database, clock, settings.secret_key.get_secret_value().encode())
        lifetimes = Lifetimes(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))
        self.sessions = SessionService(authorizer, clock, self.passwords, throttle, lifetimes, self.last_use)
        self.authenticator = SessionOrTokenAuthenticator(
            self.sessions, self.api_tokens, frozenset(settings.trusted_proxies)
        )
        self.users = UserService(authorizer, given_to_apps)
        self.password_changes = PasswordService(kernel.database, authorizer, self.passwords, throttle, clock)
        self.providers = ProviderService(authorizer, kernel.secrets, clock, blueking_issuer=settings.bk_login_url)
        foreign = ForeignIdentityService(clock)
        self.oidc = OidcSignIn(
            kernel.database,
            self.providers,
            foreign,
            self.sessions,
            ProviderHttp(settings.allowed_upstream_origins),
            kernel.secrets,
            clock,
            settings.public_url.rstrip("/"),
        )
        self.blueking = BluekingSignIn(
            kernel.database,
            LoginService(settings.bk_login_url),
            foreign,
            self.sessions,
            creates_users=settings.bk_login_creates_users,
        )
        self.recovery = Recovery(kernel.database, authorizer, self.users, self.password_changes)
        self.bootstrap = Bootstrap(self.users, self.api_tokens, self.passwords)
