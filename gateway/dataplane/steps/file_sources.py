"""Where files come from, as systems of an ESB take it: lists of paths and of hosts, where callers may send texts."""

from typing import Any

from kernel.host_addresses import split_addresses


def host_list(text: str) -> list[dict[str, Any]]:
    """The hosts that a text of addresses names."""
    return [{"bk_cloud_id": area, "ip": address} for area, address in split_addresses(text)]


def file_sources(sources: list[Any]) -> list[Any]:
    """Rows of texts (`ip`, `files` one a line, `account` by its alias) become sources; texts of a source become lists.

    What is neither a row nor a source stays as it is: whoever is asked refuses it.
    """
    return [_source(each) if isinstance(each, dict) else each for each in sources]


def _source(given: dict[str, Any]) -> dict[str, Any]:
    source = _of_row(given) if "files" in given else given
    files, server = source.get("file_list"), source.get("server")
    if isinstance(files, str):
        source = {**source, "file_list": _lines(files)}
    if isinstance(server, dict) and isinstance(server.get("ip_list"), str):
        source = {**source, "server": {**server, "ip_list": host_list(server["ip_list"])}}
    return source


def _of_row(row: dict[str, Any]) -> dict[str, Any]:
    return {"file_list": row["files"], "server": {"ip_list": row.get("ip")}, "account": {"alias": row.get("account")}}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
