"""Commands on an installation itself: its schema, its OpenAPI document, its health."""

import asyncio
import stat
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from kernel.first_start import FILE_NAME, complete_settings, kept_settings
from kernel.settings import Settings
from trunkline.cli.client import JsonOption, print_json
from trunkline.cli.installation import opened
from trunkline.migrate import migrate as run_migrations
from trunkline.migrate import migrations_path

if TYPE_CHECKING:
    from trunkline.product import Product


@dataclass(frozen=True, slots=True)
class Finding:
    """Attributes:
    remedy: what to do when it is not in order.
    """

    check: str
    in_order: bool
    detail: str
    remedy: str = ""


def migrate() -> None:
    """Bring the database to the newest schema."""

    async def run() -> None:
        settings, _ = complete_settings(Settings())
        async with opened(settings) as product:
            await run_migrations(product.kernel.database)

    asyncio.run(run())
    typer.echo("The schema is current")


def openapi() -> None:
    """Print the OpenAPI document of the management API."""
    from trunkline.app import management_document  # noqa: PLC0415  builds every unit; other commands needn't

    print_json(management_document())


def doctor(as_json: JsonOption = False) -> None:
    """Look for what keeps this installation from working; exit code 1 when something does."""
    findings = asyncio.run(_examine())
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


async def _examine() -> list[Finding]:
    settings = kept_settings(Settings())
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
        return [await _guarded(check, product) for check in (_secrets_file, _schema, _gateways, _plugins)]


async def _guarded(check: "Callable[[Product], Awaitable[Finding]]", product: "Product") -> Finding:
    try:
        return await check(product)
    except Exception as error:  # noqa: BLE001  a check that can't be made is a finding
        return Finding(check.__name__.strip("_").replace("_", " "), False, f"can't be checked: {error}")


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
    open_to_them = [f"{each.name}: {each.detail}" for each in isolation.measures if not each.enforced]
    detail = f"kept apart by {isolation.walls.value}; not held: {'; '.join(open_to_them) or 'nothing'}"
    is_held = isolation.walls.value != "none"
    remedy = "Allow user namespaces or Landlock, host plugins elsewhere, or set TRUNKLINE_PLUGIN_ISOLATION=relaxed"
    return Finding("hosted plugins", is_held or settings.plugin_isolation == "relaxed", detail, remedy)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
