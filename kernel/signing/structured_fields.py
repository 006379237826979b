"""The part of Structured Field Values (RFC 8941) that signatures and digests need: dictionaries of items and lists."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from kernel.signing.errors import SignatureInvalid

Bare = str | int | bool | bytes

_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*")
_STRING = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_SPACE = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Member:
    """A dictionary's member: one item, or the items of an inner list; ``text`` is how it stood, parameters included."""

    items: tuple[tuple[Bare, dict[str, Bare]], ...]
    is_list: bool
    parameters: dict[str, Bare]
    text: str = field(compare=False, default="")

    @property
    def item(self) -> Bare:
        """The only item; raises SignatureInvalid for a list."""
        if self.is_list:
            raise SignatureInvalid("a structured field has a list where one value is expected")
        return self.items[0][0]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
        return found

    def take_sign(self, sign: str) -> bool:
        if self.text.startswith(sign, self.position):
            self.position += len(sign)
            return True
        return False

    def key(self) -> str:
        found = self.take(_KEY)
        if found is None:
            raise SignatureInvalid("a key is malformed in a structured field")
        return found.group()

    def bare(self) -> Bare:
        if found := self.take(_STRING):
            return re.sub(r"\\(.)", r"\1", found.group(1))
        if found := self.take(_BYTES):
            try:
                return base64.b64decode(found.group(1), validate=True)
            except binascii.Error as problem:
                raise SignatureInvalid("a byte sequence is not base64") from problem
        if found := self.take(_INTEGER):
            return int(found.group())
        if found := self.take(_TOKEN):
            return found.group()
        if self.take_sign("?1"):
            return True
        if self.take_sign("?0"):
            return False
        raise SignatureInvalid("a value is malformed in a structured field")

    def parameters(self) -> dict[str, Bare]:
        found: dict[str, Bare] = {}
        while self.take_sign(";"):
            self.take(_SPACE)
            key = self.key()
            found[key] = self.bare() if self.take_sign("=") else True
        return found

    def member(self) -> Member:
        start = self.position
        if not self.take_sign("("):
            item = self.bare()
            return Member(((item, {}),), False, self.parameters(), self.text[start : self.position])
        items: list[tuple[Bare, dict[str, Bare]]] = []
        while True:
            space = self.take(_SPACE)
            if self.take_sign(")"):
                return Member(tuple(items), True, self.parameters(), self.text[start : self.position])
            if items and space is not None and not space.group():
                raise SignatureInvalid("an inner list is malformed in a structured field")
            item = self.bare()
            items.append((item, self.parameters()))


def parse_dictionary(text: str) -> dict[str, Member]:
    """A dictionary's members by key; raises SignatureInvalid. A repeated key is refused: one reading, no surprise."""
    reader = _Reader(text.strip(" \t"))
    members: dict[str, Member] = {}
    while True:
        key = reader.key()
        if key in members:
            raise SignatureInvalid("a key is repeated in a structured field")
        members[key] = reader.member() if reader.take_sign("=") else Member(((True, {}),), False, reader.parameters())
        reader.take(_SPACE)
        if reader.position == len(reader.text):
            return members
        if not reader.take_sign(","):
            raise SignatureInvalid("a structured field is malformed")
        reader.take(_SPACE)
