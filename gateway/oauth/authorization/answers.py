"""What the authorization endpoint sends back to the client through the browser (RFC 6749 §4.1.2). Pure."""

from urllib.parse import quote, urlencode

from authlib.oauth2.base import OAuth2Error

from gateway.oauth.authorization.request import Destination


def code_address(destination: Destination, issuer: str, code: str) -> str:
    return _address(destination, issuer, {"code": code})


def error_address(destination: Destination, issuer: str, error: OAuth2Error) -> str:
    told = {"error": error.error, "error_description": error.description or ""}
    return _address(destination, issuer, {name: value for name, value in told.items() if value})


def _address(destination: Destination, issuer: str, members: dict[str, str]) -> str:
    """`iss` tells a client of several servers whose answer it is (RFC 9207)."""
    state = {"state": destination.state} if destination.state is not None else {}
    query = urlencode({**members, **state, "iss": issuer}, quote_via=quote)
    uri = destination.redirect_uri
    return f"{uri}{'&' if '?' in uri else '?'}{query}"
