import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.signing.errors import SignatureInvalid
from kernel.signing.standard_webhooks import TOLERANCE_SECONDS, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_the_specifications_example() -> None:
    signed = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.text(max_size=40).filter(lambda text: text.isprintable()), st.binary(max_size=200))
def test_what_is_signed_verifies_and_nothing_else_does(message_id: str, body: bytes) -> None:
    headers = sign(SECRET, message_id, 1000, body)
    signature = headers["webhook-signature"]
    verify(SECRET, message_id, "1000", f"v1,AAAA {signature} v2,x", body, 1000)
    for other in (
        (message_id + "x", "1000", signature, body),
        (message_id, "1001", signature, body),
        (message_id, "1000", signature, body + b" "),
        (message_id, "1000", "v1,", body),
        (message_id, "1000", signature.replace("v1,", "v2,"), body),
    ):
        with pytest.raises(SignatureInvalid):
            verify(SECRET, *other, 1000)


@pytest.mark.parametrize("timestamp", ["", "x", "-5", "1e3", "9" * 400, "\uff11\uff10\uff10\uff10"])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(SignatureInvalid):
        verify(SECRET, "id", timestamp, "v1,x", b"", 1000)


@pytest.mark.parametrize("away", [-TOLERANCE_SECONDS - 1, TOLERANCE_SECONDS + 1])
def test_old_and_coming_messages_are_refused(away: int) -> None:
    signed = sign(SECRET, "id", 10_000 + away, BODY)
    with pytest.raises(SignatureInvalid, match="seconds away"):
        verify(SECRET, "id", signed["webhook-timestamp"], signed["webhook-signature"], BODY, 10_000)
