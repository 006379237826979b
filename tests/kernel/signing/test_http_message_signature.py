"""The vectors of RFC 9421, Appendix B, for what we sign and verify."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from kernel.signing.errors import SignatureInvalid
from kernel.signing.http_message_signature import RequestMessage, sign_base, signature_base, verify_base
from kernel.signing.structured_fields import parse_dictionary

# Appendix B.2: test-request
REQUEST = RequestMessage(
    "POST",
    "https://example.com/foo?param=Value&Pet=dog",
    [
        ("host", "example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("content-type", "application/json"),
        (
            "content-digest",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
        ("content-length", "18"),
    ],
)
# Appendix B.1.5 and B.1.4
SHARED_SECRET = base64.b64decode(
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
)
ED25519 = load_der_private_key(
    base64.b64decode("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"), None
)


def base_of(parameters, request=REQUEST):
    return signature_base(request, parse_dictionary(f"sig={parameters}")["sig"])


def test_the_hmac_vector_of_b_2_5():
    base = base_of('("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"')
    assert base.decode().splitlines() == [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@authority": example.com',
        '"content-type": application/json',
        '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    ]
    assert sign_base(base, SHARED_SECRET) == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="
    verify_base(base, base64.b64decode("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="), SHARED_SECRET)


def test_the_ed25519_vector_of_b_2_6():
    base = base_of(
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    expected = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    assert isinstance(ED25519, Ed25519PrivateKey)
    assert sign_base(base, ED25519) == expected
    verify_base(base, base64.b64decode(expected), ED25519.public_key())
    with pytest.raises(SignatureInvalid):
        verify_base(base + b" ", base64.b64decode(expected), ED25519.public_key())


def test_the_signature_base_of_b_2_2_covers_a_query_parameter():
    parameters = (
        '("@authority" "content-digest" "@query-param";name="Pet")'
        ';created=1618884473;keyid="test-key-rsa-pss";tag="header-example"'
    )
    base = base_of(parameters)
    assert base.decode().splitlines() == [
        '"@authority": example.com',
        f'"content-digest": {REQUEST.header("content-digest")}',
        '"@query-param";name="Pet": dog',
        f'"@signature-params": {parameters}',
    ]


def test_the_signature_base_of_b_2_3_covers_all():
    base = base_of(
        '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length")'
        ';created=1618884473;keyid="test-key-rsa-pss"'
    )
    assert base.decode().splitlines()[1:5] == [
        '"@method": POST',
        '"@path": /foo',
        '"@query": ?param=Value&Pet=dog',
        '"@authority": example.com',
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        '("date" "date")',
        '("missing")',
        '("Date")',
        '("@status")',
        '("date";sf)',
        '("@query-param";name="none")',
        "(1)",
    ],
)
def test_a_component_that_cannot_be_read_in_one_way_is_refused(parameters):
    with pytest.raises(SignatureInvalid):
        base_of(parameters)


def test_the_authority_is_normalised_and_repeated_fields_are_joined():
    request = RequestMessage("GET", "HTTP://Example.COM:80/", [("a", " 1 "), ("b", "x"), ("a", "2")])
    assert base_of('("@authority" "a" "@path" "@query")', request).decode().splitlines()[:4] == [
        '"@authority": example.com',
        '"a": 1, 2',
        '"@path": /',
        '"@query": ?',
    ]
