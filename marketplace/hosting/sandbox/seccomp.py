"""System calls a plugin has no use for, refused by the kernel: seccomp(2)."""

import ctypes
import errno
import struct
from collections.abc import Iterable
from typing import Final

from marketplace.hosting.sandbox.system_calls import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    MACHINE,
    call,
)

AF_UNIX: Final = 1
AF_INET: Final = 2
AF_INET6: Final = 10

_ARCHITECTURES: Final = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_CLONE: Final = {"x86_64": 56, "aarch64": 220}
_SOCKET: Final = {"x86_64": 41, "aarch64": 198}
_CLONE3: Final = 435
_X32: Final = 0x4000_0000
_NEW: Final = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS
_REFUSED: Final = {
    # name: x86_64, aarch64
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}

_LOAD, _EQUALS, _AT_LEAST, _HAS_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_PR_SET_SECCOMP, _FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def is_known() -> bool:
    """Whether the numbers of this machine's system calls are known here."""
    return MACHINE in _ARCHITECTURES


def filter_program(families: Iterable[int], machine: str = MACHINE) -> bytes:
    """The filter in BPF.

    Args:
        families: of sockets that may be made.
    """
    column = list(_ARCHITECTURES).index(machine)
    steps = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_EQUALS, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    if machine == "x86_64":
        steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    for numbers in _REFUSED.values():
        steps += [(_EQUALS, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    # Its flags stand in memory, which a filter can't read: the C library takes clone where this one is missing.
    steps += [(_EQUALS, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    steps += [
        (_EQUALS, 0, 4, _CLONE[machine]),
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        (_HAS_ANY, 0, 1, _NEW),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    allowed = [step for family in families for step in ((_EQUALS, 0, 1, family), (_RETURN, 0, 0, _ALLOW))]
    sockets = [(_LOAD, 0, 0, _AT_FIRST_ARGUMENT), *allowed, (_RETURN, 0, 0, _ERROR | errno.EACCES)]
    steps += [(_EQUALS, 0, len(sockets), _SOCKET[machine]), *sockets, (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def filter_calls(families: Iterable[int]) -> None:
    """From now on, for this process and all it starts. `PR_SET_NO_NEW_PRIVS` must have been set.

    Raises:
        OSError: the kernel doesn't take it.
    """
    program = filter_program(families)
    given = _Program(len(program) // 8, program)
    call("prctl", ctypes.c_int(_PR_SET_SECCOMP), ctypes.c_ulong(_FILTER), ctypes.byref(given))
