"""Where files come from, as systems of an ESB take it: lists of paths and of hosts, where callers may send texts.

Sources are taken apart as source text: whatever else stands in them, numbers of any size too, passes exactly.
"""

import json
from typing import Any, Final

from gateway.wire.json_members import items_of
from gateway.wire.json_object import RawObject
from kernel.host_addresses import split_addresses

_FILES: Final = ("file_list",)
_HOSTS: Final = ("server", "ip_list")
_NOTHING: Final = "null"


def host_list(text: str) -> list[dict[str, Any]]:
    """The hosts that a text of addresses names."""
    return [{"bk_cloud_id": area, "ip": address} for area, address in split_addresses(text)]


def file_sources(raw: str) -> str:
    """Rows of texts (`ip`, `files` one a line, `account` by its alias) become sources; texts of a source become lists.

    What is neither a row nor a source stays as it is: whoever is asked refuses it.

    Args:
        raw: the source text of a JSON list.

    Raises:
        ValueError: it is none, or a source has a name twice.
    """
    return f"[{','.join(_source(each) if each.startswith('{') else each for each in items_of(raw))}]"


def _source(raw: str) -> str:
    given = RawObject.read(raw)
    source = _of_row(given) if "files" in given.members else given
    files, hosts = source.get(_FILES), source.get(_HOSTS)
    if files is not None and files.startswith('"'):
        source.put(_FILES, json.dumps(_lines(json.loads(files))))
    if hosts is not None and hosts.startswith('"'):
        source.put(_HOSTS, json.dumps(host_list(json.loads(hosts))))
    return source.text()


def _of_row(row: RawObject) -> RawObject:
    files, hosts, account = (row.get((name,)) or _NOTHING for name in ("files", "ip", "account"))
    source = RawObject({})
    for steps, value in ((_FILES, files), (_HOSTS, hosts), (("account", "alias"), account)):
        source.put(steps, value)
    return source


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
