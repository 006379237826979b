from contextlib import asynccontextmanager

import pytest
from joserfc.jwk import RSAKey

from tests.support.plugin_conversation import gateway_token
from tests.support.served_plugin import SAMPLE, environment, served, write_project


@pytest.fixture(scope="session")
def gateway_key():
    return RSAKey.generate_key(2048)


@pytest.fixture
def write_version(tmp_path):
    def write(body, number="1.0.0", **files: str):
        return write_project(tmp_path / "project", body, number, **files)

    return write


@pytest.fixture
def serving(tmp_path, gateway_key):
    """Serves a project to a client that comes through the gateway; entered again, it takes up what was left."""

    @asynccontextmanager
    async def serve(folder=SAMPLE, **changes: str):
        headers = {"X-Bkapi-JWT": gateway_token(gateway_key)}
        async with served(tmp_path, environment(gateway_key, **changes), folder, headers) as client:
            yield client

    return serve


@pytest.fixture
def begin():
    async def begin(client, inputs=None, context=None, version="1.0.0"):
        body = {"inputs": inputs or {}, "context": context or {}}
        answer = await client.post(f"/bk_plugin/invoke/{version}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return begin
