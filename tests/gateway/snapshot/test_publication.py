import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.snapshot.disk import DiskCopy
from gateway.snapshot.live import LiveWatch
from gateway.snapshot.loader import SnapshotLoader
from gateway.snapshot.model.snapshot import Peers, SnapshotHolder
from gateway.snapshot.models import SnapshotShard
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.secrets import opener
from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.errors import Invalid
from kernel.services import KernelServices
from tests.support.management import Management, document
from tests.support.patience import until
from trunkline.migrate import migrate

SHA = "00" * 32


def _app(code: str, **more: Any) -> dict[str, Any]:
    return {"kind": "app", "app_code": code, "enabled": True, "secrets": [{"sha256": SHA}], "grants": []} | more


def _publisher(kernel: KernelServices) -> SnapshotPublisher:
    return SnapshotPublisher(opener(kernel.secrets))


async def _publish(kernel: KernelServices, publisher: SnapshotPublisher, shard: dict[str, Any]) -> int:
    async def build(_session: AsyncSession) -> dict[str, Any]:
        return shard

    async with kernel.database.unit_of_work() as session:
        return await publisher.publish(session, build)


def _loader(
    kernel: KernelServices, folder: Path, database: Database | None = None
) -> tuple[SnapshotLoader, SnapshotHolder]:
    holder = SnapshotHolder()
    open_secret = opener(kernel.secrets)
    copy = DiskCopy(folder / "snapshot.json", open_secret)
    return SnapshotLoader(
        database or kernel.database, holder, open_secret, kernel.clock, copy, kernel.secrets.root
    ), holder


@asynccontextmanager
async def _running(loader: SnapshotLoader) -> AsyncIterator[None]:
    await loader.start()
    try:
        yield
    finally:
        await loader.stop()


async def test_a_change_is_live_once_every_worker_serves_it(
    kernel: KernelServices, clock: ManualClock, tmp_path: Path
) -> None:
    publisher, live = _publisher(kernel), LiveWatch(kernel.database, clock)
    assert not await live.is_live(await _publish(kernel, publisher, _app("a")))
    one, first = _loader(kernel, tmp_path / "1")
    two, second = _loader(kernel, tmp_path / "2")
    async with _running(one):
        async with _running(two):
            revision = await _publish(kernel, publisher, _app("b"))
            assert await live.newest_is_live()
            assert await live.is_live(revision)
            assert first.current.revision == second.current.revision == revision
            assert set(first.current.apps) == set(second.current.apps) == {"a", "b"}
        assert [worker.id for worker in await live.workers()] == [one.worker_id]
    assert await live.workers() == []


async def test_a_worker_whose_lease_ran_out_holds_nobody_up(
    kernel: KernelServices, clock: ManualClock, tmp_path: Path
) -> None:
    publisher, live = _publisher(kernel), LiveWatch(kernel.database, clock)
    silent, _ = _loader(kernel, tmp_path / "1")
    await silent.load()
    revision = await _publish(kernel, publisher, _app("a"))
    await silent.load()
    assert await live.is_live(revision)
    later = await _publish(kernel, publisher, _app("b"))
    assert not await live.wait_live(later, 0.1)
    clock.advance(seconds=6)
    other, _ = _loader(kernel, tmp_path / "2")
    await other.load()
    assert await live.is_live(later)


async def test_what_rolls_back_or_cannot_be_served_is_never_published(kernel: KernelServices, tmp_path: Path) -> None:
    publisher = _publisher(kernel)
    revision = await _publish(kernel, publisher, _app("a"))
    with pytest.raises(Invalid, match="app_code"):
        await _publish(kernel, publisher, _app("b") | {"app_code": 7})
    loader, holder = _loader(kernel, tmp_path)
    await loader.load()
    assert (holder.current.revision, set(holder.current.apps)) == (revision, {"a"})


async def test_no_loader_misses_a_change_among_many_at_once(kernel: KernelServices, tmp_path: Path) -> None:
    publisher = _publisher(kernel)
    loader, holder = _loader(kernel, tmp_path)
    async with _running(loader):
        revisions = await asyncio.gather(*(_publish(kernel, publisher, _app(f"app{n}")) for n in range(25)))
        assert len(set(revisions)) == 25
        await until(lambda: holder.current.revision == max(revisions))
        assert len(holder.current.apps) == 25


