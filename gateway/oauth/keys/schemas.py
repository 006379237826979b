from typing import Literal

from gateway.fields import Input, Moment, Time, View
from gateway.oauth.keys.key_pairs import Algorithm


class SigningKeyRotation(Input):
    """Attributes:
    algorithm: left out, what the setting SIGNING_ALGORITHM says.
    signs_from: the earliest moment it signs at; left out, in ten minutes, so that whoever keeps our JWKS has it by
        then. A moment in the past is now.
    """

    algorithm: Algorithm | None = None
    signs_from: Moment | None = None


class SigningKeyView(View):
    """Attributes:
    state: `waiting` to begin, `signs`, `verifies` what it signed until `verifies_until`, or `retired`.
    """

    kid: str
    algorithm: str
    state: Literal["waiting", "signs", "verifies", "retired"]
    public_key: str
    created_at: Time
    signs_from: Time
    verifies_until: Time | None
    retired_at: Time | None


class RotatedSigningKey(View):
    """Attributes:
    live: every gateway process knows the key already; it begins to sign when that is so and its time has come.
    """

    key: SigningKeyView
    revision: int
    live: bool
