"""The profile ``bk-app``: a call as an app of BlueKing's makes it, its credentials in ``X-Bkapi-Authorization``.

BlueKing's API Gateway and the newer ESB read that header before anything else; whom the call is for stands in it as
``bk_username``. The client's own header of that name has been taken away before.
"""

import json

from gateway.dataplane.call import Call
from gateway.snapshot.model.routes import Signing


class SignBkApp:
    """The header's first part is made once."""

    __slots__ = ("_begin", "_end", "_username")

    needs_body = False

    def __init__(self, signing: Signing) -> None:
        parameters = signing.parameters
        app = {"bk_app_code": parameters.get("app_code", ""), "bk_app_secret": signing.secret.decode()}
        self._begin = f"x-bkapi-authorization: {json.dumps(app)[:-1]}"
        self._username = parameters.get("username", "")
        tenant = parameters.get("tenant_id", "")
        self._end = "}\r\n" + (f"x-bk-tenant-id: {tenant}\r\n" if tenant else "")

    def __call__(self, call: Call) -> None:
        identity = call.identity
        user = identity.user if identity is not None and identity.user is not None else self._username
        named = f', "bk_username": {json.dumps(user)}' if user else ""
        call.signature = f"{self._begin}{named}{self._end}"
