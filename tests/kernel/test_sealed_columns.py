"""Secrets of a whole database under one root key after another."""

from collections import Counter

from sqlalchemy import select

from gateway.access.apps.models import AppSecret
from kernel.db.database import Database
from kernel.db.sealed_columns import rewrap_columns, roots_in_use, sealed_columns
from kernel.secrets import SecretBox
from trunkline.tables import load_metadata

OLD, NEW = "aa" * 32, "bb" * 32


async def keep(database: Database, sealed: list[str | None]) -> None:
    async with database.unit_of_work() as session:
        session.add_all(
            AppSecret(id=f"{number:04}", app_code="shop", sha256="0" * 64, sealed=text, created_by="ann")
            for number, text in enumerate(sealed)
        )


async def kept(database: Database) -> list[str | None]:
    async with database.reading() as session:
        return list((await session.execute(select(AppSecret.sealed).order_by(AppSecret.id))).scalars())


async def in_use(database: Database) -> Counter[str]:
    async with database.reading() as session:
        return await roots_in_use(session, load_metadata())


async def test_every_secret_comes_under_the_new_root_key_and_opens_as_before(database: Database) -> None:
    old, new = SecretBox(OLD), SecretBox(NEW, [OLD])
    sealed = [old.seal(b"%d" % number, "p") for number in range(1200)]
    await keep(database, [None, "", *sealed, new.seal(b"new", "p")])
    assert await in_use(database) == {old.root: 1200, new.root: 1}
    done = await rewrap_columns(database, load_metadata(), new)
    assert (done.rewrapped, done.unreadable) == (1200, ())
    assert await in_use(database) == {new.root: 1201}
    first, second, *rest = await kept(database)
    assert (first, second) == (None, "")
    alone = SecretBox(NEW)
    assert [alone.open(text or "", "p") for text in rest] == [b"%d" % number for number in range(1200)] + [b"new"]
    assert (await rewrap_columns(database, load_metadata(), new)).rewrapped == 0


async def test_what_no_configured_root_key_reads_is_named_and_left_alone(database: Database) -> None:
    lost, new = SecretBox("cc" * 32), SecretBox(NEW, [OLD])
    sealed = lost.seal(b"lost", "p")
    await keep(database, [sealed, "rubbish", SecretBox(OLD).seal(b"x", "p")])
    done = await rewrap_columns(database, load_metadata(), new)
    assert (done.rewrapped, done.unreadable) == (
        1,
        ("gateway_app_secret.sealed 0000", "gateway_app_secret.sealed 0001"),
    )
    assert (await kept(database))[:2] == [sealed, "rubbish"]
    assert await in_use(database) == {lost.root: 1, "": 1, new.root: 1}


def test_every_column_that_is_named_sealed_is_found() -> None:
    found = {place.name for place in sealed_columns(load_metadata())}
    named = {
        f"{table.name}.{column.name}"
        for table in load_metadata().sorted_tables
        for column in table.columns
        if "sealed" in column.name
    }
    assert named <= found
