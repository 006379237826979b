"""A pasted ``curl`` line taken apart, as a shell and curl would, without either running. Pure."""

import math
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from gateway.registry.importers.references import Problems

LONGEST: Final = 100_000
"""Characters."""

_SUBSTITUTION = re.compile(r"`|\$\(|\$\{|\$[A-Za-z_]")
_WITH_VALUE = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "--url": "url",
    "-d": "data", "--data": "data", "--data-raw": "data", "--data-ascii": "data", "--data-binary": "data",
    "--data-urlencode": "encoded", "--json": "json", "-F": "form", "--form": "form", "--form-string": "form",
    "-u": "user", "--user": "user", "-A": "ignored", "--user-agent": "ignored", "-e": "ignored",
    "--referer": "ignored", "-b": "cookie", "--cookie": "cookie", "-m": "timeout", "--max-time": "timeout",
    "--connect-timeout": "ignored", "--retry": "ignored", "--oauth2-bearer": "user",
}  # fmt: skip
_WITHOUT_VALUE = {
    "-G": "get", "--get": "get", "-I": "head", "--head": "head", "-s": "ignored", "--silent": "ignored",
    "-S": "ignored", "--show-error": "ignored", "-v": "ignored", "--verbose": "ignored", "-i": "ignored",
    "--include": "ignored", "--compressed": "ignored", "-f": "ignored", "--fail": "ignored", "-k": "insecure",
    "--insecure": "insecure", "-L": "redirects", "--location": "redirects", "--http1.1": "ignored", "-N": "ignored",
    "--no-buffer": "ignored", "-g": "ignored", "--globoff": "ignored",
}  # fmt: skip
_REFUSED = frozenset({"-o", "--output", "-O", "-T", "--upload-file", "-K", "--config", "-x", "--proxy", "-E", "--cert"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(slots=True)
class CurlLine:
    """What the options said."""

    url: str = ""
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    is_json: bool = False
    is_form: bool = False
    in_query: bool = False
    timeout: float | None = None


def read_line(command: str, problems: Problems, notes: Problems) -> CurlLine:
    """What the line asks for. Options that would read or write a file are problems; credentials are notes."""
    words = _words(command, problems)
    return _read(words, problems, notes) if not problems.found else CurlLine()


def _words(command: str, problems: Problems) -> list[str]:
    if len(command) > LONGEST:
        problems.add((), f"is longer than {LONGEST} characters", "Shorten the body")
        return []
    joined = re.sub(r"\\\r?\n", " ", command.strip()).replace("$'", "'")
    try:
        words = shlex.split(joined)
    except ValueError as error:
        problems.add((), f"can't be taken apart: {str(error).lower()}", "Close every quote")
        return []
    if not words or words[0] != "curl":
        problems.add((), "doesn't begin with curl", "Paste one curl command")
        return []
    unquoted = re.sub(r"'[^']*'", "", joined)
    if _SUBSTITUTION.search(unquoted):
        problems.add((), "has a variable or a command to substitute", "Write the value itself, in single quotes")
    return words[1:]


def _read(words: list[str], problems: Problems, notes: Problems) -> CurlLine:
    line = CurlLine()
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            if line.url:
                problems.add((), f"has a second address, or something after its end: {word[:60]}", "Paste one command")
            line.url = word
            continue
        for option, value in _options(word, rest, problems):
            _apply(line, option, value, problems, notes)
    return line


def _options(word: str, rest: Iterator[str], problems: Problems) -> Iterator[tuple[str, str]]:
    """The options of a word (`-sXPOST` has two), each with its value."""
    name, has_value, value = word.partition("=") if word.startswith("--") else (word, "", "")
    if word.startswith("--"):
        if name in _WITH_VALUE:
            yield name, value if has_value else next(rest, "")
        else:
            yield name, ""
        return
    for position in range(1, len(word)):
        short = f"-{word[position]}"
        if short in _WITH_VALUE:
            yield short, word[position + 1 :] or next(rest, "")
            return
        yield short, ""
        if short not in _WITHOUT_VALUE:
            problems.add((), f"has an option that is not understood: {short}", "Leave it out")
            return


def _apply(line: CurlLine, option: str, value: str, problems: Problems, notes: Problems) -> None:
    meaning = _WITH_VALUE.get(option) or _WITHOUT_VALUE.get(option)
    if option in _REFUSED or meaning is None:
        problems.add((), f"has an option that can't be taken: {option}", "Leave it out")
        return
    handler = _HANDLERS.get(meaning)
    if handler is not None:
        handler(line, value, problems)
    told = _NOTES.get(meaning)
    if told is not None:
        notes.add((), f"{option} {told[0]}", told[1])


def _take_data(line: CurlLine, value: str, problems: Problems) -> None:
    if value.startswith("@"):
        problems.add((), "reads a body from a file", "Write the body itself behind -d")
    line.data.append(value)


def _take_encoded(line: CurlLine, value: str, problems: Problems) -> None:
    name, sign, text = value.partition("=")
    if not sign and "@" in value:
        problems.add((), "reads a body from a file", "Write the body itself")
    line.data.append(f"{name}={quote(text)}" if sign and name else quote(text or value))


def _take_form(line: CurlLine, value: str, problems: Problems) -> None:
    name, _, text = value.partition("=")
    if text.startswith(("@", "<")):
        problems.add((), f"sends a file as {name[:60]}", "Leave the file out; a form passes as it is")
    line.is_form = True


def _take_header(line: CurlLine, value: str, problems: Problems) -> None:
    name, sign, text = value.partition(":")
    if value.startswith("@"):
        problems.add((), "reads headers from a file", "Write each behind -H")
    elif sign and name.strip():
        line.headers.append((name.strip().lower(), text.strip()))


def _take_json(line: CurlLine, value: str, problems: Problems) -> None:
    line.is_json = True
    _take_data(line, value, problems)


def _take_timeout(line: CurlLine, value: str, problems: Problems) -> None:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if seconds >= 0:
        line.timeout = min(max(seconds, 1.0), 3600.0)
    else:
        problems.add((), "has a time that is no number", "Write seconds behind -m")


def _take_method(line: CurlLine, value: str, problems: Problems) -> None:
    line.method = value.upper()
    if line.method not in _METHODS:
        problems.add((), f"has a method that is not served: {value[:20]}", f"Use one of {', '.join(sorted(_METHODS))}")


def _take_url(line: CurlLine, value: str, _problems: Problems) -> None:
    line.url = value


def _take_get(line: CurlLine, _value: str, _problems: Problems) -> None:
    line.in_query = True


def _take_head(line: CurlLine, _value: str, _problems: Problems) -> None:
    line.method = "HEAD"


_HANDLERS: Final[dict[str, Callable[[CurlLine, str, Problems], None]]] = {
    "method": _take_method, "header": _take_header, "url": _take_url, "data": _take_data, "encoded": _take_encoded,
    "json": _take_json, "form": _take_form, "timeout": _take_timeout, "get": _take_get, "head": _take_head,
}  # fmt: skip
_NOTES: Final = {
    "user": ("holds a credential, which is left out", "Give it to the stage's signing: basic or bearer"),
    "cookie": ("holds a cookie, which is left out", "Sign calls to the upstream by the stage's signing profile"),
    "insecure": ("is not done: certificates are always verified", "Give the upstream its authority's certificate"),
    "redirects": ("is not done: redirects go to the caller", "Register the address it leads to"),
}
