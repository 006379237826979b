import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.legacy_forms import CORPUS, HOSTILE
from trunkline.cli.plugin import app


def run(*arguments: object):
    return CliRunner().invoke(app, ["form", *map(str, arguments)])


def corpus(name):
    return next(path for path in CORPUS if path.stem == name)


def test_the_report_tells_each_part_with_what_becomes_of_it():
    result = run(corpus("unknown_parts"))

    assert result.exit_code == 0
    assert result.stdout.startswith("unknown_parts: 5 static, 0 sandbox, 0 frame, 5 unknown\n")
    assert "  unknown  name  attribute sparkle  is no attribute of input\n" in result.stdout


@pytest.mark.parametrize(("option", "member"), [("--json", "report"), ("--model", "schema"), ("--program", "runtime")])
def test_programs_read_it_as_json(option, member):
    assert member in json.loads(run(corpus("radio"), option).stdout)


def test_what_is_no_form_is_refused_with_its_line(tmp_path: Path):
    result = run(next(path for path in HOSTILE if path.stem == "syntax_error"))

    assert result.exit_code == 1
    assert "raises an error at line 1: SyntaxError" in result.stderr


def test_what_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / "form.js").write_bytes(b"\xff\xfe")

    assert run(tmp_path / "form.js").exit_code == 1


def test_a_manifest_s_texts_speak_for_the_fields(tmp_path: Path):
    texts = "form: {i18n: {zh: {colour.label: 颜色}}}"
    (tmp_path / "plugin.yaml").write_text(texts, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("form: [", encoding="utf-8")
    program, model, without = (
        json.loads(run(corpus("radio"), option, "--manifest", tmp_path / name).stdout)
        for option, name in [("--program", "plugin.yaml"), ("--model", "plugin.yaml"), ("--model", "broken.yaml")]
    )

    assert program["form"]["i18n"] == model["i18n"] == {"zh": {"colour.label": "颜色"}}
    assert without["i18n"] == {}
