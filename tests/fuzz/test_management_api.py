"""Every operation of the management API, asked what its document allows and what it doesn't: no 5xx, no hang, no secret
in a log line, an audit record or an error.
"""

import json
import sys
import time
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.fuzz.secrets import CANARY, leaks, secrets_in, secrets_of, with_canaries
from tests.support.project import create_project
from tests.support.stand import Stand

_EXAMPLES = 5
_SECONDS = 15.0
_PACKAGES = frozenset({
    "POST /v1/plugins", "POST /v1/plugins:check", "POST /v1/plugin-bundles", "POST /v1/plugin-bundles:preview",
})  # fmt: skip
_SKIPPED = frozenset({"GET /v1/tasks/{task}/events"}) | _PACKAGES
"""A stream has no end to be waited for; a package is no JSON, and its reader is fuzzed by itself."""
_KNOWN = {
    "system": "cmdb", "stage": "prod", "component": "search_business", "release": "1.0.0", "other": "1.0.0",
    "app_code": "caller", "project": "fuzzed", "username": "fuzzed", "code": "cmdb_find_host", "version": "1.0.0",
    "upstream": "default", "profile": "http-message-signature", "number": 1,
}  # fmt: skip


class Asker:
    """Asks cases of an operation and keeps what must not have happened."""

    def __init__(self, stand: Stand) -> None:
        self.session = requests.Session()
        token = (stand.server.data_dir / "cli-token").read_text().strip()
        self.headers = {"Authorization": f"Bearer {token}"}
        self.url = stand.url
        self.secrets = secrets_of(stand)
        self.faults: list[str] = []
        self.statuses: Counter[int] = Counter()

    def ask(self, case: Any, *, known: bool) -> None:
        if known:
            case.path_parameters = {
                name: _KNOWN.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
        case.body = with_canaries(case.body)
        try:
            answer = case.call(base_url=self.url, session=self.session, headers=self.headers, timeout=_SECONDS)
        except requests.Timeout:
            self.faults.append(f"{case.method} {case.formatted_path}: no answer within {_SECONDS} s")
            return
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError):
            return  # could not be sent
        self.statuses[answer.status_code] += 1
        text = answer.content.decode("utf-8", "replace")
        if answer.status_code >= 500:
            self.faults.append(
                f"{case.method} {case.formatted_path} {case.body!r:.300}: {answer.status_code} {text:.300}"
            )
        if answer.status_code >= 400:
            if CANARY in text:
                self.faults.append(f"{case.method} {case.formatted_path}: the error repeats the secret: {text:.300}")
        elif text and "json" in (media_type := answer.headers.get("content-type", [""])[0]):
            for document in text.splitlines() if "ndjson" in media_type else [text]:
                self._keep_secrets(case, document)

    def _keep_secrets(self, case: Any, text: str) -> None:
        try:
            self.secrets |= secrets_in(json.loads(text))
        except ValueError:
            self.faults.append(f"{case.method} {case.formatted_path}: says that it answers JSON: {text:.300}")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_whatever_the_management_api_is_asked_it_answers_without_fault_and_tells_no_secret(stand: Stand) -> None:
    create_project(stand.api, "fuzzed")
    # Not the one who asks: he is soon disabled.
    stand.api.post("/users", {"username": "fuzzed", "password": "a password to fuzz with", "display_name": "Fuzzed"})
    schema = schemathesis.openapi.from_dict(requests.get(f"{stand.url}/v1/openapi.json", timeout=_SECONDS).json())
    asker = Asker(stand)
    began = time.monotonic()
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.label not in _SKIPPED:
            _ask_all(asker, operation)
    sys.stdout.write(f"{dict(asker.statuses)} in {time.monotonic() - began:.0f} s\n")
    assert asker.faults == []
    assert leaks(stand, asker.secrets) == []
    assert asker.statuses[200] > len(asker.statuses)  # not refusals alone
    assert stand.api.get("/systems")["items"]


def _ask_all(asker: Asker, operation: Any) -> None:
    good, bad = (operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(good, good, bad), known=st.sampled_from([True, True, False]))
    def ask(case: Any, known: bool) -> None:  # noqa: FBT001  Hypothesis's way of giving it
        asker.ask(case, known=known)

    ask()
