"""A page to try a plugin by that whoever starts its process lends, and what it draws forms by."""

import sys
from pathlib import Path

import httpx
import pytest

from tests.support.served_plugin import served, write_project
from trunkline_plugin.serving.trying import Lent

NOTHING = "def execute(self, inputs, context): pass"
FORM = "$.atoms.sample = [];"
_TELLS = "import json, pathlib, sys; open('asked', 'a').write('x'); f = pathlib.Path(sys.argv[1]).read_text(); "
TELLS = f"{_TELLS}print(json.dumps({{'source': f}}))"
FAILS = "import sys; sys.exit('form.js is wrong at line 3')"
AT = "/try/form/1.0.0"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "try-plugin.html").write_text("<p>drawn</p>", encoding="utf-8")
    (folder / "assets/try.js").write_text("1", encoding="utf-8")
    return folder


def _project(folder: Path, form: str | None = FORM) -> Path:
    project = write_project(folder / "project", NOTHING)
    if form is not None:
        place = project / "bk_plugin/forms/1.0.0"
        place.mkdir(parents=True, exist_ok=True)
        (place / "form.js").write_text(form, encoding="utf-8")
    return project


async def test_the_page_and_what_it_loads_are_served_beside_the_plugin(tmp_path: Path, page: Path) -> None:
    async with served(tmp_path, {}, _project(tmp_path), lent=Lent(page, ())) as client:
        shown = await client.get("/")
        assert (shown.text, "script-src 'self'" in shown.headers["content-security-policy"]) == ("<p>drawn</p>", True)
        assert (await client.get("/assets/try.js")).text == "1"
        assert (await client.get("/bk_plugin/meta/")).json()["data"]["versions"] == ["1.0.0"]
        assert (await client.get("/assets/../../project/bk_plugin/__init__.py")).status_code == 404


async def test_a_form_is_told_by_the_command_once_for_each_text(
    tmp_path: Path, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lent = Lent(page, (sys.executable, "-c", TELLS))
    async with served(tmp_path, {}, _project(tmp_path), lent=lent) as client:
        for _ in range(2):
            assert (await client.get(AT)).json() == {"result": True, "data": {"source": FORM}, "message": ""}
        assert (tmp_path / "asked").read_text() == "x"
        _project(tmp_path, "$.atoms.other = [];")
        assert (await client.get(AT)).json()["data"] == {"source": "$.atoms.other = [];"}
        assert (await client.get("/try/form/9.9.9")).status_code == 404


@pytest.mark.parametrize(
    ("form", "command", "problem"),
    [
        (None, (sys.executable, "-c", FAILS), ""),
        (FORM, (sys.executable, "-c", FAILS), "form.js is wrong at line 3"),
        (FORM, ("/no/such/program",), "/no/such/program can't be started: No such file or directory"),
    ],
)
async def test_what_keeps_a_form_from_being_drawn_is_told(
    tmp_path: Path, page: Path, form: str | None, command: tuple[str, ...], problem: str
) -> None:
    async with served(tmp_path, {}, _project(tmp_path, form), lent=Lent(page, command)) as client:
        answer = await client.get(AT)
        assert answer.json() == {"result": problem == "", "data": None, "message": problem}


@pytest.mark.parametrize("lends", [True, False])
async def test_no_page_is_shown_outside_development(tmp_path: Path, page: Path, *, lends: bool) -> None:
    lent = Lent(page, ()) if lends else None
    async with served(tmp_path, {"BKPAAS_ENVIRONMENT": "prod"}, _project(tmp_path), lent=lent) as client:
        assert [await _status(client, path) for path in ("/", "/assets/try.js", AT, "/debug.js")] == [404] * 4


async def test_the_small_page_loads_nothing_that_is_not_there(tmp_path: Path) -> None:
    async with served(tmp_path, {}, _project(tmp_path)) as client:
        shown = (await client.get("/")).text
        named = [part.partition('"')[0] for mark in ('src="', 'href="') for part in shown.split(mark)[1:]]
        assert named == ["debug.js", "debug.svg"]
        assert [await _status(client, f"/{name}") for name in named] == [200, 200]


async def _status(client: httpx.AsyncClient, path: str) -> int:
    return (await client.get(path)).status_code
