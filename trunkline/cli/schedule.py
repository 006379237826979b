"""`trunkline schedule`: tasks that start by themselves at their times."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.flow import InputOption, InputsOption, PlaceOption, given_inputs, in_project

app = typer.Typer(no_args_is_help=True, help="Have tasks start by themselves at their times.")

CronOption = Annotated[
    str, typer.Option("--cron", help="Five fields: minute, hour, day of month, month, day of week", metavar="RULE")
]
ZoneOption = Annotated[str, typer.Option("--zone", help="Time zone of the rule, e.g. Asia/Shanghai")]
AtOption = Annotated[str, typer.Option("--at", help="Start once, or first, at this time: 2026-07-01T06:00:00+08:00")]
UntilOption = Annotated[str, typer.Option("--until", help="Nothing starts after this time")]


@app.command("list")
def list_schedules(project: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the schedules of a project."""
    schedules = list(connect(url, token).items(f"/projects/{project}/schedules"))
    if as_json:
        print_json(schedules)
        return
    for schedule in schedules:
        typer.echo(_line(schedule))


@app.command("create")
def create_schedule(
    flow: str,
    name: str,
    cron: CronOption = "",
    zone: ZoneOption = "UTC",
    at: AtOption = "",
    until: UntilOption = "",
    given: InputOption = None,
    inputs: InputsOption = None,
    revision: Annotated[int | None, typer.Option(min=1, help="Pin a revision [default: the latest]")] = None,
    missed: Annotated[str, typer.Option(help="Of starts nobody could make: skip, run_once or run_all")] = "run_once",
    overlap: Annotated[str, typer.Option(help="While a task goes on: allow, skip, queue or replace")] = "skip",
    project: PlaceOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have tasks of a flow start periodically by a rule, or once."""
    if not cron and not at:
        fail("Give --cron for a periodic schedule, or --at for one start", code=2)
    api = connect(url, token)
    body = {
        "name": name,
        **_times(cron, zone, at, until),
        "inputs": _inputs(api, f"{flow}/launch-form{in_project(project)}", given, inputs),
        "revision": revision,
        "missed": missed,
        "overlap": overlap,
    }
    _show(api.post(f"/flows/{flow}/schedules{in_project(project)}", body), as_json=as_json)


@app.command("preview")
def preview_schedule(
    cron: Annotated[str, typer.Argument(metavar="RULE")],
    zone: ZoneOption = "UTC",
    at: AtOption = "",
    until: UntilOption = "",
    count: Annotated[int, typer.Option(min=1, max=50)] = 5,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the next times at which a rule is due."""
    answer = connect(url, token).post("/schedules:preview", {**_times(cron, zone, at, until), "count": count})
    if as_json:
        print_json(answer)
        return
    for each in answer["times"]:
        typer.echo(each)


@app.command("show")
def show_schedule(schedule: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show a schedule, and what came of its last times."""
    api = connect(url, token)
    found, runs = api.get(f"/schedules/{schedule}"), api.get(f"/schedules/{schedule}/runs", limit=20)["items"]
    if as_json:
        print_json({**found, "runs": runs})
        return
    typer.echo(_line(found))
    for run in runs:
        typer.echo(f"  {run['due_at']}\t{run['outcome']}\t{run['task_id'] or run['reason']}")


@app.command("enable")
def enable_schedule(schedule: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Switch a schedule on."""
    _show(connect(url, token).post(f"/schedules/{schedule}:enable"), as_json=as_json)


@app.command("disable")
def disable_schedule(schedule: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Switch a schedule off."""
    _show(connect(url, token).post(f"/schedules/{schedule}:disable"), as_json=as_json)


@app.command("run")
def run_schedule(schedule: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Start a task of a schedule now; exit code 1 when it was refused."""
    run = connect(url, token).post(f"/schedules/{schedule}:run")
    if as_json:
        print_json(run)
    else:
        typer.echo(f"{run['outcome']}\t{run['task_id'] or run['reason']}")
    if run["task_id"] is None:
        raise typer.Exit(1)


@app.command("delete")
def delete_schedule(schedule: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Delete a schedule with its history; its tasks stay."""
    connect(url, token).delete(f"/schedules/{schedule}")
    typer.echo(f"Schedule {schedule} is deleted")


def _times(cron: str, zone: str, at: str, until: str) -> dict[str, Any]:
    return {"cron": cron or None, "time_zone": zone, "start_at": at or None, "end_at": until or None}


def _inputs(api: ApiClient, form_of: str, given: list[str] | None, inputs: Path | None) -> dict[str, Any]:
    """Read as the form of the flow's latest revision has them, where any are given."""
    if not given and inputs is None:
        return {}
    form = api.get(f"/flows/{form_of}")["form"]
    return given_inputs(form["schema"], given or [], inputs)


def _line(schedule: Any) -> str:
    rule = f"{schedule['cron']} {schedule['time_zone']}" if schedule["cron"] else f"once {schedule['start_at']}"
    standing = (schedule["next_at"] or schedule["state"] or "over") if schedule["enabled"] else "off"
    return f"{schedule['id']}\t{rule}\t{standing}\t{schedule['owner']}\t{schedule['name']}"


def _show(schedule: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(schedule)
        return
    typer.echo(_line(schedule))
