"""The step that makes the upstream believe a call: by the profile of its stage."""

from collections.abc import Callable
from typing import Protocol

from gateway.dataplane.call import Call
from gateway.dataplane.steps.send_credential import send_credential
from gateway.dataplane.steps.sign import SignJwt, SignMessage
from gateway.dataplane.steps.sign_bk_app import SignBkApp
from gateway.dataplane.steps.sign_bk_hmac import SignBkHmac
from gateway.dataplane.upstream.token_source import TokenSource
from gateway.snapshot.model.routes import StageSettings
from gateway.snapshot.model.upstreams import Upstream
from kernel.transport.client import TransportClient


class Signer(Protocol):
    @property
    def needs_body(self) -> bool: ...

    def __call__(self, call: Call) -> None: ...


class Signers:
    """One signer for an upstream, shared by its routes: its key is read once, its tokens are remembered once.

    A token source outlives the snapshots it was made for, as long as the stage's signing stays what it is.
    """

    __slots__ = ("_client", "_clock", "_tokens")

    def __init__(self, client: TransportClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._tokens: dict[tuple[str, str], TokenSource] = {}

    def of(self, settings: StageSettings, upstream: Upstream) -> Signer | None:
        """Raises Refusal(INVALID_RESOURCE) for a key or a credential that cannot be used."""
        if settings.signing.profile == "none":
            return None
        signer: Signer | None = upstream.planned.value
        if signer is None:
            signer = upstream.planned.value = self._make(settings, upstream)
        return signer

    def _make(self, settings: StageSettings, upstream: Upstream) -> Signer:
        profile = settings.signing.profile
        if profile == "http-message-signature":
            return SignMessage(settings, str(upstream.targets[0].origin))
        if profile == "jwt":
            return SignJwt(settings)
        if profile == "bk-hmac":
            return SignBkHmac(settings.signing)
        if profile == "bk-app":
            return SignBkApp(settings.signing)
        if profile == "oauth2-client-credentials":
            return self._source(settings)
        return send_credential(settings.signing)

    def _source(self, settings: StageSettings) -> TokenSource:
        place = (settings.system, settings.stage)
        source = self._tokens.get(place)
        if source is None or source.signing != settings.signing:
            source = self._tokens[place] = TokenSource(self._client, settings.signing, self._clock)
        return source
