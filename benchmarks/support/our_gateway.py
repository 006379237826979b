"""Our data plane in one process: a token, a scope and a grant for all calls, then one of two signatures.

System ``cmdb`` signs whole requests (RFC 9421). System ``shop`` adds ``X-Bkapi-JWT`` and limits the rate. System
``files`` adds ``X-Bkapi-JWT`` and lets bodies of any size pass.
"""

import gc
import sys
from typing import Any

import uvicorn

from benchmarks.support.secured import APP, AUDIENCE, COMPONENT, ISSUER, SYSTEM_KEY, public_key_pem, rsa_key_pem
from gateway.dataplane.app import DataPlane
from gateway.dataplane.server import GatewayProtocol
from gateway.snapshot.model.snapshot import Snapshot, SnapshotHolder, compile_shard
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient

RATE_LIMIT = {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 1, "tokens": 1_000_000_000}]}}}


def snapshot(upstream: str) -> Snapshot:
    keys = {
        "kind": "keys", "issuer": ISSUER, "audience": AUDIENCE,
        "keys": [{"kid": "bench", "alg": "ES256", "public_key": public_key_pem()}],
    }  # fmt: skip
    documents = [
        _system("cmdb", f"{upstream}/signed", {"profile": "http-message-signature", "key_id": "cmdb"}),
        _system("shop", f"{upstream}/governed", {"profile": "jwt", "key_id": "shop"}, RATE_LIMIT),
        _system("files", f"{upstream}/files", {"profile": "jwt", "key_id": "files"}, method="ANY", path="/"),
        {
            "kind": "app",
            "app_code": APP,
            "grants": [{"system": name, "component": COMPONENT} for name in ("cmdb", "shop", "files")],
        },
        keys,
    ]
    rsa_key = rsa_key_pem()
    secrets = {"cmdb": SYSTEM_KEY, "shop": rsa_key, "files": rsa_key}

    def open_secret(sealed: str, purpose: str = "") -> bytes:  # noqa: ARG001  the contract's signature
        return secrets[sealed]

    return Snapshot().with_shards(1, [compile_shard(document, open_secret) for document in documents])


def _system(
    name: str,
    url: str,
    signing: dict[str, str],
    *policies: dict[str, Any],
    method: str = "POST",
    path: str = f"/{COMPONENT}",
) -> dict[str, Any]:
    component = {
        "name": COMPONENT, "method": method, "path": path, "match_subpath": path == "/", "scopes": ["cmdb:read"],
    }  # fmt: skip
    stage = {
        "release": "1.0.0", "upstream": {"base_url": url}, "components": [component], "policies": list(policies),
        "signing": {**signing, "secret": name},
    }  # fmt: skip
    return {"kind": "system", "name": name, "stages": {"prod": stage}}


def main(port: int, upstream: str, access_log: str) -> None:
    client = TransportClient(AddressPolicy.allowing([upstream]))
    plane = DataPlane(
        SnapshotHolder(snapshot(upstream)), client, public_url="https://gateway.example", access_log=access_log
    )
    gc.collect()
    gc.freeze()  # as the product does once its configuration is loaded
    uvicorn.run(
        plane, host="127.0.0.1", port=port, loop="uvloop", http=GatewayProtocol, log_level="warning", access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