async def test_a_spoilt_shard_never_swaps_and_is_never_called_live(
    kernel: KernelServices, clock: ManualClock, tmp_path: Path
) -> None:
    publisher, live = _publisher(kernel), LiveWatch(kernel.database, clock)
    await _publish(kernel, publisher, _app("a"))
    loader, holder = _loader(kernel, tmp_path)
    await loader.load()
    good = holder.current.apps["a"]
    bad_revision = await _publish(kernel, publisher, _app("a", enabled=False))
    async with kernel.database.unit_of_work() as session:
        await session.execute(
            update(SnapshotShard).where(SnapshotShard.key == "app:a").values(document={"kind": "app"})
        )
    revoked = {"kind": "revocations", "tokens": [{"jti": "x", "expires_at": 2e9}]}
    later = await _publish(kernel, publisher, revoked)
    await loader.load()
    assert holder.current.apps["a"] is good
    assert holder.current.revocations.covers("x", "a", 0.0)
    assert not await live.is_live(bad_revision)
    assert not await live.is_live(later)
    repaired = await _publish(kernel, publisher, _app("a", enabled=False))
    await loader.load()
    assert holder.current.apps["a"].enabled is False
    assert await live.is_live(repaired)


async def test_a_gateway_starts_and_serves_from_disk_while_the_database_is_away(
    management: Management, tmp_path: Path
) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    await management.granted("shop", "cmdb", None)
    loader, _ = _loader(management.kernel, tmp_path / "copy")
    async with _running(loader):
        pass
    path = tmp_path / "copy" / "snapshot.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = management.holder.current.systems["cmdb"].stages["prod"].settings.signing.secret
    assert secret.hex() not in path.read_text(encoding="utf-8")
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    lonely, holder = _loader(management.kernel, tmp_path / "copy", away)
    async with _running(lonely):
        assert holder.current.revision == management.holder.current.revision
        assert holder.current.systems["cmdb"].stages["prod"].settings.signing.secret == secret
        assert holder.current.apps["shop"].may_call("cmdb", "cmdb.get_host", management.clock.now().timestamp())
    await away.close()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 2}', '{"format": 1, "shards": [{}]}'])
async def test_a_spoilt_copy_is_passed_over(kernel: KernelServices, tmp_path: Path, content: str) -> None:
    (tmp_path / "snapshot.json").write_text(content, encoding="utf-8")
    revision = await _publish(kernel, _publisher(kernel), _app("a"))
    loader, holder = _loader(kernel, tmp_path)
    async with _running(loader):
        assert holder.current.revision == revision


async def test_a_copy_of_another_database_is_forgotten(kernel: KernelServices, tmp_path: Path) -> None:
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")

    await migrate(other)
    elsewhere = KernelServices(kernel.settings, other, kernel.secrets, kernel.clock)
    for name in ("x", "y", "z"):
        await _publish(elsewhere, _publisher(elsewhere), _app(name))
    loader, _ = _loader(elsewhere, tmp_path)
    async with _running(loader):
        pass
    revision = await _publish(kernel, _publisher(kernel), _app("a"))
    mine, holder = _loader(kernel, tmp_path)
    async with _running(mine):
        assert (holder.current.revision, set(holder.current.apps)) == (revision, {"a"})
    await other.close()


async def test_people_see_the_revision_and_who_serves_it(management: Management) -> None:
    await management.import_system(document())
    seen = (await management.client.get("/v1/gateway/snapshot")).json()
    assert seen["revision"] > 0
    assert [worker["revision"] for worker in seen["workers"]] == [seen["revision"]]
    assert (await management.anonymous().get("/v1/gateway/snapshot")).status_code == 401


async def test_each_process_knows_how_many_serve_and_which_of_them_it_is(
    kernel: KernelServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.snapshot.loader._HEARTBEAT_SECONDS", 0.02)
    await _publish(kernel, _publisher(kernel), _app("a"))
    one, first = _loader(kernel, tmp_path / "1")
    two, second = _loader(kernel, tmp_path / "2")
    async with _running(one):
        await until(lambda: first.peers == Peers(0, 1))
        async with _running(two):
            await until(lambda: {first.peers, second.peers} == {Peers(0, 2), Peers(1, 2)})
        await until(lambda: first.peers == Peers(0, 1))
