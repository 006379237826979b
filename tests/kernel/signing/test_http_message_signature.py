"""The vectors of RFC 9421, Appendix B, for what we sign and verify."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from kernel.signing.algorithms import load_verification_key, verify
from kernel.signing.errors import SignatureInvalid
from kernel.signing.http_message_signature import RequestMessage, ResponseMessage, sign_base, signature_base
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


# Appendix B.1.2 and B.1.3
RSA_PSS = load_verification_key(
    """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----
"""
)
ECC_P256 = load_verification_key(
    """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----
"""
)


def verify_vector(base, key, *signature: str):
    raw = base64.b64decode("".join(signature))
    verify(base, raw, key)
    with pytest.raises(SignatureInvalid):
        verify(base + b" ", raw, key)
    with pytest.raises(SignatureInvalid):
        verify(base, raw[:-1], key)


def base_of(parameters, request=REQUEST):
    return signature_base(request, parse_dictionary(f"sig={parameters}")["sig"])


def test_the_rsa_pss_vector_of_b_2_1():
    base = base_of('();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"')
    verify_vector(
        base,
        RSA_PSS,
        "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA",
        "7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0m",
        "KZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO",
        "5Nyt8C8ssinQ98Xw9Q==",
    )


def test_the_ecdsa_vector_of_b_2_4_signs_a_response():
    digest = "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"
    response = ResponseMessage(
        200,
        [
            ("date", "Tue, 20 Apr 2021 02:07:56 GMT"),
            ("content-type", "application/json"),
            ("content-digest", digest),
            ("content-length", "23"),
        ],
    )
    base = base_of(
        '("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
        response,
    )
    assert base.startswith(b'"@status": 200\n"content-type": application/json\n')
    verify_vector(
        base,
        ECC_P256,
        "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==",
    )
    with pytest.raises(SignatureInvalid):
        base_of('("@method")', response)


def test_the_vector_of_b_3_where_a_proxy_ends_tls():
    certificate = (
        ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVk"
        "aWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8Y"
        "nXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNV"
        "HSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYm"
        "RjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5Xa"
        "rmPk0wmuydBVoU4hBVZ1yhk=:"
    )
    url = "https://service.internal.example/foo?param=Value&Pet=dog"
    base = base_of(
        '("@path" "@query" "@method" "@authority" "client-cert");created=1618884473;keyid="test-key-ecc-p256"',
        RequestMessage("POST", url, [("client-cert", certificate)]),
    )
    verify_vector(
        base,
        ECC_P256,
        "xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==",
    )


def test_the_vector_of_b_4_holds_through_harmless_transformations():
    parameters = '("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"'
    expected = "ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA=="
    accept = [("accept", "application/json"), ("accept", "*/*")]
    for headers, query in (
        (accept, "?name1=Value1&Name2=value2"),
        ([("accept-language", "en-US,en;q=0.5"), *accept], "?name1=Value1&Name2=value2&param=added"),
        ([("accept", "application/json, */*")], ""),
    ):
        request = RequestMessage("GET", f"https://example.org/demo{query}", headers)
        assert sign_base(base_of(parameters, request), ED25519) == expected
    reordered = RequestMessage("GET", "https://example.org/demo", accept[::-1])
    assert sign_base(base_of(parameters, reordered), ED25519) != expected
    other = RequestMessage("GET", "https://example.com/demo", accept)
    assert sign_base(base_of(parameters, other), ED25519) != expected


def test_the_hmac_vector_of_b_2_5():
    base = base_of('("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"')
    assert base.decode().splitlines() == [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@authority": example.com',
        '"content-type": application/json',
        '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    ]
    assert sign_base(base, SHARED_SECRET) == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="
    verify(base, base64.b64decode("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="), SHARED_SECRET)


def test_the_ed25519_vector_of_b_2_6():
    base = base_of(
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    expected = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    assert isinstance(ED25519, Ed25519PrivateKey)
    assert sign_base(base, ED25519) == expected
    verify(base, base64.b64decode(expected), ED25519.public_key())
    with pytest.raises(SignatureInvalid):
        verify(base + b" ", base64.b64decode(expected), ED25519.public_key())


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
    verify_vector(
        base,
        RSA_PSS,
        "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+EC",
        "xCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7C",
        "l+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQ",
        "l3/XaVe4bXTugEjHSw==",
    )


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
    verify_vector(
        base,
        RSA_PSS,
        "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38",
        "K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCo",
        "C1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FU",
        "o5fTIztsDZKEgM4cUA==",
    )


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
