"""Which column of a file is which property of a host. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.imports.rows import HostRow, RowProblem
from adapters.cmdb.service.imports.sheets.table import Table
from adapters.cmdb.service.imports.values import ADDRESS, PLACE, KnownAttribute, host_row

_ALSO_CALLED: Final[Mapping[str, str]] = {
    "ip": ADDRESS, "address": ADDRESS, "ip address": ADDRESS, "inner address": ADDRESS,
    "内网ip": ADDRESS, "地址": ADDRESS,
    "hostname": "bk_host_name", "name": "bk_host_name", "主机名": "bk_host_name", "主机名称": "bk_host_name",
    "cloud area": "bk_cloud_id", "管控区域": "bk_cloud_id", "云区域": "bk_cloud_id",
    "os": "bk_os_type", "操作系统类型": "bk_os_type", "操作系统名称": "bk_os_name", "cpu": "bk_cpu", "memory": "bk_mem",
    "内存": "bk_mem", "disk": "bk_disk", "磁盘": "bk_disk", "mac": "bk_mac", "serial": "bk_sn",
    "serial number": "bk_sn",     "设备sn": "bk_sn",
    "固资编号": "bk_asset_id", "备注": "bk_comment", "comment": "bk_comment",
    "主要维护人": "operator", "备份维护人": "bk_bak_operator", "module": PLACE, "位置": PLACE, "模块": PLACE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadRows:
    """Attributes:
    ignored: columns that mean nothing here.
    """

    rows: tuple[HostRow, ...]
    problems: tuple[RowProblem, ...]
    ignored: tuple[str, ...]


def read_rows(table: Table, chosen: Mapping[str, str], known: Mapping[str, KnownAttribute]) -> ReadRows:
    """`chosen`: column → property, before what the columns' names say; an empty one leaves the column out.

    Raises:
        ParameterWrong: a chosen property that isn't there, or no column of addresses.
    """
    properties = _properties(table.columns, chosen, known)
    if ADDRESS not in properties:
        told = ", ".join(name for name in table.columns if name)
        raise ParameterWrong("columns", f"none of {told} is {ADDRESS}; name one so, or say which one it is")
    rows: list[HostRow] = []
    problems: list[RowProblem] = []
    for number, cells in table.rows:
        given = {name: cell for name, cell in zip(properties, cells, strict=True) if name}
        row, wrong = host_row(number, given, known)
        problems += wrong
        if row is not None:
            rows.append(row)
    ignored = [column for column, name in zip(table.columns, properties, strict=True) if not name and column]
    return ReadRows(tuple(rows), tuple(problems), tuple(ignored))


def _properties(columns: Sequence[str], chosen: Mapping[str, str], known: Mapping[str, KnownAttribute]) -> list[str]:
    by_label = {attribute.label.lower(): name for name, attribute in known.items()}
    found = []
    for column in columns:
        name = column.lower()
        meant = column if column in known or column == PLACE else by_label.get(name, _ALSO_CALLED.get(name, ""))
        meant = chosen.get(column, meant)
        if meant and meant not in known and meant != PLACE:
            raise ParameterWrong(f"columns.{column}", f"a host has no {meant}; there are {', '.join(known)}")
        found.append(meant)
    twice = {name for name in found if name and found.count(name) > 1}
    if twice:
        raise ParameterWrong("columns", f"two of them are {', '.join(sorted(twice))}; leave one out")
    return found
