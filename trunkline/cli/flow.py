"""`trunkline flow`: bring flows in and out, check them, run them."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from trunkline.cli.blueking_export import ExportFormat, export_templates
from trunkline.cli.blueking_flow import blueking_templates, import_templates, read_counterparts
from trunkline.cli.client import ApiClient, JsonOption, TokenOption, UrlOption, connect, fail, print_json
from trunkline.cli.commands import loaded_later
from trunkline.cli.files import document_text, read_object
from trunkline.cli.watch import follow

FORMAT = "trunkline-flow/1"

_LATER = {
    "share": "flow_market:share_flow",
    "take": "flow_market:take_flow",
    "mock-run": "mock:mock_run",
    "try-node": "mock:try_node",
    "recorded": "mock:recorded_outputs",
}
app = typer.Typer(cls=loaded_later(_LATER), no_args_is_help=True, help="Bring flows in and out, check them, run them.")

InputOption = Annotated[
    list[str] | None, typer.Option("--input", "-i", metavar="NAME=VALUE", help="One input; may be repeated")
]
InputsOption = Annotated[
    Path | None, typer.Option("--inputs", exists=True, dir_okay=False, help="File with all inputs, JSON or YAML")
]
LeaveOutOption = Annotated[
    list[str] | None, typer.Option("--leave-out", metavar="NODE", help="An optional node; may be repeated")
]
SchemeOption = Annotated[
    list[str] | None, typer.Option("--scheme", metavar="NAME", help="An execution scheme of the flow; may be repeated")
]
PlaceOption = Annotated[str, typer.Option("--project", help="Run a common flow of another project in this one")]
TaskNameOption = Annotated[str, typer.Option("--name", help="Name of the task [default: the flow's]")]


@app.command("list")
def list_flows(project: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List the flows of a project."""
    flows = list(connect(url, token).items(f"/projects/{project}/flows"))
    if as_json:
        print_json(flows)
        return
    for flow in flows:
        revision = flow["latest_revision"]
        typer.echo(f"{flow['id']}\t{flow['name']}\t{f'revision {revision}' if revision else 'not published'}")


