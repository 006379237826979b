"""What a form asks for: an address of ours, which is looked up and never dialled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from marketplace.form_data.errors import FormRequestRefused

SITE: Final = "/forms/"
"""What `$.context.site_url` is: forms put it before every address of BlueKing's Standard OPS."""
DATA_API: Final = "plugin_service/data_api/"
UPLOAD_ENTRY: Final = "file_manager/upload_file/"
"""Below it: where forms of Standard OPS send files (`FILE_UPLOAD_ENTRY`)."""
_PLUGIN_API: Final = "/bk_plugin/plugin_api/"
_KEPT: Final = "/%:@!$&'()*+,;=~"
_DOTS: Final = frozenset({".", ".."})


@dataclass(frozen=True, slots=True)
class PluginAddress:
    """A view of a plugin's own data API.

    Attributes:
        plugin: empty where the address names none, so the form's own is meant.
        target: path and query below the plugin.
    """

    plugin: str
    target: str


@dataclass(frozen=True, slots=True)
class SiteAddress:
    """An address of Standard OPS, below its site.

    Attributes:
        segments: of the path, decoded.
        query: of several values of a name, the last.
    """

    segments: tuple[str, ...]
    query: Mapping[str, str]


def read_address(url: str, data: Mapping[str, Any] | None = None) -> PluginAddress | SiteAddress:
    """Args:
        data: what a GET has in its query besides.

    Raises:
        FormRequestRefused: it leads elsewhere.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise FormRequestRefused(f"{url[:200]} is no address") from error
    if parts.scheme or parts.netloc or "\\" in url or url.startswith("//"):
        raise FormRequestRefused(f"{url[:200]} leads to another site; forms are answered by this one alone")
    segments = tuple(unquote(segment) for segment in parts.path.split("/"))
    if any(segment in _DOTS or "/" in segment or "\\" in segment for segment in segments) or "" in segments[1:-1]:
        raise FormRequestRefused(f"{url[:200]} is no plain address")
    if parts.path.startswith(_PLUGIN_API):
        return PluginAddress("", _target(parts.path, parts.query))
    if not parts.path.startswith(SITE):
        raise FormRequestRefused(f"{url[:200]} is nothing forms are answered here; begin with $.context.site_url")
    below = parts.path.removeprefix(SITE)
    if below.startswith(DATA_API):
        plugin, _, view = below.removeprefix(DATA_API).partition("/")
        return PluginAddress(plugin, _plugin_target(f"/{view}", parts.query))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query |= {name: str(value) for name, value in (data or {}).items() if isinstance(value, (str, int, float))}
    return SiteAddress(tuple(segment for segment in segments[2:] if segment), query)


def _plugin_target(path: str, query: str) -> str:
    if not path.startswith(_PLUGIN_API):
        raise FormRequestRefused(f"{path[:200]} is no view of a plugin's data API, which is below {_PLUGIN_API}")
    return _target(path, query)


def _target(path: str, query: str) -> str:
    target = quote(path, safe=_KEPT)
    return f"{target}?{quote(query, safe=_KEPT + '?[]')}" if query else target
