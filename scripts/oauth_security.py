"""Writes docs/reference/oauth-security.md: each recommendation of RFC 9700, and the tests that prove it.

The tests say it themselves: ``@pytest.mark.rfc("9700", "2.1.1", "what it asks for, in our words")``.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/reference/oauth-security.md"

SECTIONS = {
    "2.1": "Redirects go to known addresses, and answers can't be mixed up or forged",
    "2.1.1": "Authorization code",
    "2.1.2": "Implicit grant",
    "2.2.1": "Replay of access tokens",
    "2.2.2": "Replay of refresh tokens",
    "2.3": "Rights of access tokens",
    "2.4": "Password grant",
    "2.5": "Client authentication",
    "2.6": "Metadata, encrypted connections",
    "4.1": "Redirect addresses that are matched loosely",
    "4.2": "Codes that leak by the Referer header",
    "4.3": "Codes and tokens in the browser's history",
    "4.4": "Answers of one server taken for another's",
    "4.5": "Stolen codes put into another session",
    "4.6": "Stolen access tokens put into another session",
    "4.7": "Forged requests (CSRF)",
    "4.8": "PKCE left out on the way",
    "4.9": "Access tokens that leak at a resource server",
    "4.10": "Stolen access tokens",
    "4.11": "Open redirectors",
    "4.12": "Redirects that repeat a form (307)",
    "4.13": "Proxies that end TLS",
    "4.14": "Refresh tokens",
    "4.15": "Clients that pass for people",
    "4.16": "Pages under other pages (clickjacking)",
    "4.17": "Answers between browser windows",
}
WITHOUT_TEST = {"4.17": "Answers go by redirects alone; nothing is posted between windows."}

_HEAD = """# Security of OAuth

What RFC 9700 (Best Current Practice for OAuth 2.0 Security) asks for, and the tests that hold the authorization server
and the gateway to it. `scripts/oauth_security.py` writes this page from the tests.

| RFC 9700 | about | what holds here | tests |
|---|---|---|---|
"""
_ARGUMENTS = 3


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    return 0


def page() -> str:
    """The page as the tests have it now; raises ValueError for a section that no test proves."""
    proven: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for section, says, test in _proofs():
        proven[section][says].append(test)
    unknown = set(proven) - set(SECTIONS)
    unproven = set(SECTIONS) - set(proven) - set(WITHOUT_TEST)
    if unknown or unproven:
        raise ValueError(f"RFC 9700: sections unknown {sorted(unknown)}, without a test {sorted(unproven)}")
    lines = [line for section in SECTIONS for line in _lines(section, proven[section])]
    return _HEAD + "\n".join(lines) + "\n"


def _lines(section: str, proofs: dict[str, list[str]]) -> Iterator[str]:
    about = SECTIONS[section]
    for says in sorted(proofs):
        tests = ", ".join(f"`{test}`" for test in sorted(set(proofs[says])))
        yield f"| {section} | {about} | {says[0].upper()}{says[1:]} | {tests} |"
    if not proofs:
        yield f"| {section} | {about} | {WITHOUT_TEST[section]} | |"


def _proofs() -> Iterator[tuple[str, str, str]]:
    """Section, what is said of it, and the test."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    told = _marked(decorator)
                    if told is not None and told[0] == "9700":
                        yield told[1], told[2], node.name


def _marked(decorator: ast.expr) -> tuple[str, ...] | None:
    """The arguments of the marker, where a decorator is one."""
    if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rfc"):
        return None
    told = tuple(
        each.value for each in decorator.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
    if len(told) != _ARGUMENTS:
        raise ValueError(f"line {decorator.lineno}: rfc takes a number, a section and what it says")
    return told


if __name__ == "__main__":
    sys.exit(main())
