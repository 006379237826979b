"""The form.js files written for the tests, and the context they are filled in with."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "marketplace" / "legacy_forms"
CORPUS = sorted((_FOLDER / "corpus").glob("*.js"))
HOSTILE = sorted((_FOLDER / "hostile").glob("*.js"))
_EXPECTS = "// expects "

CONTEXT: dict[str, Any] = {
    "project": {"id": 7, "bk_biz_id": 42, "from_cmdb": True},
    "biz_cc_id": 42,
    "site_url": "/o/bk_sops/",
    "component": "demo",
    "exec_env": "NODE_CONFIG",
    "node_status": "RUNNING",
    "can_select_biz": True,
    "outputs": {"o": "out"},
    "inputs": {"i": "in"},
    "constants": {"${k}": {"key": "${k}", "value": "v"}},
    "bk_plugin_api_host": {"my_plugin": "/plugin_service/data_api/my_plugin/"},
    "window": {"BK_JOB_HOST": "https://job.example.com", "FILE_UPLOAD_ENTRY": "/upload", "APP_CODE": "bk_sops"},
}


def expectation(path: Path) -> dict[str, Any]:
    """What a file of the corpus says of itself in its first line."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    expected: dict[str, Any] = json.loads(first.removeprefix(_EXPECTS))
    return expected
