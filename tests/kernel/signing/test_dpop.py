"""DPoP proofs, against the examples of RFC 9449 and proofs that joserfc makes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from kernel.signing.dpop import ProofInvalid, normal_target, token_digest, verify_proof
from kernel.signing.errors import TokenInvalid
from kernel.signing.jwk import thumbprint, verifying_key
from tests.support.dpop import ProofMaker

NOW = 1_700_000_000
MAKER = ProofMaker()
JWK = MAKER.jwk
TARGET = "https://gw.example/api/cmdb/prod/search"

# RFC 9449 §4.1, figure 2, and §7.1, figure 13; the key's thumbprint from §6.1, figure 9.
TOKEN_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
    "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJq"
    "dGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0Ijox"
    "NTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
RESOURCE_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
    "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJq"
    "dGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNv"
    "dXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqz"
    "hrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)
BOUND_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def proof(
    claims: dict[str, Any] | None = None,
    *,
    maker: ProofMaker = MAKER,
    header: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
) -> str:
    return maker.proof("POST", TARGET, NOW, "token", header=header, without=without, **{"jti": "p1"} | (claims or {}))


def verify(value: str, **more: Any) -> Any:
    told = {"method": "POST", "targets": [TARGET], "now": NOW, "access_token": "token"}
    return verify_proof(value, **{**told, **more})


def test_the_examples_of_the_rfc_hold() -> None:
    at_token = verify_proof(TOKEN_PROOF, method="POST", targets=["https://server.example.com/token"], now=1562262616)
    assert (at_token.thumbprint, at_token.proof_id) == (THUMBPRINT, "-BwC3ESc6acc2lTc")
    at_resource = verify_proof(
        RESOURCE_PROOF,
        method="GET",
        targets=["https://resource.example.org/protectedresource"],
        now=1562262618,
        access_token=BOUND_TOKEN,
    )
    assert at_resource.thumbprint == THUMBPRINT
    with pytest.raises(ProofInvalid, match="ath"):
        verify_proof(
            RESOURCE_PROOF,
            method="GET",
            targets=["https://resource.example.org/protectedresource"],
            now=1562262618,
            access_token=f"{BOUND_TOKEN}x",
        )


def test_thumbprints_are_those_of_joserfc() -> None:
    for key in (MAKER.key, OKPKey.generate_key("Ed25519")):
        assert thumbprint(key.as_dict(private=False)) == key.thumbprint()


def test_keys_of_both_kinds_prove() -> None:
    assert verify(proof()).thumbprint == MAKER.thumbprint
    ed = ProofMaker(OKPKey.generate_key("Ed25519"))
    for algorithm in ("Ed25519", "EdDSA"):
        assert verify(proof(maker=ed, header={"alg": algorithm})).thumbprint == ed.thumbprint


def test_a_proof_of_joserfc_holds() -> None:
    key = ECKey.generate_key("P-256")
    claims = {"jti": "1", "htm": "POST", "htu": TARGET, "iat": NOW, "ath": token_digest("token")}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    assert verify(jws.serialize_compact(header, json.dumps(claims), key)).thumbprint == key.thumbprint()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda: proof(header={"typ": "JWT"}), "typ", id="another kind of token"),
        pytest.param(lambda: proof(without=("typ",)), "typ", id="no kind"),
        pytest.param(lambda: proof(without=("jwk",)), "jwk", id="no key"),
        pytest.param(lambda: proof(header={"jwk": "x"}), "jwk", id="key is text"),
        pytest.param(lambda: proof(header={"jwk": JWK | {"d": "AAAA"}}), "private", id="private key told"),
        pytest.param(lambda: proof(header={"jwk": {"kty": "oct", "k": "c2VjcmV0"}}), "private", id="shared secret"),
        pytest.param(
            lambda: proof(header={"jwk": RSAKey.generate_key(2048).as_dict(private=False)}), "jwk", id="RSA key"
        ),
        pytest.param(lambda: proof(header={"jwk": JWK | {"y": JWK["x"]}}), "numbers", id="not on the curve"),
        pytest.param(lambda: proof(header={"jwk": JWK | {"x": JWK["x"] + "="}}), "jwk", id="padded coordinate"),
        pytest.param(
            lambda: proof(header={"jwk": ECKey.generate_key("P-256").as_dict(private=False)}),
            "signature",
            id="other key",
        ),
        pytest.param(lambda: proof(header={"crit": ["b64"], "b64": True}), "algorithm", id="critical extension"),
        pytest.param(lambda: proof(header={"alg": "RS256"}), "alg", id="algorithm not offered"),
        pytest.param(lambda: proof({"htm": "GET"}), "htm", id="another method"),
        pytest.param(lambda: proof({"htm": "post"}), "htm", id="method in small letters"),
        pytest.param(lambda: proof({"htu": "https://gw.example/api/cmdb/prod/other"}), "htu", id="another path"),
        pytest.param(lambda: proof({"htu": "https://evil.example/api/cmdb/prod/search"}), "htu", id="another host"),
        pytest.param(lambda: proof({"htu": "http://gw.example/api/cmdb/prod/search"}), "htu", id="not encrypted"),
        pytest.param(lambda: proof({"htu": 1}), "htu", id="address is a number"),
        pytest.param(lambda: proof({"htu": "x" * 3000}), "too long", id="too long"),
        pytest.param(lambda: proof({"iat": NOW - 61}), "iat", id="too old"),
        pytest.param(lambda: proof({"iat": NOW + 6}), "iat", id="from the future"),
        pytest.param(lambda: proof({"iat": True}), "iat", id="moment is true"),
        pytest.param(lambda: proof({"iat": float("nan")}), "iat", id="moment is no number"),
        pytest.param(lambda: proof(without=("jti",)), "jti", id="no id"),
        pytest.param(lambda: proof({"jti": ""}), "jti", id="empty id"),
        pytest.param(lambda: proof({"jti": "x" * 257}), "jti", id="long id"),
        pytest.param(lambda: proof({"ath": token_digest("other")}), "ath", id="for another token"),
        pytest.param(lambda: proof(without=("ath",)), "ath", id="for no token"),
        pytest.param(lambda: proof({"nonce": 1}), "nonce", id="nonce is a number"),
        pytest.param(lambda: proof()[:-4] + "AAAA", "signature", id="altered"),
        pytest.param(lambda: "a.b.c", "proof", id="garbage"),
        pytest.param(lambda: "é.é.é", "proof", id="not ASCII"),
        pytest.param(lambda: "", "not a signed", id="nothing"),
    ],
)
@pytest.mark.rfc("9449", "4.3", "a proof that fails one of the checks is refused")
def test_a_proof_that_does_not_hold_is_refused_with_a_reason(make: Any, reason: str) -> None:
    with pytest.raises(ProofInvalid, match=reason):
        verify(make())


def test_the_window_is_a_minute_back_and_a_moment_ahead() -> None:
    for issued_at in (NOW - 60, NOW + 5):
        assert verify(proof({"iat": issued_at})).issued_at == issued_at


@pytest.mark.parametrize(
    ("spelt", "normal"),
    [
        ("HTTPS://GW.example:443/api", "https://gw.example/api"),
        ("http://gw.example:80", "http://gw.example/"),
        ("https://gw.example:8443/a?b=c#d", "https://gw.example:8443/a"),
        ("https://gw.example/%7Eann/%e4%2f", "https://gw.example/~ann/%E4%2F"),
        ("https://gw.example/a/./b/../c", "https://gw.example/a/c"),
        ("https://gw.example/../a/..", "https://gw.example/"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
    ],
)
def test_addresses_are_compared_in_one_form(spelt: str, normal: str) -> None:
    assert normal_target(spelt) == normal
    assert normal_target(normal) == normal


@pytest.mark.parametrize("uri", ["", "/api", "ftp://x/", "https://", "https://u@x/", "https://x:y/", "https://x/\n"])
def test_what_is_no_address_of_ours_is_refused(uri: str) -> None:
    with pytest.raises(ProofInvalid):
        normal_target(uri)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)
)


@given(st.text(max_size=200))
def test_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(ProofInvalid):
        verify(text)


@given(st.dictionaries(st.sampled_from(["jti", "htm", "htu", "iat", "ath", "nonce"]), JSON))
def test_claims_of_any_kind_are_refused_or_hold(claims: dict[str, Any]) -> None:
    made = proof(claims)
    try:
        held = verify(made)
    except ProofInvalid:
        return
    assert held.proof_id == claims.get("jti", "p1")
    assert claims.get("htm", "POST") == "POST"


@given(
    st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "use"]), JSON | st.sampled_from(["EC", "OKP", "P-256"]))
)
def test_a_key_of_any_kind_is_refused_or_read(change: dict[str, Any]) -> None:
    try:
        key = verifying_key(JWK | change, "ES256")
    except TokenInvalid:
        return
    assert key.kid == MAKER.thumbprint


@given(st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60))
def test_normalising_an_address_twice_changes_nothing(path: str) -> None:
    try:
        once = normal_target(f"https://gw.example/{path}")
    except ProofInvalid:
        return
    assert normal_target(once) == once
