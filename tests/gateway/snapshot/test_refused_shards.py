"""What happens around a shard that this process can't serve."""

from pathlib import Path
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.snapshot.disk import DiskCopy
from gateway.snapshot.live import LiveWatch
from gateway.snapshot.loader import SnapshotLoader
from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.snapshot.models import SnapshotRevision, SnapshotShard
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.secrets import opener
from kernel.ids import new_id
from kernel.services import KernelServices


def _app(code: str, **more: Any) -> dict[str, Any]:
    return {"kind": "app", "app_code": code, "enabled": True, "secrets": [], "grants": []} | more


async def _publish(kernel: KernelServices, shard: dict[str, Any]) -> int:
    async def build(_session: AsyncSession) -> dict[str, Any]:
        return shard

    async with kernel.database.unit_of_work() as session:
        return await SnapshotPublisher(opener(kernel.secrets)).publish(session, build)


async def _publish_spoilt(kernel: KernelServices, code: str) -> int:
    """In one transaction: no loader sees it whole."""

    async def build(_session: AsyncSession) -> dict[str, Any]:
        return _app(code, enabled=False)

    async with kernel.database.unit_of_work() as session:
        revision = await SnapshotPublisher(opener(kernel.secrets)).publish(session, build)
        spoil = update(SnapshotShard).where(SnapshotShard.key == f"app:{code}")
        await session.execute(spoil.values(document={"kind": "app"}))
    return revision


def _loader(kernel: KernelServices, folder: Path) -> tuple[SnapshotLoader, SnapshotHolder]:
    holder = SnapshotHolder()
    open_secret = opener(kernel.secrets)
    copy = DiskCopy(folder / "snapshot.json", open_secret)
    return SnapshotLoader(kernel.database, holder, open_secret, kernel.clock, copy, kernel.secrets.root), holder


async def test_a_refused_shard_is_not_acknowledged_by_a_process_that_starts_from_the_copy_either(
    kernel: KernelServices, tmp_path: Path
) -> None:
    live = LiveWatch(kernel.database, kernel.clock)
    good = await _publish(kernel, _app("a"))
    first, holder = _loader(kernel, tmp_path)
    await first.start()
    bad = await _publish_spoilt(kernel, "a")
    await first.load()
    assert (first.acknowledged, holder.current.apps["a"].enabled) == (good, True)
    await first.stop()
    second, holder = _loader(kernel, tmp_path)
    await second.start()
    assert holder.current.apps["a"].enabled is True
    assert second.acknowledged == good
    assert not await live.is_live(bad)
    await second.stop()


async def test_each_of_two_refused_shards_must_be_mended(kernel: KernelServices, tmp_path: Path) -> None:
    await _publish(kernel, _app("a"))
    first_bad = await _publish_spoilt(kernel, "a")
    second_bad = await _publish_spoilt(kernel, "b")
    loader, holder = _loader(kernel, tmp_path)
    await loader.load()
    assert loader.acknowledged == first_bad - 1
    await _publish(kernel, _app("a"))
    await loader.load()
    assert loader.acknowledged == second_bad - 1
    mended = await _publish(kernel, _app("b"))
    await loader.load()
    assert loader.acknowledged == holder.current.revision == mended


async def test_what_was_refused_of_another_lineage_holds_nothing_up(kernel: KernelServices, tmp_path: Path) -> None:
    await _publish_spoilt(kernel, "gone")
    loader, holder = _loader(kernel, tmp_path)
    await loader.load()
    assert loader.acknowledged < holder.current.revision
    async with kernel.database.unit_of_work() as session:
        await session.execute(update(SnapshotRevision).values(lineage=new_id()))
        await session.execute(update(SnapshotShard).values(document=_app("gone")))
    await loader.load()
    assert loader.acknowledged == holder.current.revision


async def test_revisions_follow_the_order_of_commits(kernel: KernelServices, tmp_path: Path) -> None:
    """A transaction that took its revision first commits first: a loader never passes over one still open."""
    publisher = SnapshotPublisher(opener(kernel.secrets))
    loader, holder = _loader(kernel, tmp_path)

    async def build(_session: AsyncSession) -> dict[str, Any]:
        return _app("slow")

    async with kernel.database.unit_of_work() as session:
        await publisher.lock(session)
        revision = await publisher.publish(session, build)
        await loader.load()
        assert holder.current.revision < revision
    later = await _publish(kernel, _app("quick"))
    assert later == revision + 1
    await loader.load()
    assert (holder.current.revision, set(holder.current.apps)) == (later, {"slow", "quick"})


async def test_a_configuration_of_many_pages_is_served_as_a_whole_and_replaced_as_a_whole(
    kernel: KernelServices, tmp_path: Path
) -> None:
    codes = {f"app{number:03}" for number in range(120)}
    for code in codes:
        await _publish(kernel, _app(code))
    bad = await _publish_spoilt(kernel, "app007")
    loader, holder = _loader(kernel, tmp_path)
    await loader.load()
    assert set(holder.current.apps) == codes - {"app007"}
    assert loader.acknowledged == bad - 1
    async with kernel.database.unit_of_work() as session:
        await session.execute(update(SnapshotRevision).values(lineage=new_id()))
        await session.execute(delete(SnapshotShard).where(col(SnapshotShard.key) != "app:app001"))
    await loader.load()
    assert set(holder.current.apps) == {"app001"}
