"""`bkapi-component-open` as it comes from PyPI: only the address is ours."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from bkapi_client_core.exceptions import HTTPResponseError
from bkapi_component.open.client import Client

from tests.functional.blueking.conftest import Site

PAGE = {"start": 0, "limit": 10}


def client_of(site: Site, **changed: Any) -> Client:
    """Ours is to say the address; all else is as the client's own documentation has it."""
    client = Client(endpoint=site.url, bk_api_ver="v2", language="en", **changed)
    client.update_bkapi_authorization(bk_app_code=site.app_code, bk_app_secret=site.app_secret)
    return client


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    with client_of(site) as made:
        yield made


@pytest.fixture
def business(site: Site) -> int:
    answer = client_of(site).cc.create_business(
        {"data": {"bk_biz_name": f"shop {uuid4().hex[:8]}", "bk_biz_maintainer": "admin"}}
    )
    assert answer["result"] is True, answer
    number: int = answer["data"]["bk_biz_id"]
    return number


def test_a_posted_component_answers_the_envelope(client: Client, business: int) -> None:
    answer = client.cc.search_business({"fields": ["bk_biz_id", "bk_biz_name"], "page": PAGE})
    assert (answer["result"], answer["code"]) == (True, 0)
    assert business in [each["bk_biz_id"] for each in answer["data"]["info"]]
    assert len(answer["request_id"]) == 32


def test_a_component_that_the_client_gets_takes_its_parameters_as_text(client: Client, business: int) -> None:
    answer = client.cc.search_biz_inst_topo({"bk_biz_id": business, "level": -1})
    assert answer["result"] is True, answer
    assert answer["data"][0]["bk_inst_id"] == business


def test_attributes_and_cloud_areas_are_read(client: Client) -> None:
    attributes = client.cc.search_object_attribute({"bk_obj_id": "host"})
    assert "bk_host_innerip" in {each["bk_property_id"] for each in attributes["data"]}
    areas = client.cc.search_cloud_area({"page": PAGE})
    assert 0 in {each["bk_cloud_id"] for each in areas["data"]["info"]}


def test_a_components_own_failure_is_data_to_the_client(client: Client) -> None:
    answer = client.cc.search_business({"page": {"start": 0, "limit": 100_000}})
    assert (answer["result"], answer["data"]) == (False, None)
    assert "page.limit" in answer["message"]


def test_a_wrong_secret_is_data_too(client: Client) -> None:
    client.update_bkapi_authorization(bk_app_secret="wrong")
    answer = client.cc.search_business({"page": PAGE})
    assert (answer["result"], answer["code"], answer["data"]) == (False, 1306000, None)


def test_a_missing_grant_is_the_apps_permission(client: Client) -> None:
    answer = client.jobv3.get_job_instance_status({"bk_scope_type": "biz", "bk_scope_id": "2", "job_instance_id": 1})
    assert (answer["result"], answer["code"]) == (False, 1306403)


def test_a_component_nobody_registered_is_an_http_error(client: Client) -> None:
    with pytest.raises(HTTPResponseError) as caught:
        client.itsm.get_services({})
    assert caught.value.response_status_code == 404


def test_an_access_token_is_enough(site: Site) -> None:
    with Client(endpoint=site.url, bk_api_ver="v2") as client:
        client.update_bkapi_authorization(access_token=site.token)
        assert client.cc.search_business({"page": PAGE})["result"] is True


def test_without_the_version_in_the_path(site: Site) -> None:
    client = client_of(site)
    client.set_bk_api_ver("")
    assert client.cc.search_business({"page": PAGE})["result"] is True


def test_the_test_stage_is_not_there_until_someone_makes_it(site: Site) -> None:
    answer = client_of(site, use_test_env=True).cc.search_business({"page": PAGE})
    assert (answer["result"], answer["code"]) == (False, 1306206)
