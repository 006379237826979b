"""`trunkline quota`: what a project may have at once."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json

app = typer.Typer(no_args_is_help=True, help="Bound what a project may have at once.")

Place = Annotated[str, typer.Argument(help="Project, by code or id [default: those without quotas of their own]")]
_NAMES = ("running_tasks", "queued_tasks", "launches_per_minute", "calls_at_once")


@app.command("list")
def list_quotas(url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the projects that have quotas of their own or tasks now, with what they use."""
    found = list(connect(url, token).items("/quotas/projects"))
    if as_json:
        print_json(found)
        return
    for each in found:
        limits = ", ".join(f"{name} {each[name]}" for name in _NAMES if each[name] is not None) or "no limit"
        own = "own" if each["own"] else "those for all"
        typer.echo(f"{each['project']['code']}\t{own}\t{limits}\t{_use(each)}")


@app.command("show")
def show_quotas(project: Place = "", url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show what holds, and how much of it is used."""
    _show(connect(url, token).get(_path(project)), as_json=as_json)


@app.command("set")
def set_quotas(
    project: Place = "",
    running_tasks: Annotated[int | None, typer.Option(min=0, help="Tasks under way; further ones wait")] = None,
    queued_tasks: Annotated[int | None, typer.Option(min=0, help="Tasks that wait; further ones are refused")] = None,
    launches_per_minute: Annotated[int | None, typer.Option(min=0, help="Further ones are refused")] = None,
    calls_at_once: Annotated[
        int | None, typer.Option(min=1, help="Plugin calls under way in each worker; further ones wait")
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Replace the quotas as a whole: what isn't given has no limit."""
    given = (running_tasks, queued_tasks, launches_per_minute, calls_at_once)
    body = dict(zip(_NAMES, given, strict=True))
    _show(connect(url, token).put(_path(project), body), as_json=as_json)


@app.command("remove")
def remove_quotas(
    project: Place = "", url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Take a project's own quotas away: those for all hold again."""
    _show(connect(url, token).delete(_path(project)), as_json=as_json)


def _show(quotas: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(quotas)
        return
    for name in _NAMES:
        typer.echo(f"{name}\t{'no limit' if quotas[name] is None else quotas[name]}")
    typer.echo(f"now\t{_use(quotas)}")


def _use(quotas: Any) -> str:
    return f"{quotas['running']} run, {quotas['queued']} wait, {quotas['launched']} launched in a minute"


def _path(project: str) -> str:
    return f"/projects/{project}/quotas" if project else "/quotas"
