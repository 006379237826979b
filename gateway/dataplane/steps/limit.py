"""Whether there is room for another call: the limits that hold for the route, and those of the caller's app."""

from gateway.dataplane.call import Call
from gateway.dataplane.limits.limits import Governed, Limits


class Limit:
    __slots__ = ("_limits", "_own")

    def __init__(self, limits: Limits, own: Governed) -> None:
        self._limits = limits
        self._own = own

    def __call__(self, call: Call) -> None:
        identity = call.identity
        app = call.snapshot.apps.get(identity.app_code) if identity is not None else None
        if app is not None and app.policies:
            self._limits.admit(call, self._own, self._limits.of_app(app))
        else:
            self._limits.admit(call, self._own)
