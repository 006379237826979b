"""A few processes that evaluate, each for one request at a time."""

import asyncio
import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kernel.errors import Unavailable
from marketplace.legacy_forms import wordings
from marketplace.legacy_forms.errors import FormRefused
from marketplace.legacy_forms.sandbox.process import AnswerLate, ProcessEnded, SandboxProcess

_SECONDS = 1.2
_USES = 500
_MAX_WAITING = 64


class Sandbox:
    """Runs a function of `runtime/` on a form.js, each time in a world of its own.

    Processes start when they are needed; one that was late, died or served long is replaced.

    Args:
        size: processes at most.
        seconds: how long one evaluation may take.
    """

    def __init__(self, size: int = 2, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._idle: list[SandboxProcess] = []
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(max_workers=size, thread_name_prefix="form-sandbox")
        self._waiting = 0

    async def ask(
        self, source: str, function: str, arguments: Sequence[Any] = (), context: Mapping[str, Any] | None = None
    ) -> Any:
        """As `run`, without holding up the event loop.

        Raises:
            FormRefused: as `run`.
            Unavailable: too many wait already.
        """
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many forms are being evaluated; try again in a few seconds")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self.run, source, function, arguments, context)
        finally:
            self._waiting -= 1

    def run(
        self, source: str, function: str, arguments: Sequence[Any] = (), context: Mapping[str, Any] | None = None
    ) -> Any:
        """What the function answers: JSON, of any shape, since the form may have answered itself.

        Raises:
            FormRefused: it took too long, too much memory, or raised.
        """
        document = {"source": source, "function": function, "arguments": list(arguments), "context": context or {}}
        process = self._taken()
        try:
            line = process.ask(json.dumps(document).encode(), self._seconds)
        except AnswerLate as error:
            process.end()
            raise FormRefused([wordings.SLOW.at("source", seconds=f"{self._seconds:g}")]) from error
        except ProcessEnded as error:
            process.end()
            raise FormRefused([wordings.MEMORY.at("source")]) from error
        except BaseException:
            process.end()
            raise
        self._give_back(process)
        return _value(line)

    def close(self) -> None:
        """Ends the processes; what is being evaluated is refused."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _taken(self) -> SandboxProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        try:
            return SandboxProcess()
        except (AnswerLate, ProcessEnded, OSError) as error:
            raise Unavailable("The process that evaluates forms could not be started") from error

    def _give_back(self, process: SandboxProcess) -> None:
        if process.asked >= _USES:
            process.end()
            return
        with self._lock:
            self._idle.append(process)


def _value(line: bytes) -> Any:
    answer = json.loads(line)
    if "problem" in answer:
        raise FormRefused([wordings.RAISED.at("source", why=answer["problem"])])
    try:
        return json.loads(answer["value"])
    except (ValueError, RecursionError) as error:
        raise FormRefused([wordings.NO_JSON.at("source")]) from error
