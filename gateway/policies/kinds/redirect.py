"""The caller is sent elsewhere. BlueKing: `redirect`."""

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.policies.kinds.fields import Among
from gateway.policies.kinds.policy import Config, Kind

Location = Annotated[str, StringConstraints(pattern=r"^(https?://[!-~]+|/([!-.0-\[\]-~][!-~]*)?)$", max_length=2000)]


class Redirect(Config):
    """Comes after authorisation and limits. The place is fixed; nothing of the request but its query gets into it."""

    location: Annotated[Location, Field(description="An address, or a path beginning with one `/`")]
    status: Annotated[int, Among(301, 302, 303, 307, 308)] = 302
    append_query: Annotated[bool, Field(description="Whether the request's query goes with it")] = False


KIND = Kind("redirect", "The caller is sent elsewhere.", Redirect)
