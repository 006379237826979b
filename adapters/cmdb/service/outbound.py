"""Addresses outside the product that the inventory calls."""

from adapters.cmdb.service.errors import ParameterWrong
from kernel.transport.address_problem import address_problem
from kernel.transport.addresses import AddressPolicy


async def checked_address(policy: AddressPolicy, url: str, field: str) -> str:
    """The address, if it may be called now.

    Raises:
        ParameterWrong: naming `field` and the remedy.
    """
    problem = await address_problem(policy, url)
    if problem is not None:
        raise ParameterWrong(field, problem)
    return url
