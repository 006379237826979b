"""Access tokens and gateway JWTs are checked against tokens that joserfc makes, and read back by joserfc."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc import jws as joserfc_jws
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from kernel.signing.access_token import verify_access_token
from kernel.signing.errors import TokenInvalid
from kernel.signing.jwt import load_private_key, sign_for_esb_shape, sign_for_gateway_shape, verify_jwt
from kernel.signing.keys import VerifyingKey

NOW = 1_700_000_000


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)
KEYS = {
    "ec": VerifyingKey("ec", "ES256", EC.public_key()),
    "ed": VerifyingKey("ed", "Ed25519", ED.public_key()),
}
CLAIMS = {
    "iss": "https://gw", "aud": "https://gw/api", "sub": "shop", "client_id": "shop", "jti": "t1",
    "iat": NOW - 10, "exp": NOW + 60, "scope": "cmdb:read job.run",
}  # fmt: skip


def token(claims=None, *, header=None, key=None, algorithm="ES256", without=()):
    claims = {name: value for name, value in (CLAIMS | (claims or {})).items() if name not in without}
    header = {"alg": algorithm, "kid": "ec", "typ": "at+jwt"} | (header or {})
    registry = joserfc_jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return joserfc_jws.serialize_compact(
        header, json.dumps(claims), key or ECKey.import_key(pem(EC)), registry=registry
    )


def read_with_joserfc(value):
    registry = joserfc_jws.JWSRegistry(algorithms=["RS512"], strict_check_header=False)
    return joserfc_jwt.decode(value, RSAKey.import_key(pem(RSA)), registry=registry)


def verify(value, now=NOW):
    return verify_access_token(value, KEYS, issuer="https://gw", audience="https://gw/api", now=now)


def test_a_token_of_each_algorithm_is_read():
    claims = verify(token({"act": {"sub": "alice"}, "project_id": "p1"}))
    assert (claims.client_id, claims.scopes, claims.user, claims.project_id) == (
        "shop", {"cmdb:read", "job.run"}, "alice", "p1",
    )  # fmt: skip
    ed = token(header={"kid": "ed"}, key=OKPKey.import_key(pem(ED)), algorithm="Ed25519")
    assert verify(ed).user is None
    assert verify(token({"sub": "bob"})).user == "bob"
    assert verify(token({"aud": ["x", "https://gw/api"]})).token_id == "t1"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: token({"iss": "https://evil"}), id="issuer"),
        pytest.param(lambda: token({"aud": "https://other"}), id="audience"),
        pytest.param(lambda: token(without=["aud"]), id="no audience"),
        pytest.param(lambda: token({"exp": NOW}), id="expired"),
        pytest.param(lambda: token(without=["exp"]), id="no expiry"),
        pytest.param(lambda: token({"exp": "never"}), id="expiry is text"),
        pytest.param(lambda: token({"exp": True}), id="expiry is true"),
        pytest.param(lambda: token({"nbf": NOW + 1}), id="not yet"),
        pytest.param(lambda: token(without=["jti"]), id="no id"),
        pytest.param(lambda: token({"client_id": ""}), id="empty client"),
        pytest.param(lambda: token({"client_id": "a\r\nx: y"}), id="control characters"),
        pytest.param(lambda: token({"scope": ["cmdb:read"]}), id="scope is a list"),
        pytest.param(lambda: token(header={"typ": "JWT"}), id="an ID token"),
        pytest.param(lambda: token(header={"kid": "ed"}), id="another key's id"),
        pytest.param(lambda: token(header={"kid": "none"}), id="an unknown key"),
        pytest.param(lambda: token(header={"crit": ["b64"], "b64": True}), id="a critical extension"),
        pytest.param(lambda: token(key=ECKey.generate_key("P-256")), id="another key"),
        pytest.param(
            lambda: token(key=OctKey.import_key(b"x" * 32), algorithm="HS256"), id="symmetric algorithm confusion"
        ),
        pytest.param(lambda: token()[:-4] + "AAAA", id="altered signature"),
        pytest.param(lambda: token() + "=", id="padded"),
        pytest.param(lambda: token().rsplit(".", 1)[0] + ".", id="no signature"),
        pytest.param(lambda: "eyJhbGciOiJub25lIn0." + token().split(".")[1] + ".", id="alg none"),
        pytest.param(lambda: "a.b.c", id="garbage"),
        pytest.param(lambda: "x" * 9000, id="too long"),
        pytest.param(lambda: "é.é.é", id="not ASCII"),
        pytest.param(lambda: token().split(".")[0] + ".é.AAAA", id="claims not ASCII"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(make):
    with pytest.raises(TokenInvalid):
        verify(make())


def test_the_gateway_token_has_the_documented_claims():
    made = sign_for_gateway_shape(RSA, key_id="cmdb", issuer="APIGW", app_code="shop", username=None, now=NOW)
    read = read_with_joserfc(made)
    assert read.header == {"alg": "RS512", "typ": "JWT", "kid": "cmdb", "iat": NOW, "iss": "APIGW"}
    assert read.claims == {
        "iss": "APIGW", "nbf": NOW - 300, "exp": NOW + 1500,
        "app": {"version": 1, "app_code": "shop", "verified": True, "valid_error_message": ""},
        "user": {"version": 1, "username": "", "verified": False, "valid_error_message": "username is not verified"},
    }  # fmt: skip


def test_the_esb_token_has_the_documented_claims():
    made = sign_for_esb_shape(RSA, issuer="APIGW", app_code="a", username="u", now=NOW)
    read = read_with_joserfc(made)
    assert read.header == {"alg": "RS512", "typ": "JWT", "kid": "apigw", "iat": NOW}
    assert read.claims == {
        "iss": "APIGW", "nbf": NOW - 300, "exp": NOW + 900,
        "app": {"version": 1, "bk_app_code": "a", "verified": True},
        "user": {"version": 1, "bk_username": "u", "verified": True},
    }  # fmt: skip


@pytest.mark.parametrize("sign", [sign_for_esb_shape, sign_for_gateway_shape])
def test_a_reader_accepts_both_shapes_until_they_expire(sign):
    made = sign(RSA, key_id="k", issuer="APIGW", app_code="a", username="u", now=NOW)
    keys = {"k": VerifyingKey("k", "RS512", RSA.public_key())}
    identity = verify_jwt(made, keys, now=NOW)
    assert (identity.app_code, identity.username, identity.key_id) == ("a", "u", "k")
    with pytest.raises(TokenInvalid):
        verify_jwt(made, keys, now=NOW + 1500)
    other = {"k": VerifyingKey("k", "RS512", rsa.generate_private_key(65537, 2048).public_key())}
    with pytest.raises(TokenInvalid):
        verify_jwt(made, other, now=NOW)


def test_unverified_parties_are_nobody():
    made = sign_for_gateway_shape(RSA, key_id="k", issuer="APIGW", app_code=None, username=None, now=NOW)
    identity = verify_jwt(made, {"k": VerifyingKey("k", "RS512", RSA.public_key())}, now=NOW)
    assert (identity.app_code, identity.username) == (None, None)


@pytest.mark.parametrize("name", ["\ud800", "a\r\nb", "a\x00"])
def test_a_name_that_cannot_be_written_is_nobodys(name):
    made = sign_for_gateway_shape(RSA, key_id="k", issuer="APIGW", app_code="a", username=name, now=NOW)
    identity = verify_jwt(made, {"k": VerifyingKey("k", "RS512", RSA.public_key())}, now=NOW)
    assert (identity.app_code, identity.username) == ("a", None)


def test_a_private_key_must_be_rsa_of_2048_bits():
    assert load_private_key(pem(RSA)).key_size == 2048
    with pytest.raises(ValueError, match="RSA"):
        load_private_key(pem(EC))
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    with pytest.raises(ValueError, match="2048"):
        load_private_key(pem(weak))
