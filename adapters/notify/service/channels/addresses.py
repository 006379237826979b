"""Which Apprise addresses may be kept, and addresses made from a template.

A template holds `${address}` (a user's phone number or handle) and `${username}`. What is kept is checked by its
scheme and form; what is dialled is checked once more, by the address rule of the whole product.
"""

import ipaddress
import re
from urllib.parse import quote, urlsplit

from adapters.notify.service.channels.kinds import SCHEMES, Kind
from kernel.expressions.errors import ExpressionSyntaxError
from kernel.expressions.interpolation import Reference, interpolate, parse
from kernel.transport.addresses import AddressPolicy
from kernel.transport.errors import InvalidRequest
from kernel.transport.origin import parse_url

_PLAIN_ADDRESS = re.compile(r"[a-z]+://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/%-]*)?(?:\?[A-Za-z0-9._~=&%+:-]*)?")
"""Nothing in which two readers of addresses could see two different hosts."""
_SAMPLE = {"address": "13800000000", "username": "somebody"}


class AddressRefused(Exception):
    """The address is none of its kind, or may not be dialled; the text says why."""


class AddressRules:
    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    def check(self, kind: Kind, address: str) -> str:
        """The part of an address, or of an address template, that may be shown.

        Raises:
            AddressRefused: not for this kind of channel.
        """
        filled = _filled_with_sample(address)
        schemes = SCHEMES[kind]
        scheme = filled.partition("://")[0].lower()
        for own, web in schemes.own_host:
            if scheme == own:
                return f"{own}://{self._host(web, filled)}"
        if scheme not in schemes.fixed or "://" not in filled:
            raise AddressRefused(f"begins with none of {', '.join(f'{name}://' for name in schemes.names)}")
        return f"{scheme}://…"

    @staticmethod
    def sample(template: str) -> str:
        """The template's address for a made-up receiver, to see whether it can be read.

        Raises:
            AddressRefused: it names what no message has.
        """
        return _filled_with_sample(template)

    def _host(self, web: str, address: str) -> str:
        if not _PLAIN_ADDRESS.fullmatch(address):
            raise AddressRefused("must be a host, a path and parameters in plain characters, without user or password")
        try:
            origin, _ = parse_url(f"{web}://{urlsplit(address).netloc}/")
        except (InvalidRequest, ValueError) as error:
            raise AddressRefused(str(error)) from None
        try:
            literal = ipaddress.ip_address(origin.host)
        except ValueError:
            return origin.authority
        if not self._policy.permits(origin, literal):
            raise AddressRefused(
                f"{origin} is not public; an operator can list it in TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS"
            )
        return origin.authority


def takes_address(template: str) -> bool:
    """Whether each receiver has an address of his own in it; a group's robot has none."""
    return any(isinstance(part, Reference) and part.path == ("address",) for part in parse(template))


def filled(template: str, address: str, username: str) -> str:
    """The template's address for one receiver; what is put in can't lead it elsewhere."""
    values = {"address": quote(address, safe=""), "username": quote(username, safe="")}
    return str(interpolate(template, values))


def _filled_with_sample(template: str) -> str:
    try:
        parts = parse(template)
    except ExpressionSyntaxError as error:
        raise AddressRefused(str(error)) from None
    for part in parts:
        if isinstance(part, Reference) and part.path not in {("address",), ("username",)}:
            raise AddressRefused(f"{part.text} is not known; there are ${{address}} and ${{username}}")
    scheme, _, rest = template.partition("://")
    if "${" in scheme or "${" in rest.split("/", maxsplit=1)[0].rpartition("@")[2].split("?", maxsplit=1)[0]:
        raise AddressRefused("names its host by a value; write the host itself")
    return str(interpolate(template, _SAMPLE))
