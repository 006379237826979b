"""The documentation says what the product has, and shows what works."""

import ast
import importlib
import importlib.util
import itertools
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

import gateway.dataplane.esb
import gateway.wire.codes
from gateway.registry.component_checks import component_problems
from gateway.registry.drafts.schemas import Component, NamedComponent
from gateway.snapshot.model.systems import PROFILES
from gateway.wire.codes import Code
from kernel.errors import TrunklineError
from kernel.settings import Settings
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.flow.model import NodeKind
from tests.support.documentation import GUIDES, REFERENCE, ROOT, code_blocks, table_rows
from trunkline.cli import app as cli
from trunkline.metrics import GatewayCollector

UNITS = ("kernel", "gateway", "marketplace", "orchestrator", "adapters", "trunkline")
NO_CONTEXT: Any = None
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "benchmarks/README.md", ROOT / "scripts/README.md"]
)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def sources() -> Iterator[Path]:
    for unit in UNITS:
        yield from (ROOT / unit).rglob("*.py")


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(
        r"\]\(([^)#\s]*(?:#[^)\s]*)?)\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    ):
        if "://" in target:
            continue
        path, _, part = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if part:
            assert part in {anchor(h) for h in re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)}, target


def test_the_index_links_every_page_of_the_documentation() -> None:
    linked = set(re.findall(r"\]\(([^)#]+)", (ROOT / "docs/index.md").read_text()))
    pages = {
        str(page.relative_to(ROOT / "docs"))
        for part in ("guides", "reference")
        for page in (ROOT / "docs" / part).glob("*.md")
    }
    assert pages <= linked


def test_every_setting_is_documented_and_no_other() -> None:
    rows = table_rows(GUIDES / "run-it.md", "## Settings")[1:]
    documented = {name.lower() for row in rows for name in re.findall(r"`([A-Z_]+)`", row[0])}
    assert documented == set(Settings.model_fields)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(group, TyperGroup):
        yield " ".join(path)
        return
    for name in group.list_commands(NO_CONTEXT):
        yield from commands(group.get_command(NO_CONTEXT, name), (*path, name))


def mentioned_commands(text: str) -> set[str]:
    """`trunkline task pause|resume` names two."""
    found: set[str] = set()
    for words in re.findall(r"\btrunkline ([a-z-]+(?: [a-z-]+(?:\|[a-z-]+)*){0,2})", text):
        parts = [part.split("|") for part in words.split(" ")]
        for length in range(1, len(parts) + 1):
            found.update(" ".join(chosen) for chosen in itertools.product(*parts[:length]))
    return found


def test_every_command_is_documented() -> None:
    mentioned = set().union(*(mentioned_commands(page.read_text()) for page in PAGES))
    assert set(commands(typer.main.get_command(cli))) - mentioned == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_shown_exists(page: Path) -> None:
    shown = re.findall(r"^\$ (.*)$", page.read_text(), re.MULTILINE)
    for line in (part for whole in shown for part in whole.split("#")[0].split(" && ")):
        if not line.startswith("trunkline "):
            continue
        words = [word for word in line.split()[1:] if not word.startswith("-")]
        group: Any = typer.main.get_command(cli)
        while isinstance(group, TyperGroup):
            assert words, line
            assert words[0] in group.list_commands(NO_CONTEXT), line
            group = group.get_command(NO_CONTEXT, words.pop(0))
        known = {option for parameter in group.params for option in parameter.opts}
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", line)) <= {*known, "--help"}, line


def modules() -> Iterator[ModuleType]:
    for unit in UNITS:
        package = importlib.import_module(unit)
        yield package
        for module in pkgutil.walk_packages(package.__path__, f"{unit}."):
            if not module.name.startswith(("trunkline.demo", "trunkline.__main__")):
                yield importlib.import_module(module.name)


def problem_codes() -> set[tuple[int, str]]:
    """Status and code of every problem: those of the classes, and those given where one is raised."""
    found: set[tuple[int, str]] = set()
    classes: dict[str, type[TrunklineError]] = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, TrunklineError):
                classes[value.__name__] = value
                found.add((value.status, value.code))
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
                found.update(
                    (classes[node.func.id].status, keyword.value.value)
                    for keyword in node.keywords
                    if keyword.arg == "code"
                    and isinstance(keyword.value, ast.Constant)
                    and isinstance(keyword.value.value, str)
                )
    return found


