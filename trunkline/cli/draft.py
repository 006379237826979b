"""`trunkline draft`: the components of a system's next release, tried before anybody else can call them."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.files import read_document, read_object

app = typer.Typer(no_args_is_help=True, help="Edit the components of the next release, and try them.")

StageOption = Annotated[str, typer.Option(help="On whose upstreams")]


def _pairs(option: str, what: str) -> Any:
    return typer.Option(f"--{option}", metavar="NAME=VALUE", help=f"{what}; may be repeated")


@app.command("list")
def list_components(system: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the components of the draft."""
    found = list(connect(url, token).items(f"/systems/{system}/draft/components"))
    if as_json:
        print_json(found)
        return
    for each in found:
        component = each["component"]
        typer.echo(f"{each['name']}\t{component['method']}\t{component['path']}\t{component.get('title', '')}")


@app.command("show")
def show_component(system: str, component: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Print a component's definition, as `draft put` takes it."""
    print_json(connect(url, token).get(f"/systems/{system}/draft/components/{component}")["component"])


@app.command("put")
def put_component(
    system: str,
    component: str,
    file: Annotated[Path, typer.Argument(help="Its whole definition, JSON or YAML")],
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Make a component, or replace its definition. What is served changes with a release only."""
    connect(url, token).put(f"/systems/{system}/draft/components/{component}", read_object(file))
    typer.echo(f"{system}.{component} is in the draft")


@app.command("remove")
def remove_component(system: str, component: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Leave a component out of the next release."""
    connect(url, token).delete(f"/systems/{system}/draft/components/{component}")
    typer.echo(f"{system}.{component} is not in the draft any more")


@app.command("from-curl")
def component_from_curl(system: str, url: UrlOption = "", token: TokenOption = "") -> None:
    """Print the component that a curl line on standard input calls; nothing is called or stored."""
    path = f"/systems/{system}/draft/components:from-curl"
    found = connect(url, token).post(path, {"command": sys.stdin.read()})
    for note in found["notes"]:
        typer.echo(f"{note['field']}: {note['problem']}", err=True)
    print_json(found["component"])


@app.command("try")
def try_component(
    system: str,
    component: str,
    stage: StageOption = "prod",
    path: Annotated[list[str] | None, _pairs("path", "A parameter of the path")] = None,
    query: Annotated[list[str] | None, _pairs("query", "A query parameter")] = None,
    header: Annotated[list[str] | None, _pairs("header", "A header")] = None,
    body: Annotated[Path | None, typer.Option(help="File with the body, JSON or YAML")] = None,
    served: Annotated[bool, typer.Option("--served", help="As the stage serves it, not as the draft has it")] = False,
    app_code: Annotated[str | None, typer.Option("--app", help="An app of yours that calls")] = None,
    record: Annotated[str | None, typer.Option(help="Keep it as a sample of that name")] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Call a component as an app would; exit code 1 where the answer is an error."""
    request: dict[str, Any] = {
        "path": dict(_read(path)),
        "query": _gathered(_read(query)),
        "headers": dict(_read(header)),
    }
    if body is not None:
        request["body"] = read_document(body)
    wanted = {"request": request, "app_code": app_code, "draft": not served, "record_as": record}
    answer = connect(url, token).post(f"/systems/{system}/stages/{stage}/components/{component}:try", wanted)
    if as_json:
        print_json(answer)
    else:
        sent = answer["upstream"]
        typer.echo(f"{sent['method']} {sent['url']}" if sent is not None else "answered by the gateway", err=True)
        typer.echo(f"{answer['status']} in {answer['milliseconds']} ms", err=True)
        typer.echo(answer["body"]["text"])
    raise typer.Exit(0 if answer["status"] < 400 else 1)  # noqa: PLR2004  where errors begin


@app.command("check")
def run_samples(
    system: str, stage: StageOption = "prod", url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False
) -> None:
    """Run the samples of the draft; exit code 1 when one is answered otherwise."""
    found = connect(url, token).post(f"/systems/{system}/stages/{stage}:run-samples")["items"]
    if as_json:
        print_json(found)
    else:
        for each in found:
            typer.echo(f"{'ok ' if each['passed'] else 'bad'}  {each['component']}  {each['sample']}")
            for problem in each["problems"]:
                typer.echo(f"     {problem}")
    raise typer.Exit(0 if all(each["passed"] for each in found) else 1)


def _read(pairs: list[str] | None) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for pair in pairs or ():
        name, separator, value = pair.partition("=")
        if not separator:
            fail(f"{pair!r} is not NAME=VALUE", code=2)
        found.append((name, value))
    return found


def _gathered(pairs: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    """What is given several times is a list."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
