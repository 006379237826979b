"""A fixed answer in place of the upstream. BlueKing: `bk-mock`."""

from typing import Annotated

from pydantic import Field

from gateway.policies.kinds.fields import AnswerHeader, FinalStatus, HeaderValue, Text
from gateway.policies.kinds.policy import Config, Kind


class Mock(Config):
    """Comes after authorisation, limits and the check of the request. A status of 204 or 304 has no body."""

    status: FinalStatus = 200
    body: Text = ""
    headers: Annotated[dict[AnswerHeader, HeaderValue], Field(default_factory=dict, max_length=50)]


KIND = Kind("mock", "A fixed answer in place of the upstream.", Mock)
