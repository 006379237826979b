"""The gateway one writes first: Starlette and httpx, doing the same work as ours."""

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks.support.secured import APP, AUDIENCE, ISSUER, SYSTEM_KEY, public_key_pem
from kernel.signing.access_token import AccessClaims, verify_access_token
from kernel.signing.content_digest import content_digest
from kernel.signing.errors import TokenInvalid
from kernel.signing.keys import VerifyingKey
from kernel.signing.request_signature import RequestSigner

DROPPED = {"host", "authorization", "connection", "content-length", "transfer-encoding"}


def build(upstream: str) -> Starlette:
    key = VerifyingKey("bench", "ES256", load_pem_public_key(public_key_pem().encode()))  # type: ignore[arg-type]  # it is EC
    signer = RequestSigner("cmdb", SYSTEM_KEY)
    remembered: dict[str, AccessClaims] = {}
    grants = {(APP, "cmdb.search_business"): float("inf")}
    client = httpx.AsyncClient(
        limits=httpx.Limits(max_connections=1000, max_keepalive_connections=1000), trust_env=False
    )

    async def call(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        claims = remembered.get(token)
        if claims is None or claims.expires_at < time.time():
            try:
                claims = verify_access_token(token, {"bench": key}, issuer=ISSUER, audience=AUDIENCE, now=time.time())
            except TokenInvalid as problem:
                return JSONResponse({"message": str(problem)}, 401)
            remembered[token] = claims
        component = f"{request.path_params['system']}.{request.path_params['component']}"
        if "cmdb:read" not in claims.scopes or grants.get((claims.client_id, component), 0) < time.time():
            return JSONResponse({"message": "no permission"}, 403)
        body = await request.body()
        url = f"{upstream}/signed/{request.path_params['component']}"
        covered = [("x-trunkline-app", claims.client_id), ("content-digest", content_digest(body))]
        signed = signer.sign(request.method, url, covered, int(time.time()))
        headers = {name: value for name, value in request.headers.items() if name not in DROPPED}
        headers.update(covered)
        headers.update(line.split(": ", 1) for line in signed.strip().split("\r\n"))  # type: ignore[misc]  # two parts
        answer = await client.request(request.method, url, content=body, headers=headers)
        passed = {name: value for name, value in answer.headers.items() if name not in DROPPED}
        return Response(answer.content, answer.status_code, passed)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await client.aclose()

    return Starlette(routes=[Route("/api/{system}/{stage}/{component}", call, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(
        build(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools",
        log_level="warning", access_log=False,
    )  # fmt: skip
