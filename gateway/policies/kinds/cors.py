"""Which pages of other origins may call from a browser (Fetch standard, CORS protocol). BlueKing: `bk-cors`."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.policies.kinds.fields import HeaderName, Method
from gateway.policies.kinds.policy import Config, Kind

ANY = "*"
Origin = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\*|null|https?://(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?)$"
    ),
]
"""`*`, `https://console.example.com`, or `https://*.example.com` for every host below a domain."""


class Cors(Config):
    """A preflight is answered by the gateway, without a credential; other answers, refusals too, get the headers."""

    allow_origins: Annotated[
        tuple[Origin, ...],
        Field(min_length=1, max_length=200, description="`*`, an origin, or `https://*.example.com`"),
    ]
    allow_methods: Annotated[
        tuple[Method, ...], Field(max_length=10, description="Empty: those the component answers")
    ] = ()
    allow_headers: Annotated[
        tuple[HeaderName, ...], Field(max_length=100, description="Request headers; empty: whatever the page asks for")
    ] = ()
    expose_headers: Annotated[
        tuple[HeaderName, ...], Field(max_length=100, description="Answer headers the page may read")
    ] = ()
    allow_credentials: Annotated[bool, Field(description="Whether the page may send credentials of the browser's")] = (
        False
    )
    max_age: Annotated[int, Field(ge=0, le=86400, description="Seconds a browser may keep a preflight's answer")] = 300

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.allow_credentials and ANY in self.allow_origins:
            raise ValueError("allow_credentials can't go with the origin *; list the origins")
        if self.allow_credentials and "null" in self.allow_origins:
            raise ValueError("allow_credentials can't go with the origin null, which any page can take on")
        return self


KIND = Kind("cors", "Which pages of other origins may call from a browser.", Cors)
