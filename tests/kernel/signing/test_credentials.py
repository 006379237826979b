"""The examples of RFC 7617 and RFC 6750, and what must not get into a header."""

import pytest

from kernel.signing.credentials import basic, bearer, key_header, key_parameter


def test_the_examples_of_rfc_7617_and_rfc_6750():
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert basic("test", "123£") == "Basic dGVzdDoxMjPCow=="
    assert bearer("mF_9.B5f-4.1JqM") == "Bearer mF_9.B5f-4.1JqM"


def test_a_key_stands_in_a_header_or_escaped_in_the_query():
    assert key_header("X-Api-Key", "a b") == "x-api-key: a b\r\n"
    assert key_parameter("api key", "a&b=c ü") == "api%20key=a%26b%3Dc%20%C3%BC"


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (basic, ("a:b", "c")),
        (basic, ("a\r\nx: y", "c")),
        (basic, ("a", "c\0")),
        (bearer, ("two words",)),
        (bearer, ("a\r\nx: y",)),
        (bearer, ("",)),
        (key_header, ("x y", "key")),
        (key_header, ("x:", "key")),
        (key_header, ("", "key")),
        (key_header, ("x-key", "a\r\nx: y")),
        (key_header, ("x-key", " padded")),
        (key_header, ("x-key", "ü")),
        (key_header, ("x-key", "")),
    ],
)
def test_what_could_end_a_line_or_cannot_be_carried_is_refused(make, values):
    with pytest.raises(ValueError, match=r"\w"):
        make(*values)
