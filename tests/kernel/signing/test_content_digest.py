"""The vectors of RFC 9530, Appendix B and D, and of RFC 9421 §2."""

import pytest

from kernel.signing.content_digest import content_digest, verify_content_digest
from kernel.signing.errors import SignatureInvalid


def test_the_published_vectors():
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert content_digest(b"") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    verify_content_digest(
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        b'{"hello": "world"}',
    )
    verify_content_digest(
        "unknown=:AAAA:, sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", b'{"hello": "world"}\n'
    )


@pytest.mark.parametrize(
    "value",
    [
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
        "sha-256=abc",
        "md5=:AAAA:",
        "",
        "sha-256",
        "sha-256=()",
        f"{content_digest(b'x')}, sha-512=:AAAA:",
        f"{content_digest(b'x')}, sha-256=:AAAA:",
        f"sha-256=:AAAA:, {content_digest(b'x')}",
    ],
)
def test_a_digest_that_does_not_fit_is_refused(value):
    with pytest.raises(SignatureInvalid):
        verify_content_digest(value, b"x")
