"""Pipelines that publish by a token of their own: exchanged for a short right to publish one plugin."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from kernel.clock import ManualClock
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from kernel.services import KernelServices
from tests.support.backend import BackendRequest, serving_http
from tests.support.marketplace import MarketplaceHouse, as_user, build_house
from tests.support.packages import FIND_HOST, RUN_SCRIPT, archive_of, manifest_of

HERE = "http://127.0.0.1:8080"
SUBJECT = "repo:acme/plugins:ref:refs/heads/main"


@dataclass(slots=True)
class Issuer:
    """Of signed tokens, served on the loopback."""

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


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    with serving_http(made.answer) as url:
        made.url = url
        yield made


@dataclass(slots=True)
class Pipeline:
    house: MarketplaceHouse
    issuer: Issuer
    clock: ManualClock

    async def identity(self, user: str = "alice", **changed: Any) -> Any:
        body = {"issuer": self.issuer.url, "subject": SUBJECT, "plugins": ["find_*"], **changed}
        return await self.house.client.post("/publishers/acme/identities", json=body, headers=as_user(user))

    async def exchange(self, token: str | None = None, plugin: str = "find_host", publisher: str = "acme") -> Any:
        body = {"identity_token": token or self.token(), "plugin": plugin}
        nobody = {"X-Test-User": ""}
        return await self.house.client.post(f"/publishers/{publisher}:exchange", json=body, headers=nobody)

    async def publish(self, right: str, manifest: dict[str, Any]) -> Any:
        headers = {"X-Test-User": "", "Authorization": f"Bearer {right}", "Content-Type": "application/zip"}
        return await self.house.client.post("/plugins", content=archive_of(manifest), headers=headers)

    def token(self, **changed: Any) -> str:
        return self.issuer.token(self.clock.now().timestamp(), **changed)


@pytest.fixture
async def pipeline(kernel: KernelServices, clock: ManualClock, issuer: Issuer) -> AsyncIterator[Pipeline]:
    """Alice has published 1.0.0 of a plugin."""
    settings = {"plugin_publish_issuers": (issuer.url,), "allowed_upstream_origins": (issuer.url,)}
    house = build_house(kernel, **settings)
    await house.publish(FIND_HOST, "alice")
    yield Pipeline(house, issuer, clock)
    await house.close()


async def test_a_token_publishes_one_plugin_for_a_quarter_of_an_hour_and_proves_the_publisher(
    pipeline: Pipeline,
) -> None:
    house = pipeline.house
    assert (await pipeline.identity()).status_code == 201
    assert (await house.client.get("/plugins/find_host")).json()["verified_identity"] is None
    right = (await pipeline.exchange()).json()["token"]
    made = await pipeline.publish(right, manifest_of(FIND_HOST, version="1.0.1"))
    assert (made.status_code, made.json()["published_by"]) == (201, "alice"), made.text
    found = (await house.client.get("/plugins/find_host")).json()
    assert found["verified_identity"] == f"{SUBJECT} ({pipeline.issuer.url})"
    assert (await house.client.get("/plugins?verified=true")).json()["items"][0]["code"] == "find_host"
    for other in (manifest_of(FIND_HOST, code="find_disk"), manifest_of(FIND_HOST, publisher="acme2")):
        refused = await pipeline.publish(right, other)
        assert refused.status_code == 403, refused.text
    headers = {"X-Test-User": "", "Authorization": f"Bearer {right}"}
    yank = await house.client.put("/plugins/find_host/versions/1.0.1/yank", json={"message": "x"}, headers=headers)
    assert yank.status_code == 403, "it publishes and does nothing else"
    pipeline.clock.advance(minutes=15)
    assert (await pipeline.publish(right, manifest_of(FIND_HOST, version="1.0.2"))).status_code == 401


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"sub": "repo:evil/plugins:ref:refs/heads/main"}, 403),
        ({"sub": f"{SUBJECT}x"}, 403),
        ({"aud": "https://elsewhere.example"}, 401),
        ({"iss": "https://elsewhere.example"}, 401),
        ({"exp": 1}, 401),
        ({"sub": ""}, 401),
        ({"sub": 5}, 401),
        ({"sub": f"{SUBJECT}\x00"}, 401),
    ],
)
async def test_a_token_of_somebody_else_or_for_somebody_else_is_refused(
    pipeline: Pipeline, changed: dict[str, Any], status: int
) -> None:
    await pipeline.identity()
    assert (await pipeline.exchange(pipeline.token(**changed))).status_code == status
    assert (await pipeline.house.client.get("/plugins/find_host")).json()["verified_identity"] is None


async def test_what_is_no_token_of_the_issuer_is_refused(pipeline: Pipeline) -> None:
    await pipeline.identity()
    forged = Issuer(pipeline.issuer.url).token(pipeline.clock.now().timestamp())
    head, body, signature = pipeline.token().split(".")
    for token in ("x", "a.b.c", "..", forged, f"{head}.{body}.", f"eyJhbGciOiJub25lIn0.{body}."):
        assert (await pipeline.exchange(token)).status_code == 401, token
    assert (await pipeline.exchange(plugin="run_script")).status_code == 403, "not among its plugins"
    assert (await pipeline.exchange(publisher="bobs")).status_code == 403
    assert (await pipeline.publish("tlpub_invented", FIND_HOST)).status_code == 401
    assert signature


async def test_identities_are_the_owners_to_give_and_only_of_admitted_issuers(pipeline: Pipeline) -> None:
    await pipeline.house.publish(manifest_of(RUN_SCRIPT, publisher="bobs"), "bob")
    assert (await pipeline.identity("bob")).status_code == 403
    for changed in ({"issuer": "https://elsewhere.example"}, {"subject": "*"}, {"subject": "repo:*"}, {"plugins": []}):
        assert (await pipeline.identity(**changed)).status_code == 422, changed
    made = (await pipeline.identity(subject="repo:acme/plugins:*")).json()
    right = (await pipeline.exchange()).json()["token"]
    path = f"/publishers/acme/identities/{made['id']}"
    assert (await pipeline.house.client.get("/publishers/acme/identities", headers=as_user("bob"))).status_code == 403
    assert (await pipeline.house.client.delete(path, headers=as_user("alice"))).status_code == 204
    assert (await pipeline.publish(right, manifest_of(FIND_HOST, version="1.0.1"))).status_code == 401
    assert (await pipeline.house.client.get("/plugins/find_host")).json()["verified_identity"] is None


async def test_a_narrowed_credential_lets_nobody_publish(pipeline: Pipeline) -> None:
    narrowed = Principal(PrincipalKind.USER, "alice", scopes=frozenset({"plugins:publish"}))
    with pytest.raises(PermissionDenied):
        async with pipeline.house.database.unit_of_work() as session:
            await pipeline.house.unit.identities.add(
                session, narrowed, "acme", pipeline.issuer.url, SUBJECT, ["find_*"]
            )  # fmt: skip


async def test_a_pipeline_publishes_only_as_long_as_its_owner_may(pipeline: Pipeline) -> None:
    await pipeline.identity()
    right = (await pipeline.exchange()).json()["token"]
    pipeline.house.authorizer.rules.discard(("alice", Action.PLUGIN_PUBLISH, ResourceKind.PLATFORM, "platform"))
    assert (await pipeline.publish(right, manifest_of(FIND_HOST, version="1.0.1"))).status_code == 403


async def test_marks_by_tokens_of_an_issuer_that_is_admitted_no_more_are_taken(
    pipeline: Pipeline, kernel: KernelServices
) -> None:
    await pipeline.identity()
    await pipeline.exchange()
    without = build_house(kernel)
    async with without.database.unit_of_work() as session:
        await without.unit.identities.forget_unadmitted(session)
    (publisher,) = (await without.client.get("/publishers")).json()["items"]
    assert publisher["verified_identity"] is None
    await without.close()
