"""`trunkline secret`: named secrets of systems and projects; the root key that secrets at rest stand under."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.snapshot.rewrapping import rewrap_shards
from kernel.db.sealed_columns import Rewrapping, rewrap_columns, roots_in_use
from kernel.errors import TrunklineError
from kernel.first_start import FILE_NAME, complete_settings, forget_secret_keys, renew_secret_key
from orchestrator.flow.project_secrets import place_of
from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.environment import environment_settings
from trunkline.cli.flow_uses import flow_use_line
from trunkline.cli.installation import opened
from trunkline.tables import load_metadata

if TYPE_CHECKING:
    from trunkline.product import Product

app = typer.Typer(no_args_is_help=True, help="Named secrets of systems and projects; the root key above all secrets.")

OwnerArgument = Annotated[str, typer.Argument(metavar="OWNER", help="A system; with --project a project")]
ProjectOption = Annotated[bool, typer.Option("--project", help="OWNER is a project")]


@app.command("list")
def list_secrets(
    owner: OwnerArgument,
    project: ProjectOption = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the named secrets of a system or project; nothing tells what they are."""
    found = connect(url, token).get(_place(owner, project))["items"]
    if as_json:
        print_json(found)
        return
    for secret in found:
        told = [secret["name"], secret["source"]]
        if project:
            told.append(f"${{{place_of(secret['name'])}}}")
        else:
            told.append(f"used by {', '.join(secret['used_by']) or 'nothing'}")
            told += [secret["problem"]] if secret["problem"] else []
        typer.echo("\t".join(told))


@app.command("put")
def put_secret(
    owner: OwnerArgument,
    name: str,
    project: ProjectOption = False,
    variable: Annotated[str, typer.Option(help="Variable TRUNKLINE_EXTERNAL_… of the server's environment")] = "",
    file: Annotated[str, typer.Option(help="File in the server's folder of secrets")] = "",
    vault: Annotated[str, typer.Option(help="Path and field at the Vault server: secret/data/team/db#password")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Keep a secret under a name. Without a source its value is read from standard input."""
    answer = connect(url, token).put(f"{_place(owner, project)}/{name}", _source(variable, file, vault))
    if as_json:
        print_json(answer)
        return
    kept = answer if project else answer["secret"]
    typer.echo(f"{name} of {owner} is kept ({kept['source']})")


@app.command("uses")
def list_uses(
    project: Annotated[str, typer.Argument(help="Project, by code or id")],
    name: str,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the flows that use a secret of their project, and where."""
    found = connect(url, token).get(f"{_place(project, project=True)}/{name}/uses")["items"]
    if as_json:
        print_json(found)
        return
    for each in found:
        typer.echo(flow_use_line(each))


@app.command("remove")
def remove_secret(
    owner: OwnerArgument,
    name: str,
    project: ProjectOption = False,
    force: Annotated[bool, typer.Option("--force", help="Though flows use it")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Remove a secret. One that a stage of its system uses stays, and so does one that flows of its project use, unless
    it is forced: they can't be launched then, and nodes that need it fail.
    """
    api = connect(url, token)
    place = f"{_place(owner, project)}/{name}"
    uses = api.get(f"{place}/uses")["items"] if project and not force else []
    if uses:
        fail("\n".join([f"Flows use {name}; change them first, or add --force:", *map(flow_use_line, uses)]))
    api.delete(place)
    typer.echo(f"{name} of {owner} is removed")


@app.command("status")
def status(as_json: JsonOption = False) -> None:
    """Tell how many secrets stand under which root key."""
    current, counts = _run(_status)
    if as_json:
        print_json({"root": current, "secrets": dict(counts)})
        return
    for root, count in sorted(counts.items(), key=lambda item: item[0] != current):
        note = "current" if root == current else "an earlier one" if root else "nobody can read them"
        typer.echo(f"{root or '-':8}  {count:>8}  {note}")


@app.command("new-root")
def make_root() -> None:
    """Make a new root key in the data directory; the one before goes on opening what it sealed."""
    try:
        renew_secret_key(environment_settings())
    except TrunklineError as error:
        fail(error.detail)
    typer.echo(
        f"{FILE_NAME} holds a new root key. Start every process again, then run `trunkline secret rewrap`, "
        "and `trunkline secret forget-roots` when nothing stands under the earlier one"
    )


@app.command("rewrap")
def rewrap(as_json: JsonOption = False) -> None:
    """Put every secret under the current root key while all goes on working; exit code 1 when some can't be read."""
    done, shards = _run(_rewrap)
    if as_json:
        print_json({"rewrapped": done.rewrapped, "shards": shards, "unreadable": list(done.unreadable)})
    else:
        typer.echo(f"{done.rewrapped} secrets and {shards} parts of the configuration put under the current root key")
    if done.unreadable:
        fail("These can't be read with the configured root keys:\n" + "\n".join(done.unreadable))


@app.command("forget-roots")
def forget_roots() -> None:
    """Take earlier root keys out of the data directory, once no secret stands under them."""
    typer.echo(f"{_run(_forget)} earlier root keys forgotten")


def _place(owner: str, project: bool) -> str:
    return f"/{'projects' if project else 'systems'}/{owner}/secrets"


def _source(variable: str, file: str, vault: str) -> dict[str, Any]:
    if sum(map(bool, (variable, file, vault))) > 1:
        fail("Name one source: --variable, --file or --vault", code=2)
    if variable:
        return {"source": "environment", "variable": variable}
    if file:
        return {"source": "file", "file": file}
    if vault:
        path, _, field = vault.partition("#")
        return {"source": "vault", "path": path, "field": field}
    return {"source": "stored", "value": sys.stdin.read().removesuffix("\n")}


_Answer = TypeVar("_Answer")


def _run(work: "Callable[[Product], Awaitable[_Answer]]") -> _Answer:
    async def run() -> _Answer:
        settings, _ = complete_settings(environment_settings())
        async with opened(settings) as product:
            return await work(product)

    return asyncio.run(run())


async def _status(product: "Product") -> tuple[str, Counter[str]]:
    async with product.kernel.database.reading() as session:
        return product.kernel.secrets.root, await roots_in_use(session, load_metadata())


async def _rewrap(product: "Product") -> tuple[Rewrapping, int]:
    await _require_restarted(product)
    done = await rewrap_columns(product.kernel.database, load_metadata(), product.kernel.secrets)
    return done, 0 if done.unreadable else await rewrap_shards(product.kernel.database, product.kernel.secrets)


async def _forget(product: "Product") -> int:
    await _require_restarted(product)
    current, counts = await _status(product)
    standing = {root: count for root, count in counts.items() if root != current}
    if standing:
        told = ", ".join(f"{count} under {root or 'none that is known'}" for root, count in standing.items())
        fail(f"Secrets still need an earlier root key ({told}); run `trunkline secret rewrap` first")
    return forget_secret_keys(product.settings)


async def _require_restarted(product: "Product") -> None:
    """A process that doesn't know the current root key couldn't read what stands under it."""
    workers = await product.gateway.live.workers()
    behind = [worker.id for worker in workers if worker.secret_root != product.kernel.secrets.root]
    if behind:
        fail(f"{', '.join(behind)} seal under another root key; start them again with the new one first")
