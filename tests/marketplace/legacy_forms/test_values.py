import pytest

from marketplace.legacy_forms.reading import form_value_problems, read_form_script
from tests.support.legacy_forms import CORPUS

FORMS = {path.stem: path.read_text(encoding="utf-8") for path in CORPUS}


async def problems_of(sandbox, form, values, hooked=()):
    conversion = await read_form_script(sandbox, FORMS[form])
    found = await form_value_problems(
        sandbox, FORMS[form], conversion.code, conversion.form.schema, values, hooked=hooked
    )
    return [(problem.field, problem.problem) for problem in found]


@pytest.mark.parametrize(
    ("form", "values", "expected"),
    [
        ("validation_kinds", {"name": "web", "port": "80", "word": "x"}, []),
        ("validation_kinds", {"port": "80"}, [("/name", "is missing"), ("/name", "small letters only")]),
        ("validation_kinds", {"name": "Web", "port": "x"}, [("/name", "small letters only"), ("/port", "digits only")]),
        ("validation_kinds", {"name": "a", "port": "1", "word": "ROOT"}, [("/word", "not root")]),
        ("validation_kinds", {"name": "${name}", "port": "${port}", "word": "root"}, [("/word", "not root")]),
        ("validation_kinds", {"name": "a", "port": "x${port}"}, [("/port", "digits only")]),
        ("validation_custom", {"low": 1, "high": 2}, []),
        ("validation_custom", {"low": 5, "high": 2}, [("/high", "must be more than the low one")]),
        ("show_and_hide", {"kind": "script", "script": "ls"}, []),
        ("show_and_hide", {"kind": "file"}, [("/file", "is missing")]),
        ("int_bounds", {"timeout": 0}, [("/timeout", "is too small")]),
        ("int_bounds", {"timeout": "${timeout}"}, []),
        ("int_bounds", {"timeout": "60"}, [("/timeout", "must be a whole number")]),
        ("radio", {"mode": "slow"}, [("/mode", "is none of the choices")]),
        ("radio", {"mode": ""}, [("/mode", "is missing")]),
        ("checkbox", {"days": ["mon", "sun"]}, [("/days/1", "is none of the choices")]),
        ("datatable_plain", {"hosts": [{"ip": "1", "port": ""}, {"ip": ""}]}, [("/hosts/1/ip", "is missing")]),
        ("combine", {"target": {"ip": "", "port": 1}}, [("/target/ip", "is missing")]),
        ("upload", {"files": [{"name": "a", "size": 1, "response": {}}]}, []),
        ("upload", {"files": [{"name": "a", "size": "1"}]}, [("/files/0/size", "must be a whole number")]),
        ("upload", {"files": [{"name": "a"}] * 4}, [("/files", "has too many items")]),
        ("combine", {"target": {"ip": "1", "port": 0}}, [("/target/port", "is too small")]),
    ],
)
async def test_values_are_checked_as_the_form_would(sandbox, form, values, expected):
    assert await problems_of(sandbox, form, values) == expected


async def test_nothing_is_asked_of_a_field_bound_to_a_variable(sandbox):
    assert await problems_of(sandbox, "validation_kinds", {"name": "", "port": "80"}, hooked=["name"]) == []


PICKERS = """
$.atoms.pickers = [
    {tag_code: "hosts", type: "ip_selector", attrs: {name: "Hosts", validation: [{type: "required"}]}},
    {tag_code: "sets", type: "set_allocation",
        attrs: {name: "Sets", hookable: false, validation: [{type: "required"}]}},
    {tag_code: "secret", type: "password", attrs: {name: "Secret", pubKey: "MEgCQQ"}}
];
"""


async def test_what_pickers_and_sealed_passwords_may_hold(sandbox):
    conversion = await read_form_script(sandbox, PICKERS)
    host = {"bk_host_innerip": "10.0.0.1", "bk_cloud_id": 0}
    fine = {
        "hosts": {"selectors": ["ip"], "ip": [host], "topo": [], "filters": [], "with_cloud_id": False},
        "sets": {"config": {"set_count": 1}, "data": [{"bk_set_name": "south"}], "separator": ","},
        "secret": {"type": "password_value", "tag": "value", "value": "c2VhbGVk"},
    }

    async def problems(changed):
        values = {**fine, **changed}
        found = await form_value_problems(sandbox, PICKERS, "pickers", conversion.form.schema, values)
        return [problem.field for problem in found]

    assert await problems({}) == []
    assert await problems({"hosts": "${inputs.hosts}", "sets": "${inputs.sets}"}) == []
    assert await problems({"hosts": {"selectors": ["topo"], "ip": [host], "topo": []}}) == ["/hosts"]
    assert await problems({"hosts": {"selectors": ["all"]}}) == ["/hosts/selectors/0"]
    assert await problems({"hosts": {"ip": ["10.0.0.1"]}}) == ["/hosts/ip/0"]
    assert await problems({"sets": {"config": {}, "data": [], "separator": ","}}) == ["/sets"]
    assert await problems({"secret": {"type": "password_value", "value": 1}}) == ["/secret/value"]
    assert await problems({"secret": "in the clear"}) == ["/secret"]
    elements = conversion.form.document()["uischema"]["elements"]
    assert [element["options"].get("hookable", True) for element in elements] == [True, False, True]
