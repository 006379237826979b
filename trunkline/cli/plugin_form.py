"""`trunkline plugin form`: what a form.js becomes, without a server."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from kernel.errors import Invalid, Unavailable
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.reading import MAX_SOURCE, read_form_script
from marketplace.legacy_forms.sandbox.pool import Sandbox
from trunkline.cli.client import JsonOption, fail, print_json
from trunkline.cli.plugin_check import problem_lines


def show_form(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A form.js of BlueKing's kind")],
    code: Annotated[str, typer.Option(help="Which of its forms [default: the first that isn't of outputs]")] = "",
    model: Annotated[bool, typer.Option("--model", help="Print the form's model alone, as JSON")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a form.js becomes: its fields, and for each part whether it stands in the model, runs, wants the page
    or is unknown.
    """
    source = _text(file)
    sandbox = Sandbox(size=1)
    try:
        conversion = asyncio.run(read_form_script(sandbox, source, code or None))
    except Invalid as refusal:
        fail("\n".join([f"{file} can't be used:", *problem_lines(refusal.fields)]))
    except Unavailable as error:
        fail(error.detail)
    finally:
        sandbox.close()
    if model:
        print_json(conversion.form.document())
    elif as_json:
        print_json(conversion.document())
    else:
        _show(conversion)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_SOURCE * 4:
            fail(f"{file} is longer than a form.js may be")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} can't be read: {error}")


def _show(conversion: Conversion) -> None:
    counts = ", ".join(f"{number} {name}" for name, number in conversion.counts().items())
    typer.echo(f"{conversion.code}: {counts}")
    for finding in conversion.findings:
        note = f"  {finding.note}" if finding.note else ""
        typer.echo(f"  {finding.treatment.value:8} {finding.place or '(while read)'}  {finding.part}{note}")
