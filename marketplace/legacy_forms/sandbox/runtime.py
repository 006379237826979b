"""The world forms run in, as one script: for V8 here and for the console's QuickJS."""

from functools import lru_cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "runtime"


@lru_cache(maxsize=1)
def runtime_script() -> str:
    parts = [path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.js"))]
    return "(function (world) {\n'use strict';\n" + "\n".join(parts) + "})(globalThis);\n"