def test_every_problem_code_is_documented_with_its_status_and_no_other() -> None:
    rows = table_rows(REFERENCE / "gateway-errors.md", "## Management API")[1:]
    documented = {(int(row[0]), code) for row in rows for code in re.findall(r"`([a-z_]+)`", row[1])}
    assert documented == problem_codes()


def test_every_refusal_of_the_gateway_is_documented_and_no_other() -> None:
    rows = table_rows(REFERENCE / "gateway-errors.md", "## Calls")[1:]
    documented = {(int(row[0]), int(row[1]), row[2], int(row[3])) for row in rows}
    text = "".join(path.read_text() for path in (ROOT / "gateway").rglob("*.py") if path.name != "codes.py")
    everywhere = {**vars(gateway.wire.codes), **vars(gateway.dataplane.esb)}
    raised = {
        (code.status, code.code, code.name, code.esb_code)
        for name, code in everywhere.items()
        if isinstance(code, Code) and re.search(rf"\b{name}\b", text)
    }
    assert documented == raised


def _tells_problem(called: ast.expr) -> bool:
    """`Problem(…)`, `Problem.of(…)` and `place.problem(…)`."""
    return ast.unparse(called) in {"Problem", "Problem.of", "problem", "place.problem"}


def test_every_rule_of_publication_is_documented() -> None:
    raised: set[str] = set()
    for path in (ROOT / "orchestrator").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _tells_problem(node.func) and node.args:
                rule = node.args[0]
                if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                    raised.add(rule.value)
    section = (REFERENCE / "flow-definition.md").read_text().split("## Rules of publication")[1]
    assert raised == set(re.findall(r"`([a-z_]+)`", section)) - {"rule"}


def test_every_node_kind_and_state_is_documented() -> None:
    page = REFERENCE / "flow-definition.md"
    kinds = {row[0].strip("`") for row in table_rows(page, "## Nodes")[1:]}
    assert kinds == {kind.value for kind in NodeKind}
    states = {name for row in table_rows(page, "## States") for name in re.findall(r"`([A-Z_]+)`", row[0])}
    assert states == {state.value for state in (*TaskState, *NodeState)}


def test_every_metric_is_documented() -> None:
    text = (GUIDES / "run-it.md").read_text()
    for metric in GatewayCollector(list, lambda: 1).collect():
        assert f"`{metric.name}{'_total' if metric.type == 'counter' else ''}`" in text


def test_every_test_named_in_security_exists_and_every_threat_has_one() -> None:
    page = ROOT / "SECURITY.md"
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", path.read_text())
    }
    assert set(re.findall(r"`(test_\w+)`", page.read_text())) - written == set()
    numbers = [row[-1] for row in table_rows(page, "## Threats")[1:]]
    assert numbers == re.findall(r"^(\d+)\. `test_", page.read_text(), re.MULTILINE)


def test_every_member_of_a_component_is_documented_and_the_shown_one_can_be_served() -> None:
    page = REFERENCE / "component-definition.md"
    documented = {name for row in table_rows(page, "## Members")[1:] for name in re.findall(r"`([a-z_]+)`", row[0])}
    assert documented == set(NamedComponent.model_fields)
    shown = Component.model_validate(json.loads(code_blocks(page, "json")[0])).definition("cmdb", "get_host")
    assert component_problems(shown, "cmdb") == []


def test_every_signing_profile_is_documented() -> None:
    rows = table_rows(REFERENCE / "upstreams.md", "## Signing")[1:]
    assert {row[0].strip("`") for row in rows} == set(PROFILES)


def test_the_table_of_rfc_9700_is_what_the_tests_prove() -> None:
    specification = importlib.util.spec_from_file_location("oauth_security", ROOT / "scripts/oauth_security.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert (REFERENCE / "oauth-security.md").read_text() == module.page(), "run scripts/oauth_security.py"
