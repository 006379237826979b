"""`bkapi-client-core` with a gateway client, as its generator writes one: only the address template is ours."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bkapi_client_core.apigateway import APIGatewayClient, Operation, OperationGroup, bind_property
from bkapi_client_core.config import SettingKeys, settings
from bkapi_client_core.exceptions import APIGatewayResponseError, HTTPResponseError, JSONResponseError

from tests.functional.blueking.conftest import Site


class Group(OperationGroup):
    create_host = bind_property(Operation, name="create_host", method="POST", path="/hosts/")
    get_host = bind_property(Operation, name="get_host", method="GET", path="/hosts/{id}/")
    nothing = bind_property(Operation, name="nothing", method="GET", path="/nothing/{id}/")


class Client(APIGatewayClient):
    _api_name = "bk-demo"
    api = bind_property(Group, name="api")


def client_of(site: Site, template: str = "/api/{api_name}/", stage: str | None = None, **auth: str) -> Client:
    client = Client(endpoint=f"{site.url}{template}", stage=stage)
    client.update_bkapi_authorization(**auth)
    return client


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    with client_of(site, bk_app_code=site.app_code, bk_app_secret=site.app_secret) as made:
        yield made


def test_what_the_backend_answers_is_what_the_client_gets(client: Client, site: Site) -> None:
    site.backend.body = b'{"id": 12345678901234567890}'
    assert client.api.get_host(path_params={"id": 7}, params={"a": "1"}) == {"id": 12345678901234567890}
    received = site.backend.received[0]
    assert (received.method, received.target) == ("GET", "/demo/hosts/7/?a=1")
    assert "x-bkapi-authorization" not in received.headers
    assert "x-bkapi-jwt" in received.headers


def test_a_posted_body_arrives_as_it_was(client: Client, site: Site) -> None:
    client.api.create_host({"ip": "10.0.0.1"})
    assert site.backend.received[0].json == {"ip": "10.0.0.1"}


def test_a_post_without_a_body_arrives(client: Client, site: Site) -> None:
    client.api.create_host({})
    assert site.backend.received[0].body == b""


def test_the_stage_is_the_one_the_settings_map_the_gateway_to(site: Site) -> None:
    settings.set(SettingKeys.DEFAULT_STAGE_MAPPINGS, {"bk-demo": "stag"})
    try:
        client = client_of(site, bk_app_code=site.app_code, bk_app_secret=site.app_secret)
    finally:
        settings.reset()
    with pytest.raises(APIGatewayResponseError, match="no stage stag"):
        client.api.get_host(path_params={"id": 7})


def test_the_address_may_name_the_stage_itself(site: Site) -> None:
    client = client_of(site, "/api/bk-demo/prod", "", bk_app_code=site.app_code, bk_app_secret=site.app_secret)
    assert client.api.get_host(path_params={"id": 7}) == {"from": "backend"}


def test_the_request_ids_have_the_lengths_the_client_expects(client: Client) -> None:
    answer = client.api.get_host.request(path_params={"id": 7})
    assert answer is not None
    assert (len(answer.headers["X-Bkapi-Request-ID"]), len(answer.headers["X-Request-ID"])) == (36, 32)
    assert "X-Bkapi-Error-Code" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"bk_app_secret": "wrong"}, 400, "1640001"),
        ({"bk_app_code": "nobody"}, 400, "1640001"),
        ({"access_token": "wrong"}, 400, "1640001"),
        ({"bk_app_code": None, "bk_app_secret": None}, 401, "1640100"),
    ],
)
def test_a_refusal_is_the_clients_own_error(client: Client, changed: dict[str, Any], status: int, code: str) -> None:
    client.update_bkapi_authorization(**changed)
    with pytest.raises(APIGatewayResponseError) as caught:
        client.api.get_host(path_params={"id": 7})
    assert (caught.value.response_status_code, caught.value.error_code) == (status, code)
    assert caught.value.error_message
    assert len(caught.value.request_id) == 36


def test_an_unknown_path_is_the_clients_own_error(client: Client) -> None:
    with pytest.raises(APIGatewayResponseError) as caught:
        client.api.nothing(path_params={"id": 7})
    assert (caught.value.response_status_code, caught.value.error_code) == (404, "1640401")


def test_an_access_token_is_enough(site: Site) -> None:
    assert client_of(site, access_token=site.token).api.get_host(path_params={"id": 7}) == {"from": "backend"}


def test_a_backends_failure_is_no_error_of_the_gateways(client: Client, site: Site) -> None:
    site.backend.status, site.backend.body = 503, b"{}"
    with pytest.raises(HTTPResponseError) as caught:
        client.api.get_host(path_params={"id": 7})
    assert not isinstance(caught.value, APIGatewayResponseError)
    assert caught.value.response_status_code == 503


def test_a_backend_that_answers_no_json_is_told_so(client: Client, site: Site) -> None:
    site.backend.body, site.backend.content_type = b"<html>", "text/html"
    with pytest.raises(JSONResponseError):
        client.api.get_host(path_params={"id": 7})


def test_a_backends_result_false_is_data(client: Client, site: Site) -> None:
    site.backend.body = json.dumps({"result": False, "code": 7, "message": "no"}).encode()
    assert client.api.get_host(path_params={"id": 7})["code"] == 7
