import pytest
from starlette.requests import HTTPConnection

from kernel.http.client_address import client_address

PROXIES = frozenset({"10.0.0.1", "10.0.0.2"})


def connection(peer: str | None, *forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    client = (peer, 1234) if peer is not None else None
    return HTTPConnection({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1", "203.0.113.9, 10.0.0.2"), "203.0.113.9"),
        ("10.0.0.1", ("10.0.0.2, 10.0.0.1",), "10.0.0.2"),
        ("10.0.0.1", ("203.0.113.9, ",), "10.0.0.1"),
        (None, ("203.0.113.9",), None),
    ],
)
def test_the_address_is_the_nearest_that_is_no_trusted_proxy(
    peer: str | None, forwarded: tuple[str, ...], address: str | None
) -> None:
    assert client_address(connection(peer, *forwarded), PROXIES) == address


def test_an_address_is_bounded() -> None:
    assert len(client_address(connection("10.0.0.1", "x" * 10_000), PROXIES) or "") == 64
