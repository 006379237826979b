"""Hosts out of NetBox: its devices and virtual machines (reference: NetBox REST API, `/api/dcim/devices/`)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from adapters.cmdb.service.imports.sheets.table import Cell
from adapters.cmdb.service.imports.sources.models import ImportSource
from adapters.cmdb.service.imports.sources.reading import SourceFailed, SourceRows
from adapters.cmdb.service.imports.sources.schemas import Mapped, NetBoxSettings, Secret
from adapters.cmdb.service.imports.values import ADDRESS, AREA, PLACE, KnownAttribute, host_row
from kernel.errors import TrunklineError
from kernel.json_input import read_json
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts

_PATHS: Final = {"devices": "/api/dcim/devices/", "virtual-machines": "/api/virtualization/virtual-machines/"}
_PAGE: Final = 500
_MOST: Final = 200_000
_LONGEST_PAGE: Final = 64 * 1024 * 1024
_TIMEOUTS: Final = Timeouts(connect=5.0, read=60.0, total=120.0)
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_REFUSALS: Final = frozenset({401, 403})
_BEARER: Final = "nbt_"
"""How tokens begin that are sent as Bearer, since NetBox 4.5."""

USUAL_MAPPING: Final[Sequence[Mapping[str, Any]]] = (
    {"from": "primary_ip4.address", "to": ADDRESS},
    {"from": "name", "to": "bk_host_name"},
    {"from": "serial", "to": "bk_sn"},
    {"from": "asset_tag", "to": "bk_asset_id"},
    {"from": "platform.name", "to": "bk_os_name"},
    {"from": "comments", "to": "bk_comment"},
    {"from": "vcpus", "to": "bk_cpu"},
    {"from": "memory", "to": "bk_mem"},
    {"from": "disk", "to": "bk_disk", "divide": 1000},
)


class NetBoxReader:
    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    async def read(
        self, source: ImportSource, secret: Secret, known: dict[str, KnownAttribute], *, sample: bool
    ) -> SourceRows:
        """See `SourceReader`."""
        settings = NetBoxSettings.model_validate(source.settings)
        mapping = mapping_of(settings)
        found = SourceRows(partial=sample)
        client = TransportClient(self._policy)
        try:
            for kind in settings.objects:
                objects = await _objects(client, settings, kind, secret.token, only_one_page=sample)
                for each in objects:
                    given = {AREA: settings.bk_cloud_id, **_mapped(each, mapping)}
                    number = len(found.rows) + len({problem.number for problem in found.problems}) + 1
                    row, problems = host_row(number, given, known, external_id=f"{kind}/{each.get('id')}")
                    found.problems += problems
                    if row is not None:
                        found.rows.append(row)
        finally:
            await client.aclose()
        return found


def mapping_of(settings: NetBoxSettings) -> list[Mapped]:
    """The usual mapping, with what the settings say of a property in its place."""
    by_property = {each["to"]: Mapped.model_validate(each) for each in USUAL_MAPPING}
    by_property.update({each.to: each for each in settings.mapping})
    return list(by_property.values())


async def _objects(
    client: TransportClient, settings: NetBoxSettings, kind: str, token: str, *, only_one_page: bool
) -> list[Mapping[str, Any]]:
    """Page by page, by our own count: the address of a next page that NetBox names is not followed."""
    objects: list[Mapping[str, Any]] = []
    while True:
        query = {**settings.query, "has_primary_ip": "true", "limit": str(_PAGE), "offset": str(len(objects))}
        url = f"{settings.url.rstrip('/')}{_PATHS[kind]}?{urlencode(query)}"
        page = await _page(client, url, token)
        objects += page
        if len(objects) > _MOST:
            raise SourceFailed(f"NetBox has more than {_MOST} {kind}; narrow them by `query`")
        if only_one_page or not page:
            return objects


async def _page(client: TransportClient, url: str, token: str) -> list[Mapping[str, Any]]:
    scheme = "Bearer" if token.startswith(_BEARER) else "Token"
    headers = [(b"accept", b"application/json"), (b"authorization", f"{scheme} {token}".encode())]
    try:
        answer = await client.request("GET", url, headers=headers if token else headers[:1], timeouts=_TIMEOUTS)
        body = await answer.read(_LONGEST_PAGE)
    except TransportError as error:
        raise SourceFailed(f"NetBox can't be read: {error}") from None
    if answer.status in _REFUSALS:
        raise SourceFailed(f"NetBox answers {answer.status}: the token is not let in, or may not see this")
    if answer.status in _REDIRECTS:
        raise SourceFailed("NetBox answers a redirect, which is not followed; give the address it leads to")
    if answer.status != _OK:
        raise SourceFailed(f"NetBox answers {answer.status}")
    try:
        results = read_json(body)["results"]
    except (TrunklineError, KeyError, TypeError):
        raise SourceFailed("NetBox answers no list; is the address right, without /api?") from None
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise SourceFailed("NetBox answers no list of objects")
    return results


def _mapped(given: Mapping[str, Any], mapping: Sequence[Mapped]) -> dict[str, Cell]:
    values = {each.to: _value(given, each) for each in mapping}
    address = values.get(ADDRESS)
    if isinstance(address, str):
        values[ADDRESS] = address.partition("/")[0]
    return values


def _value(given: Mapping[str, Any], mapped: Mapped) -> Cell:
    parts = [_member(given, path) for path in mapped.source.split("/")]
    if any(part is None or part == "" for part in parts):
        return None
    if len(parts) > 1:
        return "/".join(str(part) for part in parts)
    value = parts[0]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value / mapped.divide) if mapped.divide > 1 or mapped.to != PLACE else value
    return value if isinstance(value, str | bool) else None


def _member(given: Any, path: str) -> Any:
    for name in path.split("."):
        given = given.get(name) if isinstance(given, Mapping) else None
    return given
