from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.credentials import Credentials, CredentialsMalformed, from_header, from_parameters


def test_current_names_beat_older_ones():
    assert from_parameters({"app_code": "old", "bk_app_code": "new", "app_secret": "s"}) == Credentials("new", "s")
    assert from_parameters({"bk_access_token": "t"}) == Credentials(access_token="t")


def test_what_was_not_given_is_empty():
    assert from_header(b'{"access_token": null, "bk_app_code": ""}').is_empty
    assert from_header(b'{"bk_token": "x", "bk_username": "admin"}').is_empty


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"bk_app_code": 1}',
        b'{"bk_app_secret": ["x"]}',
        b'{"bk_username": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_a_malformed_header_says_so(value):
    with pytest.raises(CredentialsMalformed):
        from_header(value)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_credentials_or_malformed(value):
    with suppress(CredentialsMalformed):
        assert isinstance(from_header(value), Credentials)


@pytest.mark.parametrize(("name", "length"), [("bk_app_code", 33), ("bk_app_secret", 129)])
def test_longer_values_than_blueking_allows_are_refused(name, length):
    with pytest.raises(CredentialsMalformed, match="longer"):
        from_parameters({name: "a" * length})
