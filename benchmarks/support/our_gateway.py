"""Our data plane in one process, with a token, a scope, a grant and message signatures."""

import sys

import uvicorn

from benchmarks.support.secured import APP, AUDIENCE, ISSUER, SYSTEM_KEY, public_key_pem
from gateway.dataplane.app import DataPlane
from gateway.dataplane.server import GatewayProtocol
from gateway.snapshot.model.snapshot import Snapshot, SnapshotHolder, compile_shard
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient


def snapshot(upstream: str) -> Snapshot:
    component = {"name": "search_business", "method": "POST", "path": "/search_business", "scopes": ["cmdb:read"]}
    stage = {
        "release": "1.0.0", "upstream": {"base_url": f"{upstream}/signed"}, "components": [component],
        "signing": {"profile": "http-message-signature", "key_id": "cmdb", "secret": "sealed"},
    }  # fmt: skip
    documents = [
        {"kind": "system", "name": "cmdb", "aliases": ["cc"], "stages": {"prod": stage}},
        {"kind": "app", "app_code": APP, "grants": [{"system": "cmdb", "component": "search_business"}]},
        {
            "kind": "keys", "issuer": ISSUER, "audience": AUDIENCE,
            "keys": [{"kid": "bench", "alg": "ES256", "public_key": public_key_pem()}],
        },
    ]  # fmt: skip
    return Snapshot().with_shards(1, [compile_shard(document, lambda _: SYSTEM_KEY) for document in documents])


def main(port: int, upstream: str) -> None:
    client = TransportClient(AddressPolicy.allowing([upstream]))
    plane = DataPlane(SnapshotHolder(snapshot(upstream)), client, public_url="https://gateway.example")
    uvicorn.run(
        plane, host="127.0.0.1", port=port, loop="uvloop", http=GatewayProtocol, log_level="warning", access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
