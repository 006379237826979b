from typing import Literal

from pydantic import BaseModel


class TokenForm(BaseModel):
    """Attributes:
    scope: with spaces between; left out, everything the app's grants allow.
    client_id: with client_secret when the app doesn't send them as HTTP Basic.
    """

    grant_type: Literal["client_credentials"]
    scope: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
