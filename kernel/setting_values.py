"""What the texts of settings must be. Each check raises ValueError: what is wrong, and what to write instead."""

import ipaddress
import logging
from collections.abc import Iterable

from kernel.transport.errors import InvalidRequest
from kernel.transport.origin import parse_url


def check_web_address(text: str) -> None:
    try:
        parse_url(text)
    except InvalidRequest as problem:
        raise ValueError(f"{text!r} is no web address; write it like https://trunkline.example.com") from problem


def check_networks(texts: Iterable[str]) -> None:
    for text in texts:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError as problem:
            raise ValueError(f"{text!r} is no network; write it like 10.0.0.0/8") from problem
        if "/" in text and str(network.network_address) != str(ipaddress.ip_address(text.partition("/")[0])):
            raise ValueError(f"{text!r} names a host in a network; write {network} for all of it")


def check_addresses(texts: Iterable[str]) -> None:
    """Single ones: they are compared, so a network would match nothing."""
    for text in texts:
        try:
            ipaddress.ip_address(text)
        except ValueError as problem:
            raise ValueError(
                f"{text!r} is no address of a machine; write it like 10.0.0.1, each by itself"
            ) from problem


def check_log_level(text: str) -> None:
    known = logging.getLevelNamesMapping()
    if text.upper() not in known:
        raise ValueError(f"{text!r} is no level; write DEBUG, INFO, WARNING, ERROR or CRITICAL")


def check_database_address(text: str) -> None:
    if not text.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
        # What stands there is not shown: there may be a password in it.
        raise ValueError("is no address of a database we speak to; write it like postgresql+asyncpg://user@host/name")


def check_redis_address(text: str) -> None:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("is no address of a Redis; write it like redis://127.0.0.1:6379/0")
