from kernel.ids import new_id
from kernel.secret_handles import MASK, handle_of, handles_in, id_of, masked, with_handles, with_secrets


def test_a_handle_is_found_shown_and_replaced_wherever_it_stands() -> None:
    one, two = handle_of(new_id()), handle_of(new_id())
    value = {"env": [f"TOKEN={one}", {"deep": two}], f"x{one}": 1, "other": None}
    assert handles_in(value) == {one, two}
    assert masked(value) == {"env": [f"TOKEN={MASK}", {"deep": MASK}], f"x{MASK}": 1, "other": None}
    assert with_secrets(value, {one: "a\\1", two: "b"}) == {
        "env": ["TOKEN=a\\1", {"deep": "b"}],
        "xa\\1": 1,
        "other": None,
    }


def test_a_handle_without_a_secret_stays_and_no_secret_is_read_as_one() -> None:
    one, two = handle_of(new_id()), handle_of(new_id())
    assert with_secrets(f"{one} {two}", {one: two}) == f"{two} {two}"


def test_only_a_whole_handle_has_an_id() -> None:
    handle = handle_of(new_id())
    assert id_of(handle) in handle
    assert id_of(f" {handle}") is id_of("{secret:x}") is id_of("") is None
    assert masked("{secret:0123}") == "{secret:0123}"


def test_secrets_are_replaced_by_handles_wherever_they_stand_the_longest_first() -> None:
    short, long, tiny = handle_of(new_id()), handle_of(new_id()), handle_of(new_id())
    handles = {"pass": short, "password": long, "abc": tiny}
    value = {"env": ["TOKEN=password", {"deep": "pass"}], "key": "abc", "word": "abcdef", "n": 1}
    sealed = {"env": [f"TOKEN={long}", {"deep": short}], "key": tiny, "word": "abcdef", "n": 1}
    assert with_handles(value, handles) == sealed
    assert with_handles(value, {}) == value
