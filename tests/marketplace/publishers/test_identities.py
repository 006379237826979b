"""Pipelines that publish by a token of their own: exchanged for a short right to publish one plugin."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from typer.testing import CliRunner

from kernel.audit.models import AuditRecord
from kernel.clock import ManualClock
from kernel.contracts.authorizer import Action, ResourceKind
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from kernel.services import KernelServices
from marketplace.publishers.identities.proof_life import ProofLife
from tests.support.marketplace import MarketplaceHouse, Told, as_user, build_house
from tests.support.packages import FIND_HOST, RUN_SCRIPT, archive_of, manifest_of
from tests.support.served_house import served
from tests.support.token_issuer import SUBJECT, Issuer, issuing
from trunkline.cli.plugin import app


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
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


async def test_a_mark_by_a_token_lapses_unless_another_one_comes_and_the_owner_is_told(pipeline: Pipeline) -> None:
    house, told = pipeline.house, Told()
    lapses = replace(house.unit.lapses, notices=told)
    await pipeline.identity()
    assert not await lapses.run(), "no token has come"
    await pipeline.exchange()
    pipeline.clock.advance(days=60)
    await pipeline.exchange()
    pipeline.clock.advance(days=60)
    assert not await lapses.run(), "another one came"
    assert (await _publisher(house))["proven_until"] == "2026-06-01T03:04:05Z"
    pipeline.clock.advance(days=31)
    for_ever = copy.copy(house.unit.identities)
    for_ever.life = ProofLife(timedelta())
    assert not await replace(lapses, identities=for_ever).run(), "nothing lapses where no days are set"
    assert await lapses.run()
    assert not await lapses.run(), "once"
    assert (await house.client.get("/plugins/find_host")).json()["verified_identity"] is None
    ((whom, words),) = told.words
    assert (whom, f"No token of {SUBJECT} ({pipeline.issuer.url}) has come for 90 days" in words) == ("alice", True)
    assert (await pipeline.exchange()).status_code == 200
    assert (await house.client.get("/plugins/find_host")).json()["verified_identity"] is not None, "it comes back"
    assert await _audited(house, "publisher.identity_lapsed") == 1
    assert await _audited(house, "publisher.verification_lost") == 1


async def test_an_owner_is_told_once_before_a_mark_lapses_and_again_after_another_token(pipeline: Pipeline) -> None:
    house, told = pipeline.house, Told()
    lapses = replace(house.unit.lapses, notices=told)
    await pipeline.identity()
    await pipeline.exchange()
    (identity,) = (await house.client.get("/publishers/acme/identities")).json()["items"]
    assert identity["proven_until"] == (await _publisher(house))["proven_until"]
    pipeline.clock.advance(days=75)
    assert not await lapses.run(), "there is time"
    pipeline.clock.advance(days=2)
    assert [await lapses.run() for _ in range(2)] == [True, False]
    ((whom, words),) = told.words
    assert (whom, f"until {identity['proven_until'][:10]}" in words) == ("alice", True)
    assert (await _publisher(house))["verified_identity"] is not None, "it stands still"
    await pipeline.exchange()
    pipeline.clock.advance(days=77)
    assert await lapses.run()
    assert await _audited(house, "publisher.identity_lapsing") == 2


async def _publisher(house: MarketplaceHouse) -> dict[str, Any]:
    found: dict[str, Any] = (await house.client.get("/publishers")).json()["items"][0]
    return found


async def _audited(house: MarketplaceHouse, action: str) -> int:
    async with house.database.reading() as session:
        found = select(AuditRecord).where(col(AuditRecord.action) == action)
        return len((await session.execute(found)).scalars().all())


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


async def test_a_pipeline_publishes_by_commands(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(pipeline.house) as url:

        async def said(*arguments: str, status: int = 0) -> str:
            result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--url", url])
            assert result.exit_code == status, result.output
            return result.output

        owner = ("--token", "alice")
        wanted = ("--issuer", pipeline.issuer.url, "--subject", SUBJECT, "--plugin", "find_*")
        added = await said("identity", "add", "acme", *wanted, *owner)
        assert added.startswith(f"{SUBJECT} of {pipeline.issuer.url} publishes find_*: ")
        assert (await said("identity", "list", "acme", *owner)).endswith(": find_*  (never used)\n")
        assert "is not admitted here" in await said(
            "identity", "add", "acme", "--issuer", "https://elsewhere.example", *wanted[2:], *owner, status=1
        )
        monkeypatch.delenv("TRUNKLINE_IDENTITY_TOKEN", raising=False)
        assert "TRUNKLINE_IDENTITY_TOKEN" in await said("identity", "exchange", "acme", "find_host", status=2)
        monkeypatch.setenv("TRUNKLINE_IDENTITY_TOKEN", pipeline.token())
        right = (await said("identity", "exchange", "acme", "find_host")).strip()
        (tmp_path / "find.zip").write_bytes(archive_of(manifest_of(FIND_HOST, version="1.0.1")))
        published = await said("publish", str(tmp_path / "find.zip"), "--token", right)
        assert published.startswith("find_host 1.0.1 is published")
        (one,) = json.loads(await said("identity", "list", "acme", *owner, "--json"))
        assert (one["proven_subject"], one["last_used_at"] is not None) == (SUBJECT, True)
        proven = f"acme  of alice: verified by {SUBJECT} ({pipeline.issuer.url}) until 2026-04-02T03:04:05Z\n"
        assert await said("publishers", *owner) == proven
        assert await said("identity", "remove", "acme", one["id"], *owner) == f"{one['id']} publishes no more\n"
        assert await said("identity", "list", "acme", *owner) == ""
        assert "status 403" in await said("identity", "exchange", "acme", "find_host", status=1)
