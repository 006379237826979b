"""How many form.js are read in a second: evaluated in the sandbox and converted, as before a publication."""

import asyncio
import time
from pathlib import Path

from benchmarks.support.report import Spread
from marketplace.legacy_forms.reading import read_form_script
from marketplace.legacy_forms.sandbox.pool import Sandbox

CORPUS = Path(__file__).parents[2] / "tests" / "marketplace" / "legacy_forms" / "corpus"
AT_ONCE = 16


def forms_per_second(rounds: int) -> Spread:
    """Over the whole corpus of the tests, with the pool a server has."""
    return asyncio.run(_measured(rounds))


async def _measured(rounds: int) -> Spread:
    sources = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.js"))]
    sandbox = Sandbox()
    gate = asyncio.Semaphore(AT_ONCE)

    async def read(source: str) -> None:
        async with gate:
            await read_form_script(sandbox, source)

    try:
        await asyncio.gather(*map(read, sources))
        figures = []
        for _ in range(rounds):
            begun = time.perf_counter()
            await asyncio.gather(*map(read, sources))
            figures.append(len(sources) / (time.perf_counter() - begun))
    finally:
        sandbox.close()
    return Spread.of(figures)
