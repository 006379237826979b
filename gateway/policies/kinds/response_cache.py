"""Answers kept and given again (RFC 9111). BlueKing: `proxy-cache`."""

from typing import Annotated

from pydantic import Field

from gateway.policies.kinds.fields import HeaderName
from gateway.policies.kinds.policy import Config, Kind


class ResponseCache(Config):
    """For GET and HEAD without a body. An answer is kept for the caller it was given to, unless `shared`.

    The upstream's `Cache-Control` (`no-store`, `private`, `no-cache`, `max-age`, `s-maxage`) and `Vary` are honoured;
    an answer that sets a cookie is never kept.
    """

    ttl: Annotated[
        int,
        Field(ge=1, le=86400, description="Seconds an answer is kept when the upstream doesn't say; the most it is"),
    ]
    shared: Annotated[
        bool, Field(description="The answer is the same for every app and user: keep one for all of them")
    ] = False
    vary: Annotated[
        tuple[HeaderName, ...], Field(max_length=10, description="Request headers on which the answer depends")
    ] = ()
    statuses: Annotated[
        tuple[Annotated[int, Field(ge=200, le=499)], ...], Field(min_length=1, max_length=20, description="Kept")
    ] = (200,)
    max_bytes: Annotated[int, Field(ge=1, le=16 * 2**20, description="A longer answer isn't kept")] = 2**20


KIND = Kind("response-cache", "Answers kept and given again.", ResponseCache)
