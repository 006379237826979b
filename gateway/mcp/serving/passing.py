"""What clients at BlueKing's addresses ask of a call besides its arguments."""

from starlette.datastructures import Headers

from gateway.mcp.tools.arguments import is_own_header

_MOST_HEADERS = 20
_MOST_SECONDS = 600.0


def passed_headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    """The headers that `X-Bkapi-Allowed-Headers` names, as far as a client may send them on."""
    named = [name.strip().lower() for name in headers.get("x-bkapi-allowed-headers", "").split(",")]
    return tuple(
        (name, value)
        for name in named[:_MOST_HEADERS]
        if name and not is_own_header(name) and (value := headers.get(name)) is not None and value.isascii()
    )


def wanted_timeout(headers: Headers) -> float | None:
    """Seconds of `X-Bkapi-Timeout`; none where it says nothing usable."""
    told = headers.get("x-bkapi-timeout", "")
    seconds = float(told) if told.isascii() and told.isdecimal() and len(told) <= 4 else 0.0  # noqa: PLR2004 - more is no time to wait
    return min(seconds, _MOST_SECONDS) if seconds > 0 else None
