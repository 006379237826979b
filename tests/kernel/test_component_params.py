from typing import Any

import pytest
from pydantic import BaseModel

from kernel.errors import BadRequest
from kernel.http.component_params import ParametersRefused, parameters_of_body, parameters_of_query, validated


class Page(BaseModel):
    limit: int = 10


class Asked(BaseModel):
    text: str = ""
    number: int | None = None
    truth: bool = False
    numbers: list[int] = []
    page: Page | None = None
    names: list[str] | str = ""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("text=%5B1%5D&number=7&truth=True", {"text": "[1]", "number": 7, "truth": True}),
        ("numbers=1&numbers=2", {"numbers": [1, 2]}),
        ("numbers=1,2", {"numbers": [1, 2]}),
        ("numbers=[1,2]", {"numbers": [1, 2]}),
        ("numbers=5", {"numbers": [5]}),
        ("names=a,b;c d", {"names": "a,b;c d"}),
        ("names=a&names=b", {"names": ["a", "b"]}),
        ('names=["a","b"]', {"names": ["a", "b"]}),
        ('page={"limit":"3"}', {"page": {"limit": 3}}),
        ("unknown=1", {}),
    ],
)
def test_a_query_gives_what_its_texts_mean(query: str, expected: dict[str, Any]) -> None:
    read = validated(Asked, parameters_of_query(query, Asked))
    assert read.model_dump(exclude_unset=True) == expected


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/x-www-form-urlencoded"])
def test_json_is_read_whatever_the_content_type_says(content_type: str) -> None:
    assert parameters_of_body(b' {"number": 7}', content_type, Asked) == {"number": 7}


def test_a_form_is_read_and_an_empty_body_has_no_parameters() -> None:
    assert parameters_of_body(b"number=7", "application/x-www-form-urlencoded; charset=utf-8", Asked) == {"number": "7"}
    assert parameters_of_body(b"", "", Asked) == {}


@pytest.mark.parametrize("body", [b"[]", b"1", b"nothing", b'{"a": Infinity}', b"{" * 100_000, b"9" * 5_000])
def test_what_cannot_be_read_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parameters_of_body(body, "application/json", Asked)


def test_wrong_parameters_are_named_without_their_values() -> None:
    with pytest.raises(ParametersRefused) as refused:
        validated(Asked, {"number": "s3cret", "page": {"limit": []}})
    assert "number: is no whole number; send a whole number" in str(refused.value)
    assert "page.limit: is no whole number; send a whole number" in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", {"a\x00": 1}])
def test_what_no_database_keeps_is_refused_wherever_it_stands(value: Any) -> None:
    with pytest.raises(ParametersRefused):
        validated(Asked, {"extra": [{"deep": value}]})


def test_too_deep_parameters_are_refused() -> None:
    value: Any = 1
    for _ in range(40):
        value = [value]
    with pytest.raises(ParametersRefused, match="nested deeper"):
        validated(Asked, {"extra": value})
