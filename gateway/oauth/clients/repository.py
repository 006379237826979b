from dataclasses import fields

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.clients.models import ClientRegistration
from gateway.oauth.clients.settings import ClientSettings

_LISTS = ("redirect_uris", "post_logout_redirect_uris", "grant_types")


async def client_settings(session: AsyncSession, app_code: str) -> ClientSettings:
    """Of an app; the usual ones where nobody set it up."""
    row = await session.get(ClientRegistration, app_code)
    if row is None:
        return ClientSettings()
    values = {each.name: getattr(row, each.name) for each in fields(ClientSettings)}
    return ClientSettings(**values | {name: tuple(values[name]) for name in _LISTS})


async def put_client_settings(session: AsyncSession, app_code: str, settings: ClientSettings) -> None:
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    values |= {name: list(values[name]) for name in _LISTS}
    await session.merge(ClientRegistration(app_code=app_code, **values))
    await session.flush()
