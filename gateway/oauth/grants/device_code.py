"""Tokens for a device that a person let act for him elsewhere (RFC 8628 §3.4)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidGrantError
from authlib.oauth2.rfc8628 import DeviceCodeGrant as AuthlibGrant
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.oauth.clients.settings import AUTH_METHODS
from gateway.oauth.device.models import DeviceRequest
from gateway.oauth.device.repository import find_device_request, move_on, note_poll
from gateway.oauth.grants.grant import TokenRequest
from gateway.oauth.tokens.refresh_tokens import PREFIX
from gateway.oauth.tokens.token_sets import LiveAuthorization, TokenSets
from kernel.db.database import Database

_SLOWER = 5


@dataclass(frozen=True, slots=True)
class _Material:
    """A device's request, as Authlib asks for it.

    Attributes:
        live: what the person allowed, once he did and as long as it holds.
    """

    device: DeviceRequest
    live: LiveAuthorization | None
    is_too_fast: bool
    request: TokenRequest

    def get_client_id(self) -> str:
        return self.device.app_code

    def get_user_code(self) -> str:
        return ""

    def is_expired(self) -> bool:
        return self.device.expires_at <= self.request.now


class _Decider(AuthlibGrant):  # type: ignore[misc]  # Authlib ships no types
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(AUTH_METHODS)

    def query_device_credential(self, _device_code: str) -> _Material:
        material: _Material | None = self.server.material
        if material is None or material.device.state == "redeemed":
            raise InvalidGrantError("The device_code is unknown, or was used before")
        return material

    def query_user_grant(self, _user_code: str) -> tuple[str, bool] | None:
        material: _Material = self.server.material
        if material.device.state == "pending":
            return None
        return "somebody", material.live is not None

    def should_slow_down(self, credential: _Material) -> bool:
        return credential.is_too_fast


class DeviceCodeGrant:
    decider = _Decider

    def __init__(self, database: Database, token_sets: TokenSets) -> None:
        self._database = database
        self._token_sets = token_sets

    async def read(self, session: AsyncSession, request: TokenRequest) -> _Material | None:
        """Notes that the device asked: one that asks too often has to wait longer from then on (§3.5)."""
        device = await find_device_request(session, digest(request.form.get("device_code", "")))
        if device is None or device.app_code != request.client.app_code:
            return None
        waited = request.now - device.polled_at if device.polled_at is not None else None
        is_too_fast = waited is not None and waited < timedelta(seconds=device.interval)
        if device.state == "pending":
            interval = device.interval + (_SLOWER if is_too_fast else 0)
            async with self._database.unit_of_work() as writing:
                await note_poll(writing, device.sha256, request.now, interval)
        live = None
        if device.authorization_id is not None:
            live = await self._token_sets.read(session, request, device.authorization_id)
        return _Material(device, live, is_too_fast, request)

    async def issue(self, request: TokenRequest, material: _Material, _decided: OAuth2Request) -> dict[str, Any]:
        """Of several requests at once one is answered; raises InvalidGrantError for the others."""
        if material.live is None:
            raise InvalidGrantError("What the person allowed has ended")
        async with self._database.unit_of_work() as session:
            if not await move_on(session, material.device.sha256, "allowed", "redeemed"):
                raise InvalidGrantError("The device_code was used by another request at the same moment")
            return await self._token_sets.issue(session, request, material.live, refresh_token=new_credential(PREFIX))
