import string
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from marketplace.authoring.remote_draft import remote_draft
from marketplace.form_data.address import SITE, PluginAddress, SiteAddress, read_address
from marketplace.form_data.errors import FormRequestRefused
from marketplace.form_data.site_addresses import SITE_ADDRESSES
from marketplace.package.manifest_check import check_manifest
from marketplace.package.plugin_detail import PluginDetail


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/",
        "https://elsewhere.example/forms/pipeline/cc_get_set/2/",
        "//elsewhere.example/forms/pipeline/",
        "/\\elsewhere.example/",
        "javascript:alert(1)",
        "data:text/plain,x",
        "http://[",
        "/v1/users",
        "forms/pipeline/cc_get_set/2/",
        "/forms/../v1/users",
        "/forms/%2e%2e/v1/users",
        "/forms/pipeline%2f..%2fx/",
        "/forms/pipeline//cc_get_set/2/",
        "/bk_plugin/plugin_api/../invoke/1.0.0",
        "/bk_plugin/plugin_api/%2E%2E/invoke/1.0.0",
        "/bk_plugin/invoke/1.0.0",
        "/forms/plugin_service/data_api/greet/bk_plugin/invoke/1.0.0",
        "/forms/plugin_service/data_api/greet/bk_plugin/plugin_api/%2e%2e/invoke/1.0.0",
    ],
)
def test_what_leads_elsewhere_is_refused(url):
    with pytest.raises(FormRequestRefused):
        read_address(url)


def test_views_of_plugins_keep_their_query_and_are_fit_to_be_sent():
    assert read_address("/bk_plugin/plugin_api/hosts/?biz=2&q=a b") == PluginAddress(
        "", "/bk_plugin/plugin_api/hosts/?biz=2&q=a%20b"
    )
    asked = read_address(f"{SITE}plugin_service/data_api/greet/bk_plugin/plugin_api/主机")
    assert asked == PluginAddress("greet", "/bk_plugin/plugin_api/%E4%B8%BB%E6%9C%BA")


def test_the_query_is_that_of_the_address_and_of_the_data():
    asked = read_address(f"{SITE}pipeline/cc_search_object_attribute/set/2?all=1", {"x": 3, "y": [1]})
    assert asked == SiteAddress(("pipeline", "cc_search_object_attribute", "set", "2"), {"all": "1", "x": "3"})


@pytest.mark.parametrize("end", ["", "/"])
def test_an_address_is_found_with_what_stands_in_it(end):
    address = read_address(f"{SITE}pipeline/cc_get_module/2/7{end}?q=1")
    assert isinstance(address, SiteAddress)
    question, named = SITE_ADDRESSES.find(address)
    assert question.component == "cmdb.search_module"
    assert named == {"biz_cc_id": "2", "biz_set_id": "7", "q": "1"}


@pytest.mark.parametrize("path", ["pipeline/cc_get_module/2/", "pipeline/cc_get_module/2/7/8/", "pipeline/", ""])
def test_other_addresses_are_not_found(path):
    address = read_address(SITE + path)
    assert isinstance(address, SiteAddress)
    assert SITE_ADDRESSES.find(address) is None


@given(st.text(alphabet=string.printable + "主\\", max_size=60))
def test_nothing_but_a_way_below_ours_is_ever_read(url):
    try:
        address = read_address(url)
    except FormRequestRefused:
        return
    if isinstance(address, PluginAddress):
        target = urlsplit(address.target)
        assert target.path.startswith("/bk_plugin/plugin_api/")
        assert ".." not in target.path.split("/")
        assert address.target.isascii()
        assert " " not in address.target
    else:
        assert url.startswith(SITE)


def test_a_draft_of_a_remote_plugin_names_the_components_that_its_form_asks():
    form = """$.atoms.x = [
        {tag_code: "s", type: "select", attrs: {remote_url: $.context.get("site_url") + "pipeline/cc_get_set/" + 2}},
        {tag_code: "y", type: "select", attrs: {remote_url: "pipeline/jobv3_get_job_template_list/2/"}}];"""
    detail = PluginDetail.model_validate({"version": "1.0.0", "forms": {"renderform": form}})

    manifest = yaml.safe_load(remote_draft("greet", "acme", "greet", "http://x", detail)["plugin.yaml"])

    assert manifest["form_components"] == ["cmdb.search_set"]
    assert [need["scope"] for need in manifest["scopes"]] == ["greet:run", "cmdb.search_set"]
    assert check_manifest(manifest).components()[-1] == "cmdb.search_set"
