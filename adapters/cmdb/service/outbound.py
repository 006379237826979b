"""Addresses outside the product that the inventory calls."""

from adapters.cmdb.service.errors import ParameterWrong
from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.errors import AddressDenied, InvalidRequest, ResolveFailed
from kernel.transport.origin import parse_url


async def checked_address(policy: AddressPolicy, url: str, field: str) -> str:
    """The address, if it may be called now. It is checked again whenever it is called.

    Raises:
        ParameterWrong: naming `field` and the remedy.
    """
    try:
        origin, _ = parse_url(url)
        await resolve(origin, policy)
    except InvalidRequest as error:
        raise ParameterWrong(field, str(error)) from None
    except AddressDenied:
        remedy = f"have the operator add {origin} to TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS"
        raise ParameterWrong(field, f"leads inside the machine or its network; {remedy}") from None
    except ResolveFailed as error:
        raise ParameterWrong(field, str(error)) from None
    return url
