"""Makes DPoP proofs, right ones and wrong ones, with joserfc's keys but signed by hand: it refuses odd headers."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, OKPKey


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: dict[str, Any], claims: dict[str, Any], key: ECKey | OKPKey) -> str:
    """A signed token, whatever stands in it."""
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    private = key.get_op_key("sign")
    if isinstance(key, OKPKey):
        return f"{signed}.{encoded(private.sign(signed.encode()))}"
    r, s = decode_dss_signature(private.sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def ath(token: str) -> str:
    return encoded(hashlib.sha256(token.encode()).digest())


class ProofMaker:
    """A client's key, and the proofs it makes; each has its own id unless told otherwise."""

    def __init__(self, key: ECKey | OKPKey | None = None) -> None:
        self.key = key or ECKey.generate_key("P-256")
        self.jwk = self.key.as_dict(private=False)
        self.thumbprint = self.key.thumbprint()
        self._made = 0

    def proof(
        self,
        method: str,
        url: str,
        now: float,
        token: str | None = None,
        *,
        header: dict[str, Any] | None = None,
        without: tuple[str, ...] = (),
        **claims: Any,
    ) -> str:
        self._made += 1
        told = {"jti": f"{self.thumbprint}-{self._made}", "htm": method, "htu": url, "iat": int(now)}
        if token is not None:
            told["ath"] = ath(token)
        head = {"typ": "dpop+jwt", "alg": "ES256" if isinstance(self.key, ECKey) else "Ed25519", "jwk": self.jwk}
        head |= header or {}
        told |= claims
        return compact(
            {name: value for name, value in head.items() if name not in without},
            {name: value for name, value in told.items() if name not in without},
            self.key,
        )
