"""Facts that a host tells of itself: what is run there, and how its answer is read. Pure."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Final

from adapters.cmdb.service.imports.sheets.table import Cell

LONGEST_ANSWER: Final = 64 * 1024
_WHOLE: Final = re.compile(r"[0-9]{1,15}")
"""Far beyond what any machine has."""

SCRIPT: Final = r"""
say() { [ -n "$2" ] && printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr -d '\r' | tr '\n\t' '  ')"; }
say hostname "$(hostname 2>/dev/null || uname -n)"
say system "$(uname -s)"
say architecture "$(uname -m)"
[ -r /etc/os-release ] && . /etc/os-release
say os_name "${NAME:-$(uname -s)}"
say os_version "${VERSION_ID:-$(uname -r)}"
say machine_id "$(cat /etc/machine-id 2>/dev/null)"
say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
say cpu_model "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)"
say memory_kb "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo 2>/dev/null)"
disks="$(lsblk -bdnr -o SIZE,TYPE 2>/dev/null \
  | awk '$2 == "disk" { total += $1 } END { if (total) printf "%d", total / 1024 }')"
say disk_kb "${disks:-$(df -Pk / 2>/dev/null | awk 'NR == 2 { print $2 }')}"
say addresses "$(ip -o addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }')"
card="$(ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)"
say mac "$(cat "/sys/class/net/$card/address" 2>/dev/null)"
say serial "$(cat /sys/class/dmi/id/product_serial 2>/dev/null)"
"""
"""POSIX shell; changes nothing, and leaves out what it can't find."""

_OS_TYPES: Final = {"Linux": "1", "AIX": "3"}
_MOST_LINES: Final = 100


def read_facts(output: str) -> dict[str, str]:
    """`name=value` lines; of two with the same name the first."""
    found: dict[str, str] = {}
    for line in output.splitlines()[:_MOST_LINES]:
        name, equals, value = line.partition("=")
        if equals and name.isidentifier():
            found.setdefault(name, value.strip())
    return found


def properties_of(facts: Mapping[str, str]) -> dict[str, Cell]:
    """As properties of a host; texts are cut to what one takes."""
    return {
        "bk_host_name": facts.get("hostname", "")[:256],
        "bk_os_type": _OS_TYPES.get(facts.get("system", "")),
        "bk_os_name": facts.get("os_name", "")[:256],
        "bk_os_version": facts.get("os_version", "")[:256],
        "bk_os_bit": facts.get("architecture", "")[:32],
        "bk_cpu": _number(facts.get("cpus")),
        "bk_cpu_module": facts.get("cpu_model", "")[:256],
        "bk_mem": _number(facts.get("memory_kb"), 1024),
        "bk_disk": _number(facts.get("disk_kb"), 1024 * 1024),
        "bk_mac": facts.get("mac", "")[:64],
        "bk_sn": facts.get("serial", "")[:256],
        "bk_host_outerip": ",".join(_public(facts.get("addresses", "")))[:512],
    }


def _number(text: str | None, divide: int = 1) -> int | None:
    return int(text) // divide if text is not None and _WHOLE.fullmatch(text) else None


def _public(addresses: str) -> list[str]:
    found = []
    for each in addresses.split():
        try:
            address = ipaddress.ip_address(each)
        except ValueError:
            continue
        if address.is_global:
            found.append(str(address))
    return found
