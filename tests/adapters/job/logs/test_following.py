"""Logs as server-sent events, from scripts that run."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from adapters.job.service.logs import following
from tests.adapters.gateway import ORIGIN
from tests.adapters.job.conftest import HERE, SCOPE, Jobs
from tests.adapters.kinds import one_database
from tests.support.patience import PATIENCE_SECONDS


class Reading:
    """One reader of a log. What it is sent waits in `pieces`; closing it is the end of its connection."""

    def __init__(self, jobs: Jobs, executed: dict[str, Any], last_event_id: str) -> None:
        ids = {name: executed[name] for name in ("job_instance_id", "step_instance_id")}
        query = urlencode({**SCOPE, **ids, "ip": HERE.ip})
        request = jobs.gateway.signed("GET", f"/follow_job_instance_ip_log?{query}", b"")
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        self._scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "server": ("systems.test", 80), "path": "/follow_job_instance_ip_log", "root_path": "",
            "raw_path": b"/follow_job_instance_ip_log", "query_string": query.encode(),
            "headers": [*headers, (b"last-event-id", last_event_id.encode())],
        }  # fmt: skip
        self._gone, self._asked = asyncio.Event(), False
        self.status, self.media_type = 0, ""
        self.pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._work = asyncio.create_task(jobs.gateway.system.app(self._scope, self._receive, self._send))

    async def _receive(self) -> Any:
        if self._asked:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.media_type = dict(message["headers"]).get(b"content-type", b"").decode()
        elif message.get("body") or not message.get("more_body"):
            self.pieces.put_nowait(message.get("body", b""))

    async def __aiter__(self) -> AsyncGenerator[dict[str, Any], None]:
        """The events, each with its id."""
        while piece := await asyncio.wait_for(self.pieces.get(), PATIENCE_SECONDS):
            for block in piece.decode().split("\n\n"):
                fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
                if fields:
                    yield {"event": fields["event"], "id": fields["id"], **json.loads(fields["data"])}

    async def aclose(self) -> None:
        self._gone.set()
        with contextlib.suppress(asyncio.CancelledError):
            await self._work


def reading(jobs: Jobs, executed: dict[str, Any], last_event_id: str = "") -> aclosing[Reading]:
    return aclosing(Reading(jobs, executed, last_event_id))


async def test_a_log_is_followed_left_and_gone_on_with(jobs: Jobs, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    executed = await jobs.execute(f"echo één; while [ ! -e {gate} ]; do sleep 0.02; done; echo two; exit 4")
    async with reading(jobs, executed) as reader:
        first = await anext(aiter(reader))
        assert (first["event"], first["log_content"], first["log_offset"], first["log_size"]) == ("log", "één\n", 0, 6)
        assert reader.media_type == "text/event-stream; charset=utf-8"
    gate.touch()
    async with reading(jobs, executed, first["id"]) as reader:
        *grown, end = [event async for event in reader]
        assert "".join(event["log_content"] for event in grown) == "two\n"
        assert (end["event"], end["status"], end["exit_code"]) == ("end", 11, 4)
    async with reading(jobs, executed, end["id"]) as reader:
        assert await reader.pieces.get() == b""
        assert reader.status == 204


@one_database
async def test_who_comes_late_gets_all_of_it_and_a_new_attempt_begins_anew(jobs: Jobs, tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    executed = await jobs.execute(f"echo try; test -e {mended}")
    await jobs.ended(executed)
    async with reading(jobs, executed) as reader:
        log, end = [event async for event in reader]
        assert (log["log_content"], end["status"]) == ("try\n", 11)
    mended.touch()
    again = {**SCOPE, "job_instance_id": executed["job_instance_id"], "step_instance_id": executed["step_instance_id"]}
    await jobs.gateway.data("operate_step_instance", {**again, "operation_code": 2})
    async with reading(jobs, executed, end["id"]) as reader:
        log, end = [event async for event in reader]
        assert (log["log_content"], log["log_offset"], end["status"]) == ("try\n", 0, 9)


@one_database
async def test_who_has_gone_leaves_his_place_to_others(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_READERS", 1)
    executed = await jobs.execute("echo begun; sleep 60")
    async with reading(jobs, executed) as reader:
        assert (await anext(aiter(reader)))["log_content"] == "begun\n"
        async with reading(jobs, executed) as other:
            assert "1 logs are followed already" in json.loads(await other.pieces.get())["message"]
    async with reading(jobs, executed) as reader:
        assert (await anext(aiter(reader)))["log_content"] == "begun\n"
    await jobs.gateway.data(
        "operate_job_instance", {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
    )


@one_database
async def test_a_stream_of_what_is_not_there_is_refused(idle_jobs: Jobs) -> None:
    async with reading(idle_jobs, {"job_instance_id": 1, "step_instance_id": 1}) as reader:
        answer = json.loads(await reader.pieces.get())
    assert (answer["result"], answer["message"]) == (False, "biz 2 has no job instance 1")
    assert ORIGIN not in answer["message"]


@one_database
async def test_a_stream_ends_with_its_server(jobs: Jobs) -> None:
    executed = await jobs.execute("echo begun; sleep 60")
    async with reading(jobs, executed) as reader:
        events = aiter(reader)
        assert (await anext(events))["log_content"] == "begun\n"
        await jobs.gateway.data(
            "operate_job_instance", {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
        )
        await jobs.gateway.system.stop()
        assert [event["event"] async for event in events if event["event"] == "log"] == []
