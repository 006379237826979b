"""Whose request it is when proxies stand between."""

from collections.abc import Container

from starlette.requests import HTTPConnection


def client_address(connection: HTTPConnection, trusted_proxies: Container[str]) -> str | None:
    """The nearest address that is no trusted proxy; what a stranger claims in `X-Forwarded-For` is not believed.

    Proxies append whom they heard from, so the header is read from its end (RFC 7239 §7.4).
    """
    if connection.client is None:
        return None
    address = connection.client.host
    told = [part.strip() for part in ",".join(connection.headers.getlist("X-Forwarded-For")).split(",")]
    while address in trusted_proxies and told and told[-1]:
        address = told.pop()
    return address[:64]