@app.command("common")
def list_common_flows(project: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """List flows of other projects that a project may run."""
    flows = connect(url, token).get(f"/projects/{project}/common-flows")["items"]
    if as_json:
        print_json(flows)
        return
    for flow in flows:
        typer.echo(f"{flow['flow_id']}\t{flow['name']}\trevision {flow['latest_revision']}\t{flow['owner']}")


@app.command("validate")
def validate_flow(flow: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Check a flow's draft; exit code 1 when it can't be published."""
    problems = connect(url, token).post(f"/flows/{flow}:validate")["problems"]
    blocking = [problem for problem in problems if problem["blocking"]]
    if as_json:
        print_json(problems)
    else:
        for problem in problems:
            typer.echo(_problem_line(problem))
        typer.echo(f"{len(blocking)} problems, {len(problems) - len(blocking)} pieces of advice")
    if blocking:
        raise typer.Exit(1)


@app.command("export")
def export_flow(
    flow: str,
    output: Annotated[Path | None, typer.Option(help="File, .yaml or .json [default: JSON on standard output]")] = None,
    revision: Annotated[int | None, typer.Option(help="A published revision [default: the draft]")] = None,
    form: Annotated[
        ExportFormat,
        typer.Option("--format", help="trunkline, or of Standard OPS: a pipeline tree (blueking), an export, YAML"),
    ] = ExportFormat.TRUNKLINE,
    url: UrlOption = "",
    token: TokenOption = "",
) -> None:
    """Write a flow to a file that `flow import` reads."""
    api = connect(url, token)
    if form is not ExportFormat.TRUNKLINE:
        text = export_templates(api, flow, revision, form)
        if output is None:
            typer.echo(text, nl=False)
        else:
            _write(output, text, flow)
        return
    document = export_document(api, flow, revision)
    if output is None:
        print_json(document)
        return
    _write(output, document_text(document, output.name), document["name"])


def export_document(api: ApiClient, flow: str, revision: int | None) -> dict[str, Any]:
    """A flow as `flow import` reads it: a published revision, or the draft."""
    source = f"/flows/{flow}/draft" if revision is None else f"/flows/{flow}/revisions/{revision}"
    facts = api.get(f"/flows/{flow}")
    return {
        "format": FORMAT,
        "name": facts["name"],
        "description": facts["description"],
        "definition": api.get(source)["definition"],
        "schemes": [
            {"name": each["name"], "keep": each["keep"]} for each in api.get(f"/flows/{flow}/schemes")["items"]
        ],
    }


def import_document(api: ApiClient, project: str, document: dict[str, Any]) -> str:
    """Makes a flow of an export; answers its id."""
    name, description = str(document.get("name", "")), str(document.get("description", ""))
    made = api.post(f"/projects/{project}/flows", {"name": name, "description": description})
    body = {"definition": document.get("definition"), "draft_version": made["draft_version"]}
    api.put(f"/flows/{made['id']}/draft", body)
    _bring_schemes(api, made["id"], document)
    return str(made["id"])


def _bring_schemes(api: ApiClient, flow: str, document: dict[str, Any]) -> None:
    schemes = document.get("schemes")
    if schemes:
        api.post(f"/flows/{flow}/schemes:import", {"schemes": schemes})


def _write(output: Path, text: str, name: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} can't be written: {error.strerror}")
    typer.echo(f"{name} written to {output}")


@app.command("import")
def import_flow(
    project: Annotated[str, typer.Argument(help="Code of the project")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Exported flow or bare definition")],
    name: Annotated[str, typer.Option(help="Name of the flow [default: the exported one]")] = "",
    flow: Annotated[str, typer.Option(help="Overwrite the draft of this flow instead of making a new one")] = "",
    publish: Annotated[bool, typer.Option("--publish", help="Publish it at once")] = False,
    plugin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE=PLUGIN@VERSION", help="What stands for a component of Standard OPS; may be repeated"
        ),
    ] = None,
    subflow: Annotated[
        list[str] | None,
        typer.Option(metavar="TEMPLATE=FLOW", help="What stands for a template that is run inside; may be repeated"),
    ] = None,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Read a flow from a file into a project: JSON or YAML, or of Standard OPS a pipeline tree, an export or YAML."""
    counterparts = read_counterparts(plugin or [], subflow or [])
    templates = blueking_templates(file)
    if templates is not None:
        if flow or (name and len(templates) > 1):
            fail("--flow, and --name with several templates, can't be used with a file of Standard OPS", code=2)
        templates = [replace(template, name=name) for template in templates] if name else templates
        import_templates(connect(url, token), project, templates, counterparts, publish=publish, as_json=as_json)
        return
    document = read_object(file)
    exported = document.get("format") == FORMAT
    definition = document.get("definition") if exported else document
    title = name or (str(document.get("name", "")) if exported else "") or file.stem
    description = str(document.get("description", "")) if exported else ""
    api = connect(url, token)
    target = flow or api.post(f"/projects/{project}/flows", {"name": title, "description": description})["id"]
    version = api.get(f"/flows/{target}")["draft_version"]
    api.put(f"/flows/{target}/draft", {"definition": definition, "draft_version": version})
    if exported:
        _bring_schemes(api, target, document)
    revision = api.post(f"/flows/{target}:publish", {"comment": f"imported from {file.name}"}) if publish else None
    if as_json:
        print_json({"flow_id": target, "revision": revision["number"] if revision else None})
        return
    shown = f"revision {revision['number']}" if revision else "draft"
    typer.echo(f"{target}\t{title}\t{shown}")


@app.command("run")
def run_flow(
    flow: str,
    given: InputOption = None,
    inputs: InputsOption = None,
    name: TaskNameOption = "",
    leave_out: LeaveOutOption = None,
    scheme: SchemeOption = None,
    project: PlaceOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Launch a task and follow it to its end; exit code 1 unless it finishes."""
    api = connect(url, token)
    words = LaunchWords(name, tuple(leave_out or ()), tuple(scheme or ()), project=project)
    task = launch(api, flow, given or [], inputs, words)
    follow(api, task["id"], as_json=as_json)


@dataclass(frozen=True, slots=True)
class LaunchWords:
    """What is said of a task besides its inputs.

    Attributes:
        project: that runs a common flow of another; empty for the flow's own.
    """

    name: str = ""
    leave_out: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    hold: bool = False
    project: str = ""

    @property
    def place(self) -> str:
        """As a query."""
        return in_project(self.project)


def in_project(project: str) -> str:
    """The project that runs a common flow of another, as a query; empty for the flow's own."""
    return f"?project={quote(project, safe='')}" if project else ""


def launch(api: ApiClient, flow: str, given: list[str], file: Path | None, words: LaunchWords) -> Any:
    """Starts a task of the flow's latest revision, with inputs of a file and of the command line."""
    form = api.get(f"/flows/{flow}/launch-form{words.place}")
    inputs = given_inputs(form["form"]["schema"], given, file)
    body: dict[str, Any] = {"inputs": inputs, "revision": form["revision"]}
    if words.name:
        body["name"] = words.name
    if words.leave_out:
        body["leave_out"] = list(words.leave_out)
    if words.schemes:
        body["schemes"] = [_scheme(api, f"/flows/{flow}/schemes{words.place}", name) for name in words.schemes]
    if words.project:
        body["project"] = words.project
    if words.hold:
        body["start"] = False
    return api.post(f"/flows/{flow}/tasks", body)


def _scheme(api: ApiClient, address: str, name: str) -> str:
    """Its id."""
    found = {each["name"]: each["id"] for each in api.get(address)["items"]}
    if name not in found:
        fail(f"--scheme {name}: the flow has {', '.join(sorted(found)) or 'none'}", code=2)
    return str(found[name])


def given_inputs(schema: Any, given: list[str], file: Path | None) -> dict[str, Any]:
    """Inputs of a file and of the command line, read as the form's schema has them."""
    properties = schema.get("properties", {})
    inputs: dict[str, Any] = {} if file is None else read_object(file)
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals:
            fail(f"--input {pair}: write NAME=VALUE", code=2)
        inputs[key] = _typed(value, properties.get(key))
    return inputs


def _typed(value: str, schema: Any) -> Any:
    """A text stays one where the form asks for a text; elsewhere what reads as JSON is taken as such."""
    if isinstance(schema, dict) and schema.get("type") == "string":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _problem_line(problem: Any) -> str:
    where = problem["edge_id"] or problem["node_id"] or "flow"
    place = f"{where}.{problem['field']}" if problem["field"] else where
    remedy = f" - {problem['remedy']}" if problem["remedy"] else ""
    return f"{'problem' if problem['blocking'] else 'advice '}  {place}: {problem['message']}{remedy}"
