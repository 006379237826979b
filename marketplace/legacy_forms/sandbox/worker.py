"""The process that evaluates forms: one JSON request a line in, one JSON answer a line out; the runtime comes first.

It is started by path, in isolated mode, and imports nothing of the product. Before the first request it gives up the
right to open anything: no file, no connection, no process. Every request gets a V8 isolate of its own, without JIT
compiler or WebAssembly; the parent ends the process when an answer is late.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any

from py_mini_racer import JSEvalException, MiniRacer, init_mini_racer, mini_racer

MAX_ANSWER = 2 * 1024 * 1024
"""Characters."""
_HEAP_MEGABYTES = 64
_MEMORY_BEYOND_START = 192 * 1024 * 1024
"""Bytes of data beside those V8 takes at its start; ArrayBuffers are not part of its heap."""
_V8_FLAGS = ("--single-threaded", "--jitless", f"--max-heap-size={_HEAP_MEGABYTES}", "--stack-size=400")


class _AnswerUnfit(Exception):
    pass


async def serve() -> None:
    """Answers requests until standard input ends."""
    init_mini_racer(flags=_V8_FLAGS)
    with mini_racer() as warm:
        await warm.eval_cancelable("1")
        _give_up_rights(_data_size())
    runtime = json.loads(sys.stdin.buffer.readline())["runtime"]
    _answer({"ready": True})
    for line in sys.stdin.buffer:
        _answer(await _handled(runtime, json.loads(line)))


def _give_up_rights(data: int) -> None:
    memory = data + _MEMORY_BEYOND_START
    limits = [
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, memory),
    ]
    for which, value in limits:
        resource.setrlimit(which, (value, value))


def _data_size() -> int:
    # /proc/self/statm: the sixth number is data and stack, in pages.
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    return pages * resource.getpagesize()


async def _handled(runtime: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        with mini_racer() as engine:
            return {"value": await _run(engine, runtime, request)}
    except JSEvalException as error:
        return {"problem": f"raises an error at line {_readable(error)}"}
    except _AnswerUnfit:
        return {"problem": f"describes itself in more than {MAX_ANSWER} characters"}


async def _run(engine: MiniRacer, runtime: str, request: dict[str, Any]) -> str:
    await engine.eval_cancelable(runtime)
    await engine.eval_cancelable(f"__forms.start({_literal(request['context'])})")
    await engine.eval_cancelable(request["source"])
    wanted = ", ".join(_literal(argument) for argument in request["arguments"])
    answer = await engine.eval_cancelable(f"__forms.{request['function']}({wanted})")
    if not isinstance(answer, str) or len(answer) > MAX_ANSWER:
        raise _AnswerUnfit
    return answer


def _literal(value: Any) -> str:
    # ASCII JSON is JavaScript, but for a name: __proto__ in a literal would set the prototype.
    return f"JSON.parse({json.dumps(json.dumps(value))})"


def _readable(error: Exception) -> str:
    # "<anonymous>:12: TypeError: …", then the line itself and the calls that led to it.
    first = str(error).strip().splitlines()[0]
    return first.removeprefix("<anonymous>:")[:500]


def _answer(document: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(document).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(serve())
