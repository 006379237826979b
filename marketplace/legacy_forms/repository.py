from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.legacy_forms.models import FormScriptRow


async def find_form_script(session: AsyncSession, version_id: str) -> FormScriptRow | None:
    return await session.get(FormScriptRow, version_id)
