"""Systems by form and by every kind of document; documents by address are fetched with care."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import yaml

from kernel.settings import Settings
from tests.support.listening import listening
from tests.support.management import UPSTREAM, Management, document


class DocumentServer:
    """Answers every connection with the same bytes."""

    def __init__(self) -> None:
        self.answer = b""
        self.url = ""

    def answers(self, status: str, body: bytes, *headers: str) -> None:
        head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers))
        self.answer = head.encode() + b"\r\n" + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        await writer.drain()


@pytest.fixture
async def documents() -> AsyncIterator[DocumentServer]:
    served = DocumentServer()
    async with listening(served.serve) as port:
        served.url = f"http://127.0.0.1:{port}"
        yield served


@pytest.fixture
def settings(settings: Settings, documents: DocumentServer) -> Settings:
    origins = (*settings.allowed_upstream_origins, documents.url)
    return settings.model_copy(update={"allowed_upstream_origins": origins})


async def test_a_system_is_registered_by_form_and_serves_nothing_yet(management: Management) -> None:
    body = {"name": "cmdb", "upstream_url": UPSTREAM, "title": "Inventory", "aliases": ["cc"], "signing": "jwt"}
    made = await management.client.post("/v1/systems", json=body)
    assert made.status_code == 201, made.text
    view = made.json()
    assert (view["title"], view["owner"], view["components_count"], view["live"]) == ("Inventory", "admin", 0, True)
    (stage,) = view["stages"]
    assert (stage["name"], stage["release"], stage["upstream_url"], stage["signing"]) == ("prod", "", UPSTREAM, "jwt")
    assert management.holder.current.systems["cc"].stages["prod"].components == {}
    listed = (await management.client.get("/v1/systems")).json()["items"]
    assert [system["name"] for system in listed] == ["cmdb"]
    assert (await management.client.get("/v1/systems/cmdb/components")).json()["items"] == []
    again = await management.client.post("/v1/systems", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "C"}, 422),
        ({"name": "bk-apigateway"}, 422),
        ({"upstream_url": "http://127.0.0.1:9100/"}, 422),
        ({"upstream_url": ""}, 422),
        ({"aliases": ["c"]}, 422),
        ({"owner": "nobody"}, 422),
        ({"signing": "magic"}, 422),
        ({"colour": "red"}, 422),
    ],
)
async def test_a_wrong_form_registers_nothing(management: Management, change: dict[str, Any], status: int) -> None:
    body = {"name": "cmdb", "upstream_url": UPSTREAM} | change
    assert (await management.client.post("/v1/systems", json=body)).status_code == status
    assert (await management.client.get("/v1/systems")).json()["items"] == []


async def test_only_registrars_register(management: Management) -> None:
    ann = await management.person("ann")
    answer = await ann.post("/v1/systems", json={"name": "cmdb", "upstream_url": UPSTREAM})
    assert answer.status_code == 403


def order(**more: Any) -> dict[str, Any]:
    return {"name": "cmdb", "upstream_url": UPSTREAM, **more}


async def test_a_document_may_be_yaml_text_with_variables_and_docs(management: Management) -> None:
    text = yaml.safe_dump(document()).replace("Inventory", "{{ settings.TITLE }}")
    body = order(
        document_text=text, variables={"settings.TITLE": "Hosts"}, docs={"zh": {"get_host": "# 主机"}, "en": {"x": "y"}}
    )
    answer = await management.client.post("/v1/systems:import", json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["release"], answer.json()["notes"]) == ("1.0.0", [])
    assert (await management.client.get("/v1/systems/cmdb")).json()["title"] == "Hosts"
    draft = (await management.client.get("/v1/systems/cmdb/draft/components/get_host")).json()["component"]
    assert draft["texts"] == {"zh": {"doc": "# 主机"}}


async def test_texts_stay_when_the_next_import_brings_none(management: Management) -> None:
    await management.client.post(
        "/v1/systems:import", json=order(document=document(), docs={"zh": {"get_host": "# 主机"}})
    )
    again = (await management.client.post("/v1/systems:import", json=order(document=document()))).json()
    assert again["release"] == "1.0.0"
    changed = order(document=document(), docs={"en": {"get_host": "# Host"}})
    assert (await management.client.post("/v1/systems:import", json=changed)).json()["release"] == "1.1.0"
    draft = (await management.client.get("/v1/systems/cmdb/draft/components/get_host")).json()["component"]
    assert draft["texts"] == {"zh": {"doc": "# 主机"}, "en": {"doc": "# Host"}}


async def test_an_import_may_only_fill_the_draft(management: Management) -> None:
    answer = (await management.client.post("/v1/systems:import", json=order(document=document(), release=False))).json()
    assert (answer["release"], answer["components"]) == ("", 3)
    assert management.holder.current.systems["cmdb"].stages["prod"].components == {}
    listed = (await management.client.get("/v1/systems/cmdb/draft/components")).json()["items"]
    assert len(listed) == 3
    released = (await management.client.post("/v1/systems:import", json=order(document=document()))).json()
    assert released["release"] == "1.0.0"


async def test_other_components_of_the_draft_stay_where_asked(management: Management) -> None:
    await management.client.post("/v1/systems:import", json=order(document=document()))
    more = document()
    more["paths"] = {"/racks": {"get": {"operationId": "list_racks"}}}
    kept = (await management.client.post("/v1/systems:import", json=order(document=more, keep_others=True))).json()
    assert kept["components"] == 4
    clash = document()
    clash["paths"] = {"/racks": {"get": {"operationId": "other"}}}
    refused = await management.client.post("/v1/systems:import", json=order(document=clash, keep_others=True))
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_document")
    alone = (await management.client.post("/v1/systems:import", json=order(document=more))).json()
    assert alone["components"] == 1


async def test_what_a_document_asks_for_and_does_not_get_is_noted(management: Management) -> None:
    resource = {"pluginConfigs": [{"type": "bk-traffic-label", "yaml": ""}]}
    given = document(**{"/a": {"get": {"operationId": "a", "x-bk-apigateway-resource": resource}}})
    answer = (await management.client.post("/v1/systems:import", json=order(document=given))).json()
    assert [note["field"] for note in answer["notes"]] == ["/paths/~1a/get/x-bk-apigateway-resource/pluginConfigs/0"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "body"),
        ({"document": {}, "document_text": "{}"}, "body"),
        ({"document_text": "a: ["}, "document_text"),
        ({"document_text": "{% x %}"}, "document_text"),
        ({"document_text": "openapi: 3.1.0"}, "document_text/paths"),
        ({"document_url": "ftp://example.com/x"}, "document_url"),
        ({"document_url": "http://127.0.0.1:1/"}, "document_url"),
        ({"document_url": "http://169.254.169.254/latest/meta-data"}, "document_url"),
        ({"document_url": "http://[::ffff:127.0.0.1]:80/"}, "document_url"),
        ({"document": document(), "variables": {"os.x": "y"}}, "variables.os.x.[key]"),
        ({"document": document(), "docs": {"fr": {}}}, "docs.fr.[key]"),
    ],
)
async def test_a_wrong_order_imports_nothing(management: Management, given: dict[str, Any], field: str) -> None:
    answer = await management.client.post("/v1/systems:import", json=order(**given))
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert (await management.client.get("/v1/systems")).json()["items"] == []


async def test_a_document_is_fetched_from_an_allowed_address(management: Management, documents: DocumentServer) -> None:
    documents.answers("200 OK", yaml.safe_dump(document()).encode())
    body = order(document_url=f"{documents.url}/openapi.yaml")
    answer = await management.client.post("/v1/systems:import", json=body)
    assert (answer.status_code, answer.json()["release"]) == (200, "1.0.0")


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        ("302 Found", b"", "answers 302"),
        ("404 Not Found", b"{}", "answers 404"),
        ("200 OK", b"\xff\xfe", "no UTF-8"),
        ("200 OK", b"x" * (10 * 1024 * 1024 + 1), "more than"),
        ("200 OK", b"<html>", "is"),
        ("nonsense", b"", ""),
    ],
)
async def test_what_is_no_document_is_refused(
    management: Management, documents: DocumentServer, status: str, body: bytes, told: str
) -> None:
    documents.answers(status, body, "Location: http://169.254.169.254/")
    answer = await management.client.post("/v1/systems:import", json=order(document_url=documents.url))
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"].startswith("document_url")
    assert told in error["problem"]


async def test_a_curl_line_is_a_proposal_and_nothing_else(management: Management) -> None:
    await management.client.post("/v1/systems", json={"name": "cmdb", "upstream_url": UPSTREAM})
    command = {"command": "curl -u a:b -X PUT https://e.example/hosts/7 --json '{\"a\": 1}'"}
    answer = await management.client.post("/v1/systems/cmdb/draft/components:from-curl", json=command)
    assert answer.status_code == 200, answer.text
    proposal = answer.json()
    assert (proposal["name"], proposal["base_url"]) == ("put_hosts_by_host_id", "https://e.example")
    assert proposal["notes"]
    put = await management.client.put(
        f"/v1/systems/cmdb/draft/components/{proposal['name']}", json=proposal["component"]
    )
    assert put.status_code == 200, put.text
    bad = await management.client.post("/v1/systems/cmdb/draft/components:from-curl", json={"command": "rm -rf /"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "command")
