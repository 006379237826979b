from kernel.forms.defaults import with_defaults

SCHEMA = {
    "type": "object",
    "properties": {
        "port": {"type": "integer", "default": 22},
        "options": {
            "type": "object",
            "properties": {"sudo": {"type": "boolean", "default": False}, "user": {"type": "string"}},
        },
        "hosts": {"type": "array", "items": {"$ref": "#/$defs/host"}},
        "level": {"$ref": "#/$defs/level"},
    },
    "required": ["options"],
    "allOf": [{"properties": {"zone": {"default": "z1"}}}],
    "$defs": {
        "host": {"type": "object", "properties": {"weight": {"default": 1}}},
        "level": {"type": "string", "default": "info"},
    },
}


def test_missing_values_are_filled_at_every_level() -> None:
    assert with_defaults(SCHEMA, {"hosts": [{"ip": "a"}, {"weight": 5}]}) == {
        "hosts": [{"ip": "a", "weight": 1}, {"weight": 5}],
        "port": 22,
        "options": {"sudo": False},
        "level": "info",
        "zone": "z1",
    }


def test_given_values_stay_and_nothing_is_changed_in_place() -> None:
    data = {"port": 0, "level": None, "zone": "", "options": {"user": "x"}}
    before = {"port": 0, "level": None, "zone": "", "options": {"user": "x"}}
    filled = with_defaults(SCHEMA, data)
    assert data == before
    assert filled == {**before, "options": {"user": "x", "sudo": False}}


def test_a_default_is_never_shared_between_uses() -> None:
    schema = {"type": "object", "properties": {"tags": {"default": []}}}
    with_defaults(schema, {})["tags"].append("x")
    assert with_defaults(schema, {}) == {"tags": []}


def test_what_is_no_object_comes_back_as_it_is() -> None:
    assert with_defaults(SCHEMA, None) is None
    assert with_defaults(SCHEMA, "text") == "text"
