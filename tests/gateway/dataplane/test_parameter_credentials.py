"""Credentials in parameters: whatever is sent, they are found or refused, and never go on."""

import json
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dataplane.parameter_credentials import find_credentials, may_hold_credentials
from gateway.wire.credentials import CREDENTIAL_PARAMETERS
from gateway.wire.refusal import Refusal

FORM = b"application/x-www-form-urlencoded; charset=utf-8"
NAMES = st.sampled_from([*sorted(CREDENTIAL_PARAMETERS), "name", "ids", "page"])
VALUES = st.text(max_size=20)


@given(query=st.binary(max_size=80), body=st.binary(max_size=200), content_type=st.sampled_from([b"", FORM, b"x/y"]))
def test_any_bytes_are_read_or_refused(query, body, content_type):
    with suppress(Refusal):
        find_credentials(query, body, content_type)


@given(members=st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_is_found_in_an_object_does_not_go_on(members):
    try:
        found = find_credentials(b"", json.dumps(members).encode(), b"")
    except Refusal:
        return
    kept = {name: value for name, value in members.items() if name not in CREDENTIAL_PARAMETERS}
    assert json.loads(found.body) == kept
    assert found.credentials.app_code == (members.get("bk_app_code") or members.get("app_code") or "")


@given(members=st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_is_found_in_a_form_does_not_go_on(members):
    try:
        found = find_credentials(b"", urlencode(members).encode(), FORM)
    except Refusal:
        return
    kept = {name: value for name, value in members.items() if name not in CREDENTIAL_PARAMETERS}
    assert dict(parse_qsl(found.body.decode(), keep_blank_values=True)) == kept


def test_a_body_beats_the_query_and_numbers_pass_exactly():
    body = b'{"bk_app_code": "b", "id": 12345678901234567890123, "f": 1.10}'
    found = find_credentials(b"bk_app_code=q&bk_app_secret=s", body, b"application/json")
    assert (found.credentials.app_code, found.credentials.app_secret) == ("b", "s")
    assert found.body == b'{"id": 12345678901234567890123, "f": 1.10}'


def test_a_body_without_credentials_goes_on_as_it_came():
    for body in (b'{ "a":1 }', b"a=1&b=%zz", b"{broken", b"\xff\xfe", b""):
        assert find_credentials(b"a=1", body, FORM).body == body


@pytest.mark.parametrize(
    ("content_type", "looked_at"),
    [
        (b"", True),
        (b"application/json; charset=utf-8", True),
        (FORM, True),
        (b"multipart/form-data; boundary=x", False),
    ],
)
def test_files_are_not_looked_through(content_type, looked_at):
    assert may_hold_credentials(content_type) is looked_at
