import pytest

from kernel.signing.bk_hmac import sign, verify
from kernel.signing.errors import SignatureInvalid

PARAMS = {"bk_nonce": "12345", "bk_timestamp": "1700000000"}
PATH = "/api/c/compapi/v2/cc/search_business/"
BODY = b'{"bk_app_code": "demo-app", "bk_username": "admin"}'


def test_the_vectors_that_blueking_clients_made():
    get = {"abc": "xyz", "bk_nonce": "12345", "bk_timestamp": "1936162716"}
    assert sign("valid-secret", "GET", "/echo/", get) == "8lzxAJAoNX4D3O1QXfDpH+TzD20="
    assert sign("demo-secret", "POST", PATH, PARAMS, BODY) == "BnXT5d7dkc4VeivTpKgyS23fIrQ="


@pytest.mark.parametrize("name", ["bk_signature", "signature"])
def test_a_right_signature_is_accepted(name):
    verify("demo-secret", "POST", PATH, PARAMS | {name: "BnXT5d7dkc4VeivTpKgyS23fIrQ="}, BODY, now=1_700_000_200)


@pytest.mark.parametrize(
    "change",
    [
        {"bk_signature": "AAAA"},
        {"bk_signature": ""},
        {"bk_signature": "é"},
        {"bk_nonce": "0"},
        {"bk_nonce": "-1"},
        {"bk_nonce": "²"},
        {"bk_nonce": ""},
        {"bk_nonce": "1" * 5000},
        {"bk_timestamp": "1" * 5000},
        {"bk_timestamp": "1699999800"},
        {"bk_timestamp": "now"},
        {"extra": "1"},
    ],
)
def test_anything_else_is_refused(change):
    params = PARAMS | {"bk_signature": "BnXT5d7dkc4VeivTpKgyS23fIrQ="} | change
    with pytest.raises(SignatureInvalid):
        verify("demo-secret", "POST", PATH, params, BODY, now=1_700_000_200)
