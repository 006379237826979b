"""Calls at a given rate, timed by a client in C: see ``open_load.c``, which is compiled when it is first needed."""

import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_SOURCE = Path(__file__).with_name("open_load.c")


def waited(port: int, request: Path, rate: float, seconds: float, connections: int) -> list[float]:
    """How long each call took, in seconds, in the order of the answers. Raises CalledProcessError."""
    arguments = (str(port), str(request), str(rate), str(seconds), str(connections))
    done = subprocess.run([_program(), *arguments], capture_output=True, text=True, check=True)
    taken: list[float] = json.loads(done.stdout)["seconds"]
    return taken


@cache
def _program() -> str:
    program = Path(tempfile.mkdtemp(prefix="trunkline-load-")) / "open_load"
    subprocess.run(["cc", "-O2", "-o", str(program), str(_SOURCE)], check=True)
    return str(program)
