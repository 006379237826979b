"""`trunkline stage`: what a stage serves: forth, back, and on trial."""

from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, WaitOption, connect, fail, liveness, print_json
from trunkline.cli.pairs import named_values

app = typer.Typer(no_args_is_help=True, help="Activate releases on stages, roll back, try canaries.")

Comment = Annotated[str, typer.Option(help="Why; kept with the history")]


@app.command("list")
def list_stages(system: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List a system's stages with what they serve."""
    stages = connect(url, token).get(f"/systems/{system}/stages")["items"]
    if as_json:
        print_json(stages)
        return
    for stage in stages:
        canary = stage["canary"]
        tried = f"\tcanary {canary['release']} {canary['share']} % {' '.join(canary['apps'])}" if canary else ""
        typer.echo(f"{stage['name']}\t{stage['release'] or 'nothing'}{tried}".rstrip())


@app.command("create")
def create_stage(
    system: str,
    stage: str,
    like: Annotated[str | None, typer.Option(help="Stage to take the rest from [default: prod]")] = None,
    release: Annotated[str | None, typer.Option(help="[default: the other stage's]")] = None,
    upstream: Annotated[str | None, typer.Option(help="Address [default: the other stage's upstreams]")] = None,
    variable: Annotated[list[str] | None, typer.Option(help="NAME=VALUE; may be repeated")] = None,
    wait: WaitOption = 10,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a stage like another one; it serves its release at once."""
    body: dict[str, object] = {"name": stage, "like": like, "release": release, "upstream_url": upstream}
    if variable:
        body["variables"] = named_values(variable)
    answer = connect(url, token).post(f"/systems/{system}/stages?wait={wait}", body)
    _tell(answer, f"{system} {stage}: release {answer['stage']['release']}, ", as_json=as_json)


@app.command("activate")
def activate_release(
    system: str,
    stage: str,
    release: str,
    comment: Comment = "",
    wait: WaitOption = 10,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have a stage serve a release; waits until every gateway process does."""
    body = {"release": release, "comment": comment}
    answer = connect(url, token).post(f"/systems/{system}/stages/{stage}:activate?wait={wait}", body)
    _tell(answer, f"{system} {stage}: release {release}, ", as_json=as_json)


@app.command("rollback")
def roll_back(
    system: str,
    stage: str,
    comment: Comment = "",
    wait: WaitOption = 10,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have a stage serve what it served before; again, what it served before that."""
    answer = connect(url, token).post(f"/systems/{system}/stages/{stage}:rollback?wait={wait}", {"comment": comment})
    _tell(answer, f"{system} {stage}: release {answer['release']}, ", as_json=as_json)


@app.command("history")
def show_history(
    system: str, stage: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Show what a stage has served, newest first."""
    found = list(connect(url, token).items(f"/systems/{system}/stages/{stage}/activations"))
    if as_json:
        print_json(found)
        return
    for each in found:
        line = f"{each['activated_at']}\t{each['release']}\t{each['kind']}\t{each['activated_by']}\t{each['comment']}"
        typer.echo(line.rstrip())


@app.command("canary")
def try_release(
    system: str,
    stage: str,
    release: Annotated[str | None, typer.Argument(help="Begins a trial; without it the present one is shown")] = None,
    share: Annotated[int | None, typer.Option(min=0, max=100, help="Per cent of the callers")] = None,
    app_code: Annotated[list[str] | None, typer.Option("--app", help="Served by it anyway; may be repeated")] = None,
    promote: Annotated[bool, typer.Option("--promote", help="Everybody gets the release on trial")] = False,
    end: Annotated[bool, typer.Option("--end", help="Everybody gets the stage's own release again")] = False,
    wait: WaitOption = 10,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Try a release for a share of the callers or for some apps; widen, promote or end the trial."""
    if (release is not None) + promote + end > 1:
        fail("Begin, promote or end a trial: one of them", code=2)
    client, path = connect(url, token), f"/systems/{system}/stages/{stage}/canary"
    if release is not None:
        answer = client.post(f"{path}?wait={wait}", {"release": release, "share": share or 0, "apps": app_code or []})
    elif promote:
        answer = client.post(f"{path}:promote?wait={wait}", {})
    elif end:
        answer = client.delete(f"{path}?wait={wait}")
    elif share is not None or app_code is not None:
        answer = client.patch(f"{path}?wait={wait}", {"share": share, "apps": app_code})
    else:
        tried = client.get(path)
        if as_json:
            print_json(tried)
            return
        typer.echo(f"{system} {stage}: {tried['release']} on trial, {tried['share']} %, {' '.join(tried['apps'])}")
        for counted in tried["calls"]:
            typer.echo(f"{counted['release']}\t{counted['calls']} calls\t{counted['errors']} errors")
        return
    _tell(answer, f"{system} {stage}: ", as_json=as_json)


def _tell(answer: dict[str, Any], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{what}{liveness(answer)}")
