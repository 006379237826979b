"""What the gateway's endpoints ask for."""

from typing import Annotated

from fastapi import Depends, Request

from gateway.services import GatewayServices
from kernel.principal import Principal


def gateway_services(request: Request) -> GatewayServices:
    services: GatewayServices = request.app.state.gateway.services
    return services


GatewayDep = Annotated[GatewayServices, Depends(gateway_services)]


async def caller(request: Request, gateway: GatewayDep) -> Principal:
    """Who calls, for endpoints that open their own units of work: established without holding one."""
    async with gateway.database.reading() as session:
        return await gateway.authenticator.authenticate(session, request)


CallerDep = Annotated[Principal, Depends(caller)]
