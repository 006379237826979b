"""Who is to receive: names and addresses as callers write them (reference: cmsi components)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

MAX_RECEIVERS: Final = 200
LONGEST: Final = 320
_SEPARATORS = re.compile(r"[,;\s]+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAIL_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*")
_HANDLE = re.compile(r"[A-Za-z0-9_.@+:-]{1,128}")
_PHONE = re.compile(r"\+?[0-9]{3,20}")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Attributes:
    name: by which the receiver is told of: a user name, or what the caller gave.
    given: mail address, phone number or handle that the caller gave; empty when it is looked up for the user.
    """

    name: str
    given: str = ""


def split_receivers(value: Any) -> Any:
    """A JSON list as it is; a text split on commas, semicolons and white space. Each once, in order."""
    parts = _SEPARATORS.split(value) if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        return value
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def is_mail_address(text: str) -> bool:
    return len(text) <= LONGEST and _MAIL_ADDRESS.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Digits, with a plus before the country's code or without."""
    return _PHONE.fullmatch(text) is not None


def is_handle(text: str) -> bool:
    """A name by which a chat knows somebody: nothing that could lead an address elsewhere."""
    return _HANDLE.fullmatch(text) is not None


def receivers_of(given: Iterable[str], usernames: Iterable[str]) -> list[Receiver]:
    """Addresses that a call gives beat the users it names."""
    direct = [Receiver(one, one) for one in given]
    return direct or [Receiver(one) for one in usernames]


def users_or_mail_addresses(names: Iterable[str]) -> list[Receiver]:
    """What holds an `@` is an address, anything else a user."""
    return [Receiver(one, one if "@" in one else "") for one in names]


def named(receivers: Iterable[str], most: int = 5) -> str:
    """Receivers for a sentence."""
    listed = list(receivers)
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
