from typing import Annotated

from pydantic import StringConstraints

from gateway.fields import Input, Line, Time, View


class TrustedGatewayInput(Input):
    """Attributes:
    public_key: PEM of the RSA key, of 2048 bits at least, that the gateway signs `X-Bkapi-JWT` with (RS512).
    """

    title: Line = ""
    public_key: Annotated[str, StringConstraints(pattern=r"^[\x0a\x0d\x20-\x7e]+$", max_length=4000)]


class TrustedGatewayView(View):
    kid: str
    title: str
    public_key: str
    added_by: str
    created_at: Time
