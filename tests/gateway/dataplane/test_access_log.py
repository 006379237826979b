import asyncio
import json
import os
import time

import pytest

from gateway.dataplane.access_log import AccessLog
from gateway.dataplane.app import DataPlane
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from tests.gateway.dataplane.conftest import SECRET, Gateway, Served, component, token
from tests.support.patience import until

SEARCH = "/api/cmdb/prod/search"


@pytest.fixture
async def logged(gateway, tmp_path):
    """The same gateway once more, with an access log."""
    client = TransportClient(AddressPolicy.allowing([gateway.upstream.url]))
    plane = DataPlane(gateway.holder, client, public_url="https://gw.example", access_log=str(tmp_path / "access.log"))
    async with Served(plane) as url:
        served = Gateway(url, gateway.upstream, gateway.holder, plane)
        yield served
        await served.http.aclose()
        await plane.aclose()


async def test_each_finished_call_is_a_line_that_says_who_called_what_and_how_it_ended(logged, tmp_path):
    before = time.time()
    good = await logged.call(SEARCH, bearer=token(act={"sub": 'al"ice'}))
    await logged.http.post("/api/cmdb/prod/sea%72ch%22")
    await logged.plane.aclose()
    first, second = map(json.loads, (tmp_path / "access.log").read_text().splitlines())
    assert before <= first.pop("at") <= time.time()
    assert 0 < first.pop("seconds") < 60
    assert first == {
        "request_id": good.headers["x-request-id"], "app": "shop", "user": 'al"ice', "system": "cmdb", "stage": "prod",
        "release": "1.0.0", "component": "search", "peer": "127.0.0.1", "method": "POST", "path": SEARCH,
        "status": 200, "code": 0,
    }  # fmt: skip
    assert (second["path"], second["status"], second["code"]) == ("/api/cmdb/prod/sea%72ch%22", 404, 1640401)
    assert (second["app"], second["system"], second["component"]) == ("", "", "")


async def test_no_credential_comes_into_the_log(logged, tmp_path):
    logged.system(component("search", "GET"))
    bearer = token()
    await logged.call(SEARCH, "GET", bearer=bearer, params={"access_token": bearer, "q": SECRET})
    header = {"x-bkapi-authorization": json.dumps({"bk_app_code": "shop", "bk_app_secret": SECRET})}
    await logged.http.get(SEARCH, headers=header)
    esb = "/api/c/compapi/cmdb/search/"
    await logged.http.get(esb, params={"bk_app_code": "shop", "bk_app_secret": SECRET, "bk_token": bearer})
    await logged.plane.aclose()
    text = (tmp_path / "access.log").read_text()
    assert len(text.splitlines()) == 3
    assert SECRET not in text
    assert bearer not in text


async def test_what_was_written_comes_out_by_itself(tmp_path):
    log = AccessLog(str(tmp_path / "log"))
    log.write("one\n")
    await until(lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text() == "one\n")
    log.close()


async def test_a_file_that_was_moved_away_is_opened_anew(tmp_path):
    log = AccessLog(str(tmp_path / "log"))
    for number in range(400):
        log.write(f"{number}\n")
    await until(lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text().count("\n") == 400)
    (tmp_path / "log").rename(tmp_path / "log.1")
    log.write("next\n")
    log.close()
    assert (tmp_path / "log.1").read_text().splitlines() == [str(number) for number in range(400)]
    assert (tmp_path / "log").read_text() == "next\n"


async def test_a_disk_that_does_not_keep_up_costs_lines_and_they_are_counted(tmp_path):
    os.mkfifo(tmp_path / "slow")
    log = AccessLog(str(tmp_path / "slow"))
    for number in range(60_000):
        log.write(f"{number:0100}\n")
    reading = asyncio.create_task(asyncio.to_thread((tmp_path / "slow").read_text))
    await until(lambda: log._batches.qsize() <= 50)
    log.write("after\n")
    await asyncio.to_thread(log.close)
    lines = (await reading).splitlines()
    (told,) = [json.loads(line)["dropped"] for line in lines if line.startswith("{")]
    assert told + len(lines) - 2 == 60_000
    assert 0 < told < 60_000


async def test_a_log_that_cannot_be_written_stops_no_call(tmp_path, caplog):
    log = AccessLog(str(tmp_path / "none" / "log"))
    log.write("one\n")
    log.close()
    assert "cannot be written" in caplog.text
