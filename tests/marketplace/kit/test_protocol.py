"""What the conversation with the framework doesn't cover."""

import asyncio
import json

import pytest
from joserfc.jwk import RSAKey

from tests.support.plugin_conversation import ended, gateway_token

LOGGING = """
def execute(self, inputs, context):
    logging.getLogger("bk_plugin").info("call %d", context.invoke_count)
    if context.invoke_count == 1:
        self.wait_poll(0)
"""
ECHO = "/bk_plugin/plugin_api/echo/"
NOTHING = "def execute(self, inputs, context): pass"


@pytest.mark.parametrize("path", ["meta", "detail/1.0.0", "schedule/x", "logs/x", "plugin_api/hosts/7"])
async def test_addresses_are_known_with_and_without_a_slash(serving, path):
    async with serving() as client:
        for end in ("", "/"):
            answer = await client.get(f"/bk_plugin/{path}{end}")
            assert answer.status_code != 404 or (path, end) == ("plugin_api/hosts/7", "")


async def test_lines_of_a_run_are_told_apart(serving, write_version, begin):
    async with serving(write_version(LOGGING)) as client:
        first, second = (await begin(client))["trace_id"], (await begin(client))["trace_id"]
        await ended(client, first)
        await ended(client, second)
        log = (await client.get(f"/bk_plugin/logs/{first}")).json()
    assert log == {"result": True, "data": {"log": "INFO call 1\nINFO call 2"}, "message": ""}


async def test_logs_cannot_be_read_outside_development(serving, write_version):
    async with serving(write_version(NOTHING), BKPAAS_ENVIRONMENT="prod") as client:
        assert (await client.get("/bk_plugin/logs/x")).status_code == 404
        assert (await client.get("/")).status_code == 404


async def test_development_needs_no_gateway(serving, write_version, begin):
    async with serving(write_version(NOTHING), BKPAAS_ENVIRONMENT="dev") as client:
        del client.headers["X-Bkapi-JWT"]
        assert (await begin(client))["data"]["state"] == 4


@pytest.mark.parametrize("how", ["another key", "expired", "no JWT", "no algorithm"])
async def test_a_token_that_does_not_hold_is_refused(serving, gateway_key, how, rsa_key):
    token = {
        "another key": gateway_token(rsa_key),
        "expired": gateway_token(gateway_key, expires=-1),
        "no JWT": "nonsense",
        "no algorithm": "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.",
    }[how]
    async with serving() as client:
        for _ in range(2):
            answer = await client.post(
                "/bk_plugin/invoke/1.0.0", json={"inputs": {}, "context": {}}, headers={"X-Bkapi-JWT": token}
            )
            assert answer.status_code == 403
            assert answer.text == "This API can only be accessed through API gateway"


@pytest.fixture(scope="module")
def rsa_key():
    return RSAKey.generate_key(2048)


async def test_an_app_whose_scopes_are_named_must_be_verified(serving, gateway_key):
    async with serving() as client:
        answer = await client.post(
            "/bk_plugin/invoke/1.0.0",
            json={"inputs": {"hello": "a"}, "context": {"executor": "a"}},
            headers={"X-Bkapi-JWT": gateway_token(gateway_key, "")},
        )
    assert answer.status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_pages_of_others_cannot_invoke_a_plugin_in_development(serving, write_version, kind):
    async with serving(write_version(NOTHING)) as client:
        headers = {"Content-Type": kind} if kind else {}
        answer = await client.post("/bk_plugin/invoke/1.0.0", content=b'{"inputs": {}, "context": {}}', headers=headers)
    assert answer.status_code == 415


async def test_a_body_nested_without_end_is_refused_at_every_address_and_the_process_goes_on(serving, begin):
    deep = b"[" * 10_000 + b"]" * 10_000
    dumped = {"url": ECHO, "method": "POST", "username": "ada", "dumped_data": deep.decode()}
    async with serving() as client:
        waiting = await begin(client, version="1.2.0")
        callback = f"/bk_plugin/callback/{waiting['data']['outputs']['url'].split('/')[-2]}/"
        for path, body in (
            ("/bk_plugin/invoke/1.0.0", deep),
            ("/bk_plugin/invoke/1.0.0", b'{"inputs": {"hello": ' + deep + b'}, "context": {}}'),
            ("/bk_plugin/plugin_api_dispatch/", deep),
            ("/bk_plugin/plugin_api_dispatch/", json.dumps(dumped).encode()),
            (ECHO, deep),
            (callback, deep),
        ):
            answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400, (path, answer.status_code, answer.text[:200])
        assert (await client.post(callback, json={"n": 1})).status_code == 200
        assert (await ended(client, waiting["trace_id"])).json()["data"]["outputs"]["answers"] == [{"n": 1}]


async def test_outputs_that_json_does_not_know_are_written_as_text(serving, write_version, begin):
    folder = write_version("""
        def execute(self, inputs, context):
            import datetime, decimal
            context.outputs.update(day=datetime.date(2030, 1, 2), price=decimal.Decimal("1.5"), odd=float("nan"))
    """)
    async with serving(folder) as client:
        assert (await begin(client))["data"]["outputs"] == {"day": "2030-01-02", "price": "1.5", "odd": None}


async def test_inputs_of_one_run_are_not_those_of_another(serving, write_version, begin):
    folder = write_version("""
        class Inputs(InputsModel):
            found: list = []

        def execute(self, inputs, context):
            inputs.found.append(1)
            context.outputs["found"] = inputs.found
    """)
    async with serving(folder) as client:
        for _ in range(2):
            assert (await begin(client))["data"]["outputs"] == {"found": [1]}


async def test_an_invocation_that_is_repeated_begins_no_second_run(serving, write_version, gateway_key):
    folder = write_version("""
        async def execute(self, inputs, context):
            await asyncio.sleep(0.02)
            self.wait_callback()
    """)
    call = {"url": "/bk_plugin/invoke/1.0.0", "json": {"inputs": {}, "context": {}}}
    key = {"Idempotency-Key": "run1:1"}
    async with serving(folder) as client:
        at_once = await asyncio.gather(*(client.post(**call, headers=key) for _ in range(3)))
        others = {"X-Bkapi-JWT": gateway_token(gateway_key, "another_app"), **key}
        runs = {answer.json()["trace_id"] for answer in at_once}
        assert len(runs) == 1
        for headers in ({}, others, {"Idempotency-Key": "run1:2"}):
            runs.add((await client.post(**call, headers=headers)).json()["trace_id"])
    async with serving(folder) as client:
        assert (await client.post(**call, headers=key)).json() == at_once[0].json()
    assert len(runs) == 4
