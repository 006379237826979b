from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolCaller:
    """Who calls a tool.

    Attributes:
        user: the person the app acts for; none when it acts for itself.
        scopes: of the token; none where the app proved itself by its secret, which isn't narrowed.
        expires_at: of the credential, seconds since the epoch.
        address: the client's, as far as it can be believed.
        authorization_id: what the person allowed, where the token came of that.
        passed_headers: that the client asked to be handed on (BlueKing's `X-Bkapi-Allowed-Headers`).
        timeout: seconds the client wants to wait at most (BlueKing's `X-Bkapi-Timeout`).
    """

    app_code: str
    user: str | None
    scopes: frozenset[str] | None
    expires_at: float
    address: str
    request_id: str
    authorization_id: str | None = None
    passed_headers: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None

    def covers(self, own_scope: str, scopes: frozenset[str]) -> bool:
        """Whether the credential's scopes admit a call; the app's grant is the gateway's to check."""
        return self.scopes is None or own_scope in self.scopes or scopes <= self.scopes
