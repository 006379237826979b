import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.signing.content_digest import content_digest
from kernel.signing.errors import SignatureInvalid
from kernel.signing.http_message_signature import RequestMessage
from kernel.signing.request_signature import RequestSigner, message_from_asgi, verify_request

KEY = b"0123456789abcdef0123456789abcdef"
NOW = 1_700_000_000
BODY = b'{"a": 1}'
URI = "http://cmdb.example/systems/cmdb/search?x=1"


class Nonces:
    def __init__(self) -> None:
        self.kept = {}

    def seen(self, nonce, expires):
        if nonce in self.kept:
            return True
        self.kept[nonce] = expires
        return False


def signed(key=KEY, *, method="POST", uri=URI, body=BODY, extra=(), now=NOW):
    covered = [("x-trunkline-app", "shop"), ("x-request-id", "r1"), *extra]
    if body:
        covered.append(("content-digest", content_digest(body)))
    lines = RequestSigner("cmdb", key).sign(method, uri, covered, now).strip().split("\r\n")
    headers = [*covered, *((line.split(": ", 1)[0], line.split(": ", 1)[1]) for line in lines)]
    return RequestMessage(method, uri, headers)


def check(message, body=BODY, *, keys=None, now=NOW, nonces=None):
    return verify_request(message, body, keys=keys or {"cmdb": KEY}, now=now, nonce_seen=(nonces or Nonces()).seen)


def with_header(message, name, value):
    return RequestMessage(message.method, message.target_uri, [*message.headers, (name, value)])


def test_what_was_signed_is_accepted_once():
    nonces = Nonces()
    message = signed(extra=[("idempotency-key", "run:1")])
    verified = check(message, nonces=nonces)
    assert verified.key_id == "cmdb"
    assert verified.covered == {
        "@method", "@target-uri", "x-trunkline-app", "x-request-id", "idempotency-key", "content-digest",
    }  # fmt: skip
    assert nonces.kept == {verified.nonce: NOW + 60}
    with pytest.raises(SignatureInvalid, match="seen before"):
        check(message, nonces=nonces)


def test_ed25519_signs_as_well():
    key = Ed25519PrivateKey.generate()
    check(signed(key), keys={"cmdb": key.public_key()})
    with pytest.raises(SignatureInvalid):
        check(signed(key), keys={"cmdb": Ed25519PrivateKey.generate().public_key()})


def test_a_key_is_used_with_its_own_algorithm_only():
    public = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(SignatureInvalid, match="algorithm"):
        check(signed(public.public_bytes_raw()), keys={"cmdb": public})


@pytest.mark.parametrize("now", [NOW - 6, NOW + 60, NOW + 3600])
def test_outside_its_window_it_is_refused(now):
    with pytest.raises(SignatureInvalid, match="expired"):
        check(signed(), now=now)


def test_a_signature_valid_for_longer_than_the_window_is_refused():
    message = signed()
    headers = [(name, value.replace(f"expires={NOW + 60}", f"expires={NOW + 999}")) for name, value in message.headers]
    with pytest.raises(SignatureInvalid, match="longer"):
        check(RequestMessage(message.method, message.target_uri, headers))


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda m: RequestMessage("PUT", m.target_uri, m.headers), id="method"),
        pytest.param(lambda m: RequestMessage(m.method, m.target_uri + "&y=2", m.headers), id="query"),
        pytest.param(lambda m: RequestMessage(m.method, m.target_uri.replace("cmdb.", "job."), m.headers), id="host"),
        pytest.param(lambda m: with_header(m, "x-trunkline-app", "other"), id="a second identity"),
        pytest.param(lambda m: with_header(m, "x-trunkline-user", "admin"), id="an identity header nobody signed"),
        pytest.param(lambda m: with_header(m, "idempotency-key", "k"), id="an idempotency key nobody signed"),
        pytest.param(lambda m: with_header(m, "signature", "trunkline=:AAAA:"), id="a second signature"),
        pytest.param(
            lambda m: RequestMessage(
                m.method,
                m.target_uri,
                [(name, value.replace("shop", "root")) for name, value in m.headers],
            ),
            id="identity",
        ),
        pytest.param(
            lambda m: RequestMessage(m.method, m.target_uri, [*m.headers, ("x_trunkline_user", "root")]),
            id="identity by an alias",
        ),
        pytest.param(
            lambda m: RequestMessage(m.method, m.target_uri, [h for h in m.headers if h[0] != "signature"]),
            id="no signature",
        ),
    ],
)
def test_an_altered_request_is_refused_and_its_nonce_not_kept(alter):
    nonces = Nonces()
    with pytest.raises(SignatureInvalid):
        check(alter(signed()), nonces=nonces)
    assert nonces.kept == {}


def test_another_body_is_refused():
    with pytest.raises(SignatureInvalid, match="Content-Digest"):
        check(signed(), b"other")
    with pytest.raises(SignatureInvalid, match="does not cover content-digest"):
        check(signed(body=b""), b"smuggled")


def test_an_unknown_key_is_refused():
    with pytest.raises(SignatureInvalid, match="not known"):
        check(signed(), keys={"job": KEY})


def test_a_key_id_that_could_break_out_of_its_quotes_is_refused():
    with pytest.raises(ValueError, match="quotes"):
        RequestSigner('a"b', KEY)


FIELD_TEXT = st.text('\t !"#()*,-./:;<=>?@AZ[\\]^az{|}~09', max_size=60)


@given(FIELD_TEXT, FIELD_TEXT | st.just(":AAAA:"))
@example("()", "()")
def test_an_arbitrary_signature_is_refused_not_a_crash(signature_input, signature):
    headers = [("signature-input", f"trunkline={signature_input}"), ("signature", f"trunkline={signature}")]
    with pytest.raises(SignatureInvalid):
        check(RequestMessage("POST", URI, headers))


@given(
    st.sampled_from(["GET", "POST", "DELETE"]),
    st.text("abc/%20-._~", max_size=20).map(lambda text: f"http://h/{text}"),
    st.dictionaries(
        st.sampled_from(["x-trunkline-app", "x-trunkline-user", "idempotency-key"]),
        st.text('abc;,="\\ é', min_size=1, max_size=12).map(str.strip),
    ),
    st.binary(max_size=30),
)
def test_whatever_is_signed_is_verified(method, uri, covered, body):
    headers = list(covered.items()) + ([("content-digest", content_digest(body))] if body else [])
    lines = RequestSigner("k", KEY).sign(method, uri, headers, NOW).strip().split("\r\n")
    headers += [(line.split(": ", 1)[0], line.split(": ", 1)[1]) for line in lines]
    check(RequestMessage(method, uri, headers), body, keys={"k": KEY})


def test_the_message_of_an_asgi_scope():
    scope = {
        "method": "POST", "scheme": "http", "path": "/a b", "raw_path": b"/a%20b", "query_string": b"x=%2F",
        "headers": [(b"host", b"h:81"), (b"X-A", b"\xe9")],
    }  # fmt: skip
    assert message_from_asgi(scope) == RequestMessage(
        "POST", "http://h:81/a%20b?x=%2F", [("host", "h:81"), ("x-a", "é")]
    )
