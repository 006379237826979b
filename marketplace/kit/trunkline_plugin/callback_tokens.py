"""Addresses by which others go on with a run: who holds one may call it, as often as the run waits for it."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

from trunkline_plugin.settings import Settings, current

_ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class CallbackPreparation:
    """What to hand to whoever is to call back; keep the `id` to tell callbacks apart."""

    id: str
    url: str


def prepare_callback(trace_id: str) -> CallbackPreparation:
    settings = current()
    callback_id = secrets.token_hex(_ID_LENGTH // 2)
    token = _cipher(settings).encrypt(f"{callback_id}:{trace_id}".encode()).decode()
    return CallbackPreparation(callback_id, f"{settings.callback_base}/callback/{token}/")


def read_callback_token(token: str, settings: Settings) -> tuple[str, str] | None:
    """The callback's id and the run's, or None where the token is none of ours."""
    try:
        callback_id, trace_id = _cipher(settings).decrypt(token.encode()).decode().split(":")
    except (InvalidToken, ValueError):
        return None
    return (callback_id, trace_id) if len(callback_id) == len(trace_id) == _ID_LENGTH else None


def _cipher(settings: Settings) -> Fernet:
    """BlueKing derives the key so; a plugin that moves here takes its open callbacks along."""
    digest = hashlib.sha256(settings.app_secret.encode()).hexdigest()
    return Fernet(base64.urlsafe_b64encode(digest[:32].encode()))
