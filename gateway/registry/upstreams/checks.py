"""What an upstream's settings must be beyond their shape, whoever wrote them: a form or a document."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.registry.upstreams.address_policy import UpstreamPolicy
from kernel.errors import Invalid
from kernel.transport.origin import parse_url
from kernel.transport.tls import ClientTls


async def checked_targets(
    addresses: UpstreamPolicy, targets: Sequence[Mapping[str, Any]], at: str = ""
) -> list[dict[str, Any]]:
    """The targets, their addresses without a slash at their ends.

    Args:
        at: what stands before the names of fields in errors.

    Raises:
        Invalid: a target that must not be called or stands twice, or targets with different paths.
    """
    checked = [
        {**target, "url": await addresses.check(target["url"], f"{at}targets.{place}.url")}
        for place, target in enumerate(targets)
    ]
    places: dict[str, int] = {}
    paths: set[str] = set()
    for place, target in enumerate(checked):
        origin, path = parse_url(target["url"])
        paths.add(path.rstrip("/"))
        if places.setdefault(str(origin), place) != place:
            raise Invalid.field(f"{at}targets.{place}.url", f"{origin} is there already", "Give it one weight")
    if len(paths) > 1:
        raise Invalid.field(f"{at}targets", "have different paths", "Give all of them the same path")
    return checked


async def check_tls(
    targets: Sequence[Mapping[str, Any]], authority: str, certificate: str, key: bytes, at: str = ""
) -> None:
    """Raises Invalid unless a connection to these targets can be made with this."""
    if any(parse_url(target["url"])[0].scheme != "https" for target in targets):
        raise Invalid.field(f"{at}tls", "is for https alone", "Give every target an https address, or leave tls out")
    try:
        await asyncio.to_thread(ClientTls(authority, certificate, key).context)
    except ValueError as error:
        raise Invalid.field(f"{at}tls", str(error), "Send PEM, the private key unencrypted") from error
