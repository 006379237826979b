"""`trunkline flow mock-run|try-node|recorded`: drafts run on made-up answers, and nodes tried alone."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline.cli.client import JsonOption, TokenOption, UrlOption, connect, print_json
from trunkline.cli.files import read_object
from trunkline.cli.flow import InputOption, InputsOption, given_inputs
from trunkline.cli.watch import follow

ConsentOption = Annotated[bool, typer.Option("--consent", help="Agree to what the plugins do that are really called")]


def mock_run(
    flow: str,
    given: InputOption = None,
    inputs: InputsOption = None,
    mocks: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="File: path of a node → {outputs: …}, {error: …} or {mode: real}"
        ),
    ] = None,
    consent: ConsentOption = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run a flow's draft on made-up answers and follow it; nothing is called but what the file says is real."""
    api = connect(url, token)
    form = api.get(f"/flows/{flow}/draft")["definition"].get("form") or {"schema": {}}
    body = {
        "inputs": given_inputs(form["schema"], given or [], inputs),
        "nodes": {} if mocks is None else read_object(mocks),
        "consent": consent,
    }
    follow(api, api.post(f"/flows/{flow}:mock-run", body)["id"], as_json=as_json)


def try_node(
    flow: str,
    node: str,
    given: InputOption = None,
    inputs: InputsOption = None,
    consent: ConsentOption = False,
    url: UrlOption = "",
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Run one plugin node of a flow's draft alone, with these inputs; its plugin is really called."""
    api = connect(url, token)
    body = {"inputs": given_inputs({}, given or [], inputs), "consent": consent}
    follow(api, api.post(f"/flows/{flow}/nodes/{node}:try", body)["id"], as_json=as_json)


def recorded_outputs(flow: str, url: UrlOption = "", token: TokenOption = "", as_json: JsonOption = False) -> None:
    """Show what the nodes gave in the flow's newest tasks; with --json as a file that `flow mock-run --mocks` reads."""
    nodes = connect(url, token).get(f"/flows/{flow}/recorded-outputs")["nodes"]
    if as_json:
        print_json({path: {"outputs": found[0]["outputs"]} for path, found in nodes.items()})
        return
    for path, found in nodes.items():
        for each in found:
            typer.echo(f"{path}\t{each['at']}\t{each['task_id']}\t{', '.join(each['outputs'])}")
