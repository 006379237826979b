"""A catalogue of many plugins, filled row by row, since publishing each would take longer than what is measured."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import SQLModel

from kernel.db.database import Database
from kernel.ids import new_id
from marketplace.package.archive import write_archive
from marketplace.package.manifest import Manifest
from marketplace.package.manifest_check import check_manifest
from marketplace.package.package import read_package
from marketplace.publishers.models import PublisherRow
from marketplace.search.indexing import index_plugin
from marketplace.versions.describing import description_of
from marketplace.versions.models import PluginArchiveRow, PluginRow, PluginVersionRow, VersionStandingRow
from tests.support.packages import FIND_HOST, files_of, manifest_of

VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0")
_NOW = datetime(2026, 1, 2, tzinfo=UTC)
_README = "# A plugin\n"
_AT_ONCE = 200
_THINGS = {
    "host": "主机", "disk": "磁盘", "module": "模块", "script": "脚本", "job": "作业", "user": "用户", "ticket": "工单",
    "network": "网络", "backup": "备份", "database": "数据库", "service": "服务", "alarm": "告警", "log": "日志",
}  # fmt: skip
_DEEDS = {
    "find": "查找", "move": "转移", "restart": "重启", "check": "检查", "create": "创建", "remove": "删除",
    "copy": "复制", "notify": "通知", "export": "导出", "import": "导入", "lock": "锁定", "approve": "审批",
}  # fmt: skip
_TAGS = ("cmdb", "job", "network", "backup", "ops", "test", "security", "cloud")


@dataclass(frozen=True, slots=True)
class Words:
    """What people may type who look for one of these plugins."""

    english: tuple[str, ...] = (*_THINGS, *_DEEDS)
    chinese: tuple[str, ...] = (*_THINGS.values(), *_DEEDS.values())


def manifest(number: int, version: str, chance: random.Random) -> dict[str, Any]:
    """The same number always has the same code and publisher."""
    deed = list(_DEEDS)[number % len(_DEEDS)]
    thing = list(_THINGS)[number // len(_DEEDS) % len(_THINGS)]
    more = chance.sample(list(_THINGS.items()), 3)
    return manifest_of(
        FIND_HOST,
        code=f"{deed}_{thing}_{number}",
        version=version,
        publisher=f"team_{number % 200}",
        name={"en": f"{deed.title()} {thing} {number}", "zh": f"{_DEEDS[deed]}{_THINGS[thing]}{number}"},
        description={
            "en": f"{deed.title()} every {thing}, with {', '.join(english for english, _ in more)}.",
            "zh": f"{_DEEDS[deed]}全部{_THINGS[thing]}，包括{'、'.join(chinese for _, chinese in more)}。",
        },
        tags=sorted(chance.sample(_TAGS, 2)),
    )


async def fill(database: Database, plugins: int) -> None:
    """So many plugins of five versions each; they share one package, which nobody reads."""
    archive = write_archive(files_of(FIND_HOST))
    digest = read_package(archive).digest
    async with database.unit_of_work() as session:
        names = {f"team_{number}" for number in range(min(plugins, 200))}
        await session.execute(
            insert(PublisherRow), [{"name": name, "owner": name, "created_at": _NOW} for name in sorted(names)]
        )
    for start in range(0, plugins, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, plugins))
        made = [check_manifest(manifest(number, VERSIONS[-1], random.Random(number))) for number in numbers]
        async with database.unit_of_work() as session:
            rows = [_plugin(each) for each in made]
            await session.execute(insert(PluginRow), [_columns(each) for each in rows])
            versions = [row for each in made for row in _versions(each, digest)]
            await session.execute(insert(PluginVersionRow), [_columns(row) for row in versions])
            await session.execute(insert(VersionStandingRow), [_columns(_standing(row)) for row in versions])
            first = [{"version_id": row.id, "content": archive} for row in versions if row.version == VERSIONS[-1]]
            await session.execute(insert(PluginArchiveRow), first)
            for row, each in zip(rows, made, strict=True):
                await index_plugin(session, row.id, each, _README, ["stable"])


def _plugin(manifest: Manifest) -> PluginRow:
    return PluginRow(
        code=manifest.code,
        publisher=manifest.publisher,
        owner=manifest.publisher,
        created_at=_NOW,
        updated_at=_NOW,
        **description_of(manifest),
    )


def _versions(manifest: Manifest, digest: str) -> Iterator[PluginVersionRow]:
    text = manifest.model_dump_json()
    for version in VERSIONS:
        yield PluginVersionRow(
            id=new_id(),
            plugin_code=manifest.code,
            version=version,
            digest=digest,
            manifest=text,
            readme=_README,
            changelog="- First.\n",
            published_by=manifest.publisher,
            published_at=_NOW,
        )


def _standing(row: PluginVersionRow) -> VersionStandingRow:
    return VersionStandingRow(
        version_id=row.id, plugin_code=row.plugin_code, channel="stable", signers=[], screenshots=[], checks=[]
    )


def _columns(row: SQLModel) -> dict[str, Any]:
    return row.model_dump()
