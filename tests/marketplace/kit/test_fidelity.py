"""Answers compared with those that bk-plugin-framework 2.3.14 gave to the same conversation."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.plugin_conversation import converse
from tests.support.served_plugin import environment, served

THEIRS = json.loads(Path(__file__).with_name("answers.json").read_text(encoding="utf-8"))
OURS_BY_DESIGN = {
    "meta": {"framework_version": "0.1.0", "runtime_version": None},
    "polled to what isn't JSON: the end": {
        "err": "plugin context json dumps error: Object of type object is not JSON serializable"
    },
}


@pytest.fixture(scope="module")
def ours(gateway_key, tmp_path_factory):
    async def talk():
        async with served(tmp_path_factory.mktemp("runs"), environment(gateway_key)) as client:
            return await converse(client, gateway_key)

    return asyncio.run(talk())


@pytest.mark.parametrize("name", THEIRS)
def test_answer_is_that_of_the_framework(ours, name):
    theirs = THEIRS[name]
    if name in OURS_BY_DESIGN:
        theirs["body"]["data"] |= OURS_BY_DESIGN[name]
    assert ours[name] == theirs
