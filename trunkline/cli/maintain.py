"""Commands on an installation itself: its schema, its OpenAPI document, its health."""

import asyncio
import stat
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from kernel.first_start import FILE_NAME, complete_settings, kept_settings
from trunkline.cli.client import JsonOption, print_json
from trunkline.cli.environment import environment_settings
from trunkline.cli.installation import opened
from trunkline.cli.secret_health import secret_inputs
from trunkline.cli.task_health import Finding, tasks
from trunkline.migrate import migrate as run_migrations
from trunkline.migrate import migrations_path

if TYPE_CHECKING:
    from trunkline.product import Product

    _Check = Callable[[Product], Awaitable[Finding | list[Finding]]]


def migrate() -> None:
    """Bring the database to the newest schema."""

    async def run() -> None:
        settings, _ = complete_settings(environment_settings())
        async with opened(settings) as product:
            await run_migrations(product.kernel.database)

    asyncio.run(run())
    typer.echo("The schema is current")


def openapi() -> None:
    """Print the OpenAPI document of the management API."""
    from trunkline.app import management_document  # noqa: PLC0415  builds every unit; other commands needn't

    print_json(management_document())


def doctor(
    mend: Annotated[bool, typer.Option("--mend", help="Mend stuck tasks, seal secrets")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look for what keeps this installation from working, stuck tasks among it; exit code 1 when something does."""
    findings = asyncio.run(_examine(mend=mend))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = (
                typer.style("ok  ", fg=typer.colors.GREEN)
                if finding.in_order
                else typer.style("bad ", fg=typer.colors.RED)
            )
            typer.echo(f"{mark} {finding.check}: {finding.detail}")
            if finding.remedy and not finding.in_order:
                typer.echo(f"     {finding.remedy}")
    raise typer.Exit(0 if all(finding.in_order for finding in findings) else 1)


async def _examine(*, mend: bool) -> list[Finding]:
    settings = kept_settings(environment_settings())
    if not settings.secret_key.get_secret_value():
        return [
            Finding(
                "installation",
                False,
                f"{settings.data_dir.resolve()} holds none, and no TRUNKLINE_SECRET_KEY is set",
                "Run it with the server's environment, or name its data directory in TRUNKLINE_DATA_DIR",
            )
        ]
    async with opened(settings) as product:
        checks: list[tuple[str, _Check]] = [
            ("secrets", _secrets_file),
            ("schema", _schema),
            ("gateways", _gateways),
            ("hosted plugins", _plugins),
            ("tasks", partial(tasks, mend=mend)),
            ("secret inputs", partial(secret_inputs, mend=mend)),
        ]
        found = [await _guarded(name, check, product) for name, check in checks]
    return [finding for findings in found for finding in findings]


async def _guarded(name: str, check: "_Check", product: "Product") -> list[Finding]:
    try:
        found = await check(product)
    except Exception as error:  # noqa: BLE001  a check that can't be made is a finding
        return [Finding(name, False, f"can't be checked: {error}")]
    return found if isinstance(found, list) else [found]


async def _secrets_file(product: "Product") -> Finding:
    path = product.settings.data_dir / FILE_NAME
    if not path.exists():
        return Finding("secrets", True, "all come from the environment")
    mode = stat.S_IMODE(path.stat().st_mode)
    return Finding("secrets", mode & 0o077 == 0, f"{path} has mode {mode:o}", f"chmod 600 {path}")


async def _schema(product: "Product") -> Finding:
    newest = ScriptDirectory(str(migrations_path())).get_current_head()
    async with product.kernel.database.engine.connect() as connection:
        present = await connection.run_sync(_revision)
    return Finding("schema", present == newest, f"at {present}, newest is {newest}", "trunkline migrate")


async def _gateways(product: "Product") -> Finding:
    workers = await product.gateway.live.workers()
    newest = await product.gateway.live.revision()
    behind = [worker.id for worker in workers if worker.revision < newest]
    detail = f"{len(workers)} gateway processes hold a lease, configuration is at revision {newest}"
    if behind:
        detail += f"; behind: {', '.join(behind)}"
    return Finding(
        "gateways", bool(workers) and not behind, detail, "Start trunkline serve; its log says which shard it refused"
    )


async def _plugins(product: "Product") -> Finding:
    """What keeps hosted plugins apart from this machine. Where they aren't run, nothing has to."""
    settings = product.settings
    if not settings.plugin_hosting:
        return Finding("hosted plugins", True, "are run elsewhere")
    isolation = await product.marketplace.hosting.isolation()
    open_to_them = [f"{each.name}: {each.detail.text}" for each in isolation.measures if not each.enforced]
    groups = isolation.cgroups
    share = "no control groups" if groups is None else f"control groups of version {groups.version}"
    detail = f"kept apart by {isolation.walls.value} and {share}; not held: {'; '.join(open_to_them) or 'nothing'}"
    is_held = isolation.walls.value != "none"
    remedy = "Allow user namespaces or Landlock, host plugins elsewhere, or set TRUNKLINE_PLUGIN_ISOLATION=relaxed"
    return Finding("hosted plugins", is_held or settings.plugin_isolation == "relaxed", detail, remedy)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
