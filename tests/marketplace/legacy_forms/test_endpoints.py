import json

import pytest

from marketplace.package.archive import write_archive
from tests.support.legacy_forms import CONTEXT, CORPUS, HOSTILE
from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, files_of

FORMS = {path.stem: path.read_text(encoding="utf-8") for path in CORPUS}
WITHOUT_FORM = {name: part for name, part in FIND_HOST.items() if name != "form"}
IP_FORM = """
$.atoms.find_host = [
    {tag_code: "ip", type: "input", attrs: {name: "Address", validation: [{type: "required"}, {
        type: "custom", args: function (value) { return {result: value !== "0.0.0.0", error_message: "no host"}; }
    }]}},
    {tag_code: "biz", type: "int", attrs: {name: "Business", default: 2, min: 1}}
];
"""


def package(manifest, script):
    return write_archive({**files_of(manifest), "form.js": script.encode()})


async def test_an_author_sees_what_a_form_becomes(house: MarketplaceHouse):
    answer = await house.client.post(
        "/forms:convert", json={"source": FORMS["show_and_hide"]}, headers=as_user("alice")
    )

    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert list(view["form"]["schema"]["properties"]) == ["kind", "script", "file"]
    assert view["report"]["counts"] == {"static": 11, "sandbox": 4, "frame": 0, "unknown": 0}
    assert view["behaviours"][0]["part"] == "event init of kind"
    assert view["source"] == FORMS["show_and_hide"]


async def test_forms_are_evaluated_for_those_who_publish_only(house: MarketplaceHouse):
    answer = await house.client.post("/forms:convert", json={"source": FORMS["radio"]}, headers=as_user("viewer"))

    assert answer.status_code == 403


async def test_what_is_no_form_is_refused_with_its_place(house: MarketplaceHouse):
    source = next(path for path in HOSTILE if path.stem == "syntax_error").read_text(encoding="utf-8")

    answer = await house.client.post("/forms:convert", json={"source": source})

    assert answer.status_code == 422
    assert answer.json()["code"] == "form_refused"
    assert answer.json()["errors"][0]["problem"].startswith("raises an error at line 1: SyntaxError")


async def test_a_package_with_a_form_is_published_with_its_model_and_script(house: MarketplaceHouse):
    answer = await house.upload(package(WITHOUT_FORM, IP_FORM))
    assert answer.status_code == 201, answer.text
    assert answer.json()["form"]["schema"]["properties"]["ip"]["title"] == "Address"

    script = (await house.client.get("/plugins/find_host/versions/1.0.0/form-script")).json()

    assert script["source"] == IP_FORM
    assert script["code"] == "find_host"
    assert script["form"] == answer.json()["form"]
    assert [behaviour["part"] for behaviour in script["behaviours"]] == ["validation custom"]


async def test_a_form_in_the_manifest_goes_before_the_script(house: MarketplaceHouse):
    answer = await house.upload(package(FIND_HOST, IP_FORM))

    assert answer.json()["form"]["uischema"] == FIND_HOST["form"]["uischema"]
    assert (await house.client.get("/plugins/find_host/versions/1.0.0/form-script")).status_code == 200


async def test_texts_alone_in_the_manifest_speak_for_the_fields_of_the_script(house: MarketplaceHouse):
    texts = {"zh": {"ip.label": "地址"}}
    alone = (await house.upload(package({**WITHOUT_FORM, "version": "1.0.1"}, IP_FORM))).json()["form"]
    spoken = (await house.upload(package({**WITHOUT_FORM, "form": {"i18n": texts}}, IP_FORM))).json()["form"]

    assert spoken == {**alone, "i18n": texts}


async def test_a_package_with_a_form_that_raises_is_refused_whole(house: MarketplaceHouse):
    answer = await house.upload(package(WITHOUT_FORM, "throw new Error('no')"))

    assert answer.status_code == 422
    assert answer.json()["code"] == "package_refused"
    assert answer.json()["errors"][0]["field"] == "form.js: source"
    assert (await house.client.get("/plugins/find_host")).status_code == 404


async def test_a_version_without_a_script_says_so(house: MarketplaceHouse):
    await house.publish(FIND_HOST)

    answer = await house.client.get("/plugins/find_host/versions/1.0.0/form-script")

    assert (answer.status_code, answer.json()["code"]) == (404, "form_script_unknown")


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"ip": "10.0.0.1", "biz": 2}, []),
        ({"ip": "", "biz": 2}, ["/ip"]),
        ({"ip": "0.0.0.0", "biz": 2}, ["/ip"]),  # noqa: S104  an address in a form
        ({"ip": "10.0.0.1", "biz": 0}, ["/biz"]),
    ],
)
async def test_values_are_checked_by_the_model_and_the_rules_of_the_script(house: MarketplaceHouse, values, fields):
    await house.upload(package(WITHOUT_FORM, IP_FORM))

    answer = await house.client.post(
        "/plugins/find_host/versions/1.0.0/form-script:check", json={"values": values, "context": CONTEXT}
    )

    assert answer.status_code == 200, answer.text
    assert [problem["field"] for problem in answer.json()["problems"]] == fields


async def test_the_world_forms_run_in_is_given_to_consoles(house: MarketplaceHouse):
    answer = await house.client.get("/forms/runtime.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "__forms" in answer.text
    assert json.dumps(answer.text)
