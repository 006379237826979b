"""An issuer of identity tokens, served on the loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from tests.support.backend import BackendRequest, serving_http

HERE = "http://127.0.0.1:8080"
SUBJECT = "repo:acme/plugins:ref:refs/heads/main"


@dataclass(slots=True)
class Issuer:
    """Of signed tokens for `HERE`, of `SUBJECT` unless something else is said."""

    url: str = ""
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519", {"kid": "one"}))

    def token(self, now: float, **changed: Any) -> str:
        claims = {"iss": self.url, "sub": SUBJECT, "aud": HERE, "iat": int(now), "exp": int(now) + 300, **changed}
        return jwt.encode({"alg": "Ed25519", "kid": "one"}, claims, self.key, algorithms=["Ed25519"])

    def answer(self, request: BackendRequest) -> tuple[int, str, bytes]:
        documents = {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }
        found = documents.get(request.target)
        return (200 if found else 404), "application/json", json.dumps(found).encode()


@contextmanager
def issuing() -> Iterator[Issuer]:
    made = Issuer()
    with serving_http(made.answer) as url:
        made.url = url
        yield made
