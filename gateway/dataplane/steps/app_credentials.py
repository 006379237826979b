"""An app that proves itself by its secret or by a signature, and whom it names as its user."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from gateway.dataplane.call import Call, Identity, make_identity
from gateway.snapshot.model.apps import AppShard
from gateway.wire.codes import CREDENTIALS_INVALID
from gateway.wire.credentials import Credentials
from gateway.wire.refusal import Refusal
from kernel.signing import bk_hmac
from kernel.signing.errors import SignatureInvalid

REMEMBERED_SIGNATURES = 200_000

_LIFETIME = 2 * bk_hmac.WINDOW_SECONDS
"""Seconds in which a signature that was accepted could be accepted again: the window reaches both ways."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What ``bk_signature`` covers: the request as it was sent. It covers the body of a POST alone; ``body`` is None
    where there is one that nobody read.
    """

    method: str
    path: str
    query: bytes
    body: bytes | None

    def parameters(self) -> Mapping[str, str]:
        """The query's, unescaped; raises SignatureInvalid where that can be read in two ways."""
        try:
            pairs = parse_qsl(self.query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000)
        except ValueError as problem:
            raise SignatureInvalid("the query that was signed cannot be read") from problem
        parameters = dict(pairs)
        if len(parameters) != len(pairs):
            raise SignatureInvalid("a signed query names a parameter twice")
        return parameters


class AppCredentials:
    """Signatures that were accepted are remembered by this process for as long as they could be sent again."""

    __slots__ = ("_used",)

    def __init__(self) -> None:
        self._used: dict[tuple[str, str], float] = {}

    def identity(self, call: Call, credentials: Credentials, signed: SignedRequest | None) -> Identity:
        """Raises Refusal. A user whom the app may not name is left out; ``call.user_problem`` says so."""
        app = call.snapshot.apps.get(credentials.app_code)
        if credentials.signature and not credentials.app_secret and signed is not None:
            self._check_signature(app, credentials, signed, call.now)
        elif app is None or not credentials.app_secret or not app.verifies(credentials.app_secret, call.now):
            raise Refusal(CREDENTIALS_INVALID, "app_code or app_secret is incorrect")
        return make_identity(credentials.app_code, user=_user(call, app, credentials))

    def _check_signature(
        self, app: AppShard | None, credentials: Credentials, signed: SignedRequest, now: float
    ) -> None:
        keys = app.signing_keys(now) if app is not None else []
        if not keys:
            # Nothing is told about which apps exist.
            raise Refusal(CREDENTIALS_INVALID, f"app {credentials.app_code} has no secret that signs")
        try:
            self._take((credentials.app_code, _verify(keys, signed, now)), now)
        except SignatureInvalid as problem:
            raise Refusal(CREDENTIALS_INVALID, str(problem)) from problem

    def _take(self, key: tuple[str, str], now: float) -> None:
        used = self._used
        while used:
            oldest = next(iter(used))
            if used[oldest] > now and len(used) < REMEMBERED_SIGNATURES:
                break
            del used[oldest]
        if key in used:
            raise SignatureInvalid("this signed request was sent before; sign each one anew")
        used[key] = now + _LIFETIME


def _verify(keys: list[str], signed: SignedRequest, now: float) -> str:
    """The signature, when it holds for all that was sent; raises SignatureInvalid."""
    parameters = signed.parameters()
    body = signed.body if signed.method == "POST" else None
    if signed.body is None or (signed.body and body is None):
        raise SignatureInvalid("bk_signature covers a body in a POST only, and one that holds JSON or a form")
    problem: SignatureInvalid | None = None
    for key in keys:
        try:
            bk_hmac.verify(key, signed.method, signed.path, parameters, body, now=now)
        except SignatureInvalid as found:
            problem = found
        else:
            if int(parameters["bk_timestamp"]) > now + bk_hmac.WINDOW_SECONDS:
                raise SignatureInvalid("bk_timestamp lies in the future")
            return bk_hmac.signature_of(parameters)
    raise problem or SignatureInvalid("no secret signs")


def _user(call: Call, app: AppShard | None, credentials: Credentials) -> str | None:
    if call.signed_in is not None or credentials.bk_token:
        return call.signed_in
    if not credentials.username:
        return None
    if app is not None and app.may_name_user:
        return credentials.username
    call.user_problem = (
        f"app {credentials.app_code} may not name its user by bk_username; an administrator can permit it"
    )
    return None
