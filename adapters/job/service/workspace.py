"""The folder of one start of a script, and the process in it.

A small shell wrapper runs the script: it first takes the folder by creating `pid` exclusively, and keeps the exit code
in `exit`. So a process that outlives the server can be found again, and what `pid` was never created for has never run.
"""

import codecs
import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_WRAPPER = """set -C; echo $$ > "$1/pid" || exit 125; set +C
folder=$1; shift
"$@"
code=$?
echo $code > "$folder/exit.new" && mv "$folder/exit.new" "$folder/exit"
exit $code
"""
_PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""All that a script sees of our environment: it holds our secrets."""

MAX_LOG = 1024 * 1024
"""Bytes of a log that are kept and answered: its last ones."""
MAX_LOG_FILE = 64 * 1024 * 1024
"""Bytes a script may write before it is ended."""
SCRIPT_PURPOSE = "job script"
"""What scripts and their parameters are sealed for."""
FILES_PURPOSE = "job files"

_PID_WRITTEN_SECONDS = 2.0
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Log:
    """A part of a log.

    Attributes:
        start, end: bytes of the log before the text, and before what follows it.
    """

    text: str
    start: int
    end: int

    @classmethod
    def whole(cls, text: str) -> "Log":
        return cls(text, 0, len(text.encode()))


class Workspace:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def prepare(self, files: dict[str, str]) -> None:
        """Makes the folder, readable by nobody else, with these files."""
        self.folder.mkdir(mode=0o700, parents=True)
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        self.log.touch(mode=0o600)

    def start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        """Starts the command in a process group of its own.

        Raises:
            OSError: it can't be started.
        """
        home = Path.home()
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603  running what callers send is this system's purpose
                ["/bin/sh", "-c", _WRAPPER, "sh", str(self.folder), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=home if home.is_dir() else Path("/"),
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            )

    def take_unstarted(self) -> bool:
        """Whether the wrapper has not run and, from now on, never will."""
        try:
            os.close(os.open(self.folder / "pid", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        return True

    def is_taken(self) -> bool:
        """Whether the script was started, or its start was given up."""
        return (self.folder / "pid").exists()

    def append(self, data: bytes) -> int:
        """Adds to the log of a script that writes elsewhere; its size then."""
        with self.log.open("ab") as log:
            log.write(data)
            return log.tell()

    def pid(self) -> int | None:
        """The wrapper's process id, which is its group's too."""
        deadline = time.monotonic() + _PID_WRITTEN_SECONDS
        while time.monotonic() < deadline:
            try:
                text = (self.folder / "pid").read_text(encoding="ascii").strip()
            except OSError:
                return None
            if text:
                return int(text)
            time.sleep(0.02)
        return None

    def is_alive(self, pid: int) -> bool:
        """Whether the process is still this folder's wrapper, and not a later one with its number."""
        if not (_PROC / "self").exists():
            return _exists(pid)
        try:
            return os.fsencode(self.folder) in (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return False

    def exit_code(self) -> int | None:
        try:
            return int((self.folder / "exit").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def log_size(self) -> int:
        try:
            return self.log.stat().st_size
        except OSError:
            return 0

    def log_tail(self, most: int) -> str:
        """The log's last bytes as text; what is no text is replaced."""
        try:
            with self.log.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(max(0, size - most))
                text = log.read(most).decode(errors="replace").replace("\x00", "\ufffd")
        except OSError:
            return ""
        return text if size <= most else f"[{size - most} bytes left out]\n{text}"

    def log_from(self, start: int, most: int) -> Log:
        """The log from a byte on without part of a character, so many bytes at most: the last if there are more."""
        size = self.log_size()
        if size - start > most:
            return Log(self.log_tail(most), 0, size)
        return self.log_part(start, most)

    def log_part(self, start: int, most: int) -> Log:
        """At most so many bytes of the log from one on, without part of a character."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        try:
            with self.log.open("rb") as log:
                log.seek(start)
                data = log.read(most)
        except OSError:
            return Log("", start, start)
        text = decoder.decode(data).replace("\x00", "\ufffd")
        return Log(text, start, start + len(data) - len(decoder.getstate()[0]))

    def remove(self) -> None:
        """Removes this start and those before it; a later one may have begun already."""
        with contextlib.suppress(OSError):
            for start in self.folder.parent.iterdir():
                if int(start.name) <= int(self.folder.name):
                    shutil.rmtree(start, ignore_errors=True)
            self.folder.parent.rmdir()


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signals a process group; one that has ended is no error."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
