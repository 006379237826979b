"""How long a request's body may be. BlueKing: `bk-request-body-limit`."""

from typing import Annotated

from pydantic import Field

from gateway.policies.kinds.policy import Config, Kind


class BodyLimit(Config):
    """A longer body is refused with 413: at once where its length is announced, else when it gets too long."""

    max_bytes: Annotated[int, Field(ge=0, le=2**40, description="Bytes of the body, 0 for none at all")]


KIND = Kind("body-limit", "How long a request's body may be.", BodyLimit)
