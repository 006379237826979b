"""An identity provider that answers whatever a test has it answer."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

Answer = Callable[[str], dict[str, Any]]


@dataclass
class HostileProvider:
    """Honest by itself; tests change its `claims`, `key`, `documents`.

    Attributes:
        claims: change those of the next ID tokens; `None` leaves a claim out.
        documents: path → answer, given the request's body.
    """

    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    documents: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    signing_key: ECKey | None = None
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.issuer = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.documents = {
            "/.well-known/openid-configuration": lambda _: self.metadata(),
            "/jwks": lambda _: KeySet([self.key]).as_dict(private=False),
            "/token": lambda _: {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token()},
            "/userinfo": lambda _: {"sub": "u1", "groups": ["ops"]},
        }

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    def metadata(self) -> dict[str, Any]:
        endpoints = {
            "authorization_endpoint": "/auth",
            "token_endpoint": "/token",
            "jwks_uri": "/jwks",
            "userinfo_endpoint": "/userinfo",
        }
        return {"issuer": self.issuer, **{name: self.issuer + path for name, path in endpoints.items()}}

    def id_token_by_secret(self, secret: bytes) -> str:
        """By hand, since libraries refuse to take a public key for a secret."""
        signed = self._unsigned("HS256")
        signature = urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
        return (signed + b"." + signature).decode()

    def id_token_unsigned(self) -> str:
        """By hand, since libraries refuse to make such a one."""
        return self._unsigned("none").decode() + "."

    def _unsigned(self, algorithm: str) -> bytes:
        header = {"alg": algorithm, "kid": self.key.kid}
        return b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, self._said()))

    def id_token(self) -> str:
        key = self.signing_key or self.key
        header = {"alg": "ES256", "kid": key.kid} if key.kid else {"alg": "ES256"}
        return jwt.encode(header, self._said(), key, algorithms=["ES256"])

    def _said(self) -> dict[str, Any]:
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "sub": "u1",
            "aud": "trunkline",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            "preferred_username": "ann",
        }
        return {name: value for name, value in {**usual, **self.claims}.items() if value is not None}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ")[1].partition("?")[0]
            length = next((int(v) for n, _, v in _headers(head) if n.lower() == "content-length"), 0)
            body = (await reader.readexactly(length)).decode()
            self.asked.append(path)
            answer = json.dumps(self.documents[path](body)).encode() if path in self.documents else b"{}"
            status = "200 OK" if path in self.documents else "404 Not Found"
            lines = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n"
            writer.write(f"{lines}Connection: close\r\n\r\n".encode() + answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


def _headers(head: str) -> list[tuple[str, str, str]]:
    return [(name, sep, value) for name, sep, value in (line.partition(": ") for line in head.split("\r\n")[1:])]
