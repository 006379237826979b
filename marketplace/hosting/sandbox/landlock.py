"""Which of the machine's files may be opened: landlock(7). For machines that allow no namespaces."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from marketplace.hosting.sandbox.spec import Bind
from marketplace.hosting.sandbox.system_calls import system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER, _TRUNCATE, _DEVICE_CONTROL = (1 << bit for bit in (0, 1, 2, 3, 14, 15))
_READ: Final = _EXECUTE | _READ_FILE | _READ_FOLDER
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE_CONTROL
_ALL_BY_VERSION: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP: Final = 0b11
"""Binding and connecting, from version 4 on. No port is ever allowed."""
_SCOPES: Final = 0b11
"""Abstract sockets and signals of processes outside, from version 6 on."""
_WITH_TCP, SIGNALS_FROM = 4, 6


def landlock_version() -> int:
    """Of the kernel's landlock; 0 where there is none."""
    try:
        return system_call(
            "landlock_create_ruleset", _CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION)
        )
    except OSError:
        return 0


def allow_only(binds: Iterable[Bind]) -> None:
    """From now on, for this process and all it starts. `PR_SET_NO_NEW_PRIVS` must have been set.

    Raises:
        OSError: the kernel has none.
    """
    version = landlock_version()
    handled = _ALL_BY_VERSION[max((known for known in _ALL_BY_VERSION if known <= version), default=1)]
    attributes = struct.pack(
        "<QQQ", handled, _TCP if version >= _WITH_TCP else 0, _SCOPES if version >= SIGNALS_FROM else 0
    )[: 24 if version >= SIGNALS_FROM else 16 if version >= _WITH_TCP else 8]
    rules = system_call(
        "landlock_create_ruleset", _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)
    )
    try:
        for bind in binds:
            _allow(rules, bind, handled)
        system_call("landlock_restrict_self", _RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
    finally:
        os.close(rules)


def _allow(rules: int, bind: Bind, handled: int) -> None:
    allowed = (handled if bind.writable or bind.device else _READ) & (
        handled if Path(bind.source).is_dir() else _OF_FILES
    )
    place = os.open(bind.source, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("<Qi", allowed & handled, place)
        system_call(
            "landlock_add_rule", _ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint(0)
        )
    finally:
        os.close(place)
