from authlib.oauth2.rfc6749 import ClientMixin

from gateway.oauth.clients.settings import ClientSettings


class OAuthClient(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """An enabled app, as Authlib asks for it.

    Attributes:
        method: how it has proven who it is; empty while it has not.
    """

    def __init__(self, app_code: str, settings: ClientSettings, method: str = "") -> None:
        self.app_code = app_code
        self.settings = settings
        self.method = method

    def get_client_id(self) -> str:
        return self.app_code

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return self.settings.allows_method(method)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.settings.grant_types
