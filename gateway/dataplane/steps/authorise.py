"""Whether this caller may call this component now."""

from gateway.dataplane.call import Call
from gateway.dataplane.limits.limits import KINDS, Limits
from gateway.wire.codes import APP_NO_PERMISSION, UNAUTHORIZED, USER_REQUIRED
from gateway.wire.refusal import Refusal


class Authorise:
    """Scope, app, grant and revocation. A token needs the component's scopes; the app needs a grant besides.

    An app with limits of its own is held to them here, unless the route has limits too and looks at both at once.
    """

    __slots__ = ("_challenge", "_limits")

    def __init__(self, challenge: str, limits: Limits) -> None:
        self._challenge = challenge
        self._limits = limits

    def __call__(self, call: Call) -> None:
        route, identity = call.route, call.identity
        if identity is None:
            if route.user_required:
                raise _needs_user(call)
            return
        snapshot = call.snapshot
        revocations = snapshot.revocations
        if (
            revocations.holds_any
            and identity.token_id
            and revocations.covers(
                identity.token_id,
                identity.app_code,
                identity.issued_at,
                identity.authorization_id,
                identity.user,
                identity.origins,
            )
        ):
            raise self._refusal("the token was revoked", "invalid_token", unauthorized=True)
        if identity.systems is not None and route.settings.system not in identity.systems:
            raise self._refusal("the token is for another audience", "invalid_token", unauthorized=True)
        app = snapshot.apps.get(identity.app_code)
        if app is None or not app.enabled:
            raise Refusal(APP_NO_PERMISSION, f"app {identity.app_code} does not exist or is disabled")
        held = identity.scopes
        if held is not None and not (held >= route.required_scopes or route.own_scope in held):
            missing = ", ".join(sorted(route.required_scopes - held))
            needed = " ".join(sorted(route.required_scopes))
            reason = f"the token's scope lacks {missing}; {route.own_scope} alone would do"
            raise self._refusal(reason, "insufficient_scope", needed)
        if route.user_required and identity.user is None:
            raise _needs_user(call)
        if route.grant_required and not app.may_call(route.settings.system, route.own_scope, call.now):
            had = app.grants.get(route.own_scope) or app.grants.get(route.settings.system)
            reason = "has expired" if had else "is missing"
            raise Refusal(APP_NO_PERMISSION, f"the grant of app {app.app_code} for {route.own_scope} {reason}")
        if app.policies and KINDS.isdisjoint(route.policies):
            self._limits.admit(call, self._limits.of_app(app))

    def _refusal(self, reason: str, error: str, scope: str = "", *, unauthorized: bool = False) -> Refusal:
        challenge = f'{self._challenge}, error="{error}", error_description="{reason}"'
        challenge += f', scope="{scope}"' if scope else ""
        code = UNAUTHORIZED if unauthorized else APP_NO_PERMISSION
        return Refusal(code, reason, ((b"www-authenticate", challenge.encode("ascii", "replace")),))


def _needs_user(call: Call) -> Refusal:
    return Refusal(USER_REQUIRED, call.user_problem or "the component needs a user: send bk_token or a user's token")
