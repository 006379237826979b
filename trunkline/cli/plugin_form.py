"""`trunkline plugin form`: what a form.js becomes, without a server."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from kernel.errors import Invalid, Unavailable
from kernel.forms.check import read_form
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.reading import MAX_SOURCE, read_form_script
from marketplace.legacy_forms.sandbox.pool import Sandbox
from marketplace.legacy_forms.sandbox.runtime import runtime_script
from marketplace.package.yaml_text import read_yaml
from trunkline.cli.client import JsonOption, fail, print_json
from trunkline.cli.plugin_check import problem_lines


def show_form(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A form.js of BlueKing's kind")],
    code: Annotated[str, typer.Option(help="Which of its forms [default: the first that isn't of outputs]")] = "",
    model: Annotated[bool, typer.Option("--model", help="Print the form's model alone, as JSON")] = False,
    program: Annotated[
        bool, typer.Option("--program", help="Print what a page needs to draw it and to run it, as JSON")
    ] = False,
    manifest: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A plugin.yaml whose texts speak for its fields")
    ] = None,
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
    form = conversion.form.in_languages(_texts(manifest))
    if model:
        print_json(form.document())
    elif program:
        runtime = runtime_script()
        print_json({"source": source, "code": conversion.code, "form": form.document(), "runtime": runtime})
    elif as_json:
        print_json(conversion.document())
    else:
        _show(conversion)


def _texts(manifest: Path | None) -> Mapping[str, Mapping[str, str]]:
    """What a manifest says in other languages; one that can't be read says nothing, and is told of by `check`."""
    try:
        document = read_yaml(manifest.read_bytes()) if manifest is not None else {}
        return read_form({"schema": {"type": "object"}, "i18n": document["form"]["i18n"]}).i18n
    except (OSError, Invalid, KeyError, TypeError):
        return {}


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
        note = f"  {finding.note.text}" if finding.note is not None else ""
        typer.echo(f"  {finding.treatment.value:8} {finding.place or '(while read)'}  {finding.part}{note}")
