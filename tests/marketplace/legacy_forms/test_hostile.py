import json
from pathlib import Path

import pytest

from marketplace.legacy_forms.errors import FormRefused
from marketplace.legacy_forms.evaluated import form_codes
from marketplace.legacy_forms.reading import MAX_SOURCE, read_form_script
from tests.support.legacy_forms import HOSTILE

HARMLESS = '$.atoms.x = [{tag_code: "x", type: "input", attrs: {name: "X"}}];'
READ = {"page_drawn", "endless_events", "endless_init", "exfiltration", "page_escape", "process_escape", "redos_rule"}
"""Those that may be read, since what is hostile in them runs later, or has nothing to reach for."""


def by_name(name):
    return next(path for path in HOSTILE if path.stem == name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in HOSTILE])
async def test_a_hostile_form_is_refused_or_harmless_and_the_next_one_is_read(strict_sandbox, sandbox, path):
    source = path.read_text(encoding="utf-8")

    if path.stem in READ:
        conversion = await read_form_script(sandbox, source)
        assert list(conversion.form.schema["properties"]) == ["x"]
    else:
        with pytest.raises(FormRefused) as refused:
            await read_form_script(strict_sandbox, source)
        assert refused.value.fields

    assert "x" in (await read_form_script(sandbox, HARMLESS)).form.schema["properties"]


@pytest.mark.parametrize("name", ["endless_init", "redos_rule"])
async def test_rules_that_never_end_refuse_the_form(strict_sandbox, name):
    with pytest.raises(FormRefused, match="seconds to evaluate"):
        await strict_sandbox.ask(by_name(name), "check", ["x", {"x": "a" * 40 + "b"}, []])


async def test_events_that_never_end_are_cut_off(sandbox):
    opened = await sandbox.ask(by_name("endless_events"), "open", ["x", {}])

    assert any("events followed from one change" in effect.get("text", "") for effect in opened["effects"])


async def test_nothing_of_the_outside_is_there_to_reach_for(sandbox):
    conversion = await read_form_script(sandbox, by_name("process_escape"))

    assert conversion.form.schema["properties"]["x"]["title"] == "undefined" * 4


async def test_markup_stays_a_text(sandbox):
    conversion = await read_form_script(sandbox, by_name("page_escape"))

    assert conversion.form.schema["properties"]["x"]["title"] == "<img src=x onerror=alert(1)>"
    assert conversion.counts()["frame"] > 0


async def test_what_a_form_would_have_sent_away_is_in_its_report(sandbox):
    conversion = await read_form_script(sandbox, by_name("exfiltration"))

    assert conversion.requests == ("POST https://example.com/",)


async def test_one_form_leaves_nothing_behind_for_the_next(sandbox):
    await sandbox.ask("globalThis.left = 1; Array.prototype.left = 2; $.atoms.x = [];", "describe")

    answer = await sandbox.ask("$.atoms[String(typeof left) + String([].left)] = [];", "describe")

    assert form_codes(answer) == ["undefinedundefined"]


async def test_a_text_too_long_is_refused_before_anything_reads_it(sandbox):
    with pytest.raises(FormRefused, match="longer than"):
        await read_form_script(sandbox, "/*" + "x" * MAX_SOURCE + "*/" + HARMLESS)


async def test_a_worker_can_open_nothing(sandbox):
    """What V8 gave a form would still have to be asked of a process without rights."""
    await sandbox.ask(HARMLESS, "describe")
    (process,) = sandbox._idle
    of_process = Path("/proc") / str(process.pid)
    limits = of_process.joinpath("limits").read_text(encoding="ascii")
    rows = {line[:25].strip(): line[25:].split()[:2] for line in limits.splitlines()}
    assert rows["Max open files"] == ["0", "0"]
    assert rows["Max file size"] == ["0", "0"]
    assert rows["Max core file size"] == ["0", "0"]
    assert int(rows["Max data size"][0]) < 512 * 1024 * 1024
    environment = of_process.joinpath("environ").read_bytes()
    assert not environment or environment.startswith(b"LD_LIBRARY_PATH=")


def test_an_answer_of_the_form_itself_is_taken_for_data_only(sandbox):
    source = 'JSON.stringify = function () { return \'{"forms": {"x": 7}, "functions": 3}\'; };'

    assert json.dumps(sandbox.run(source, "describe")) == '{"forms": {"x": 7}, "functions": 3}'
