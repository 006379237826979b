"""Our gateway with the modules of its hot road compiled; see scripts/compile."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_TARGET = _ROOT / ".setup" / "compiled"


def environment() -> dict[str, str] | None:
    """What a process must have in its environment to take the compiled modules; None where they can't be made."""
    build = subprocess.run([sys.executable, "scripts/compile_road.py"], cwd=_ROOT, check=False, capture_output=True)
    if build.returncode:
        return None
    # Else the working directory would come first.
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join((str(_TARGET), str(_ROOT)))}
