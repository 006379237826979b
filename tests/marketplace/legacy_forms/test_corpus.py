import json
import re
from itertools import chain

import pytest

from kernel.forms.check import form_problems
from kernel.forms.data import validate_data
from marketplace.legacy_forms.conversion import Treatment
from marketplace.legacy_forms.evaluated import form_codes
from marketplace.legacy_forms.reading import form_value_problems, read_form_script
from marketplace.legacy_forms.values import shape_problems
from marketplace.legacy_forms.vocabulary import CONTEXT as CONTEXT_NAMES
from marketplace.legacy_forms.vocabulary import EVENTS, INSTANCE, TAGS, VALIDATIONS
from tests.support.legacy_forms import CONTEXT, CORPUS, expectation

ALL = "\n".join(path.read_text(encoding="utf-8") for path in CORPUS)


def named(paths):
    return [pytest.param(path, id=path.stem) for path in paths]


@pytest.mark.parametrize("path", named(CORPUS))
async def test_every_form_becomes_a_sound_model(sandbox, path):
    conversion = await read_form_script(sandbox, path.read_text(encoding="utf-8"))

    assert form_problems(conversion.form.document()) == []
    assert json.loads(json.dumps(conversion.document())) == conversion.document()
    values = expectation(path)["values"]
    assert set(values) == set(conversion.form.schema["properties"])


@pytest.mark.parametrize("path", named(CORPUS))
async def test_every_form_begins_with_the_values_it_would_have_on_its_page(sandbox, path):
    source, expected = path.read_text(encoding="utf-8"), expectation(path)
    code = form_codes(await sandbox.ask(source, "describe"))[0]

    opened = await sandbox.ask(source, "open", [code, {}], CONTEXT)

    assert opened["values"] == expected["values"]
    told = opened["effects"]
    assert not [effect for effect in told if effect["type"] == "problem"]
    asked = [f"{one['method']} {_address(one)}" for one in told if one["type"] in {"request", "unsent"}]
    assert asked == expected.get("requests", [])
    assert [one["text"] for one in told if one["type"] == "message"] == expected.get("messages", [])
    hidden = [".".join(one["path"]) for one in opened["changes"] if one["state"]["hidden"]]
    assert set(hidden) >= set(expected.get("hidden", []))
    assert any(one["type"] == "unsupported" for one in told) is expected.get("unsupported", False)
    drawn = "".join(one["html"] for one in told if one["type"] == "drawn")
    assert expected["drawn"] in drawn if "drawn" in expected else drawn == ""


@pytest.mark.parametrize("path", named(CORPUS))
async def test_the_values_a_form_begins_with_have_the_shape_of_its_model(sandbox, path):
    conversion = await read_form_script(sandbox, path.read_text(encoding="utf-8"))

    values = expectation(path)["values"]
    values.pop("secret", None)  # BlueKing's cipher; here it is a secret's name

    assert shape_problems(conversion.form.schema, values) == []


def _address(request):
    data = request["data"] or {}
    return request["url"] + ("?" + "&".join(f"{name}={value}" for name, value in data.items()) if data else "")


@pytest.mark.parametrize("kind", sorted(TAGS))
def test_the_corpus_has_every_tag(kind):
    assert re.search(rf'type: ?"{kind}"', ALL)


@pytest.mark.parametrize("name", sorted(set(chain.from_iterable(TAGS.values()))))
def test_the_corpus_has_every_attribute(name):
    assert re.search(rf"\b{name}: ", ALL)


def test_the_corpus_has_every_event_validation_and_function():
    assert [name for name in EVENTS | VALIDATIONS if not re.search(rf'type: ?"{name}"', ALL)] == []
    assert [name for name in CONTEXT_NAMES if not re.search(rf"ontext\.{name}\b", ALL)] == []
    assert [name for name in INSTANCE if not re.search(rf"\.{name}\(", ALL)] == []


async def test_the_report_tells_what_runs_what_wants_the_page_and_what_is_unknown(sandbox):
    by_name = {path.stem: path.read_text(encoding="utf-8") for path in CORPUS}
    unknown = await read_form_script(sandbox, by_name["unknown_parts"])
    page = await read_form_script(sandbox, by_name["page_touching"])
    remote = await read_form_script(sandbox, by_name["select_remote"])

    assert {(one.place, one.part) for one in unknown.findings if one.treatment is Treatment.UNKNOWN} == {
        ("kind", "tag category"),
        ("name", "attribute sparkle"),
        ("name", "validation luck"),
        ("name", "event change of kind"),
        ("name", "method look"),
    }
    assert {one.part for one in page.findings if one.treatment is Treatment.FRAME} == {
        "event change of colour",
        "method _tag_init",
    }
    upload = await read_form_script(sandbox, by_name["upload"])
    notes = {one.part: one.note.text if one.note else "" for one in upload.findings}
    assert notes["attribute withCredentials"].startswith("nobody's cookies")
    assert notes["attribute auto_upload"] == ""
    headers = """$.atoms.x = [{tag_code: "x", type: "upload", attrs: {headers: {"X-A": "1", "upload-ticket": "t"}}}];"""
    (held,) = [
        one.note.text for one in (await read_form_script(sandbox, headers)).findings if one.part == "attribute headers"
    ]
    assert held.startswith("X-A not sent, only Accept-Language")
    asked = next(one for one in remote.findings if one.part == "attribute remote_url")
    assert asked.note.text == "asks {site_url}pipeline/cc_search_set/{project.bk_biz_id}/"
    assert "context.getBkBizId" in remote.uses


async def test_texts_of_other_languages_are_found_by_what_gettext_was_given(sandbox):
    source = next(path for path in CORPUS if path.stem == "gettext_titles").read_text(encoding="utf-8")

    conversion = await read_form_script(sandbox, source, texts={"en": {"执行账户": "Account", "应用": "App"}})

    assert conversion.form.i18n == {"en": {"account.label": "Account", "account.app": "App"}}


async def test_the_form_of_outputs_is_read_by_its_name(sandbox):
    source = next(path for path in CORPUS if path.stem == "with_outputs").read_text(encoding="utf-8")

    conversion = await read_form_script(sandbox, source, "with_outputs_output")

    assert list(conversion.form.schema["properties"]) == ["rows"]


async def test_choices_bind_only_where_nothing_can_change_them(sandbox):
    by_name = {path.stem: path.read_text(encoding="utf-8") for path in CORPUS}
    fixed = await read_form_script(sandbox, by_name["select_single"])
    changing = await read_form_script(sandbox, by_name["linked_selects"])

    assert validate_data(fixed.form.schema, {"account": "nobody"})
    assert not validate_data(changing.form.schema, {"country": "fr"})


async def test_a_form_that_answers_its_own_check_is_not_believed(sandbox):
    source = '$.atoms.x = [{tag_code: "x", type: "input", attrs: {}}]; JSON.stringify = function () { return "{}"; };'
    good = await read_form_script(sandbox, '$.atoms.x = [{tag_code: "x", type: "input", attrs: {}}];')

    problems = await form_value_problems(sandbox, source, good.code, good.form.schema, {"x": "1"})

    assert [problem.problem for problem in problems] == ["can't be checked: the form answers no list of problems"]
