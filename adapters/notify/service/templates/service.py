"""Templates: kept in versions, previewed, and used by messages."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.content import BodyFormat, Content
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.templates import schemas
from adapters.notify.service.templates.models import TemplateVersion
from adapters.notify.service.templates.rendering import RenderingFailed, Text, render
from adapters.notify.service.templates.repository import TemplateRepository
from adapters.notify.service.times import shown_time
from adapters.notify.service.transports.html import plain_text, safe_html
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.expressions.errors import ExpressionError
from kernel.http.signed_only import SignedCaller


class TemplateService:
    def __init__(self, repository: TemplateRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def save_template(self, session: AsyncSession, caller: SignedCaller, asked: schemas.SaveTemplate) -> Any:
        for language, text in asked.texts.items():
            _names(Text(text.title, text.content), f"texts.{language}")
        newest = await self._repository.find(session, asked.name, None)
        row = TemplateVersion(
            name=asked.name,
            version=newest.version + 1 if newest is not None else 1,
            description=asked.description,
            body_format=asked.body_format,
            texts={language: text.model_dump() for language, text in asked.texts.items()},
            created_by=caller.user or caller.app,
            created_at=self._clock.now(),
        )
        session.add(row)
        try:
            await session.flush()
        except IntegrityError:
            raise ParameterWrong("name", "was saved by somebody else at this moment; save again") from None
        after = {"version": row.version, "body_format": row.body_format, "languages": sorted(row.texts)}
        record(session, caller.principal, "notify_template.saved", "notify_template", row.name, after=after)
        return {"name": row.name, "version": row.version}

    async def list_templates(self, session: AsyncSession, _caller: SignedCaller, _asked: Any) -> Any:
        return [_summary(row) for row in await self._repository.newest(session)]

    async def get_template(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.OfTemplate) -> Any:
        row = await self._found(session, asked.name, asked.version)
        texts = {language: Text(**text) for language, text in row.texts.items()}
        return {
            **_summary(row),
            "texts": row.texts,
            "values": sorted({name for text in texts.values() for name in text.names()}),
            "versions": await self._repository.versions(session, asked.name),
        }

    async def delete_template(self, session: AsyncSession, caller: SignedCaller, asked: schemas.TemplateOnly) -> Any:
        row = await self._found(session, asked.name, None)
        before = {"version": row.version, "languages": sorted(row.texts)}
        record(session, caller.principal, "notify_template.deleted", "notify_template", asked.name, before=before)
        await self._repository.remove(session, asked.name)
        return {"name": row.name, "version": row.version}

    async def preview_template(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.PreviewTemplate
    ) -> Any:
        if asked.text is not None:
            text = Text(asked.text.title, asked.text.content)
            _names(text, "text")
            content = _rendered(text, asked.body_format, asked.values, "values")
        elif asked.name is not None:
            content = await self.rendered(session, asked.name, asked.version, asked.language, asked.values, "values")
        else:
            raise ParameterWrong("name", "is missing; send it, or text")
        is_html = content.body_format == "Html"
        safe = safe_html(content.text) if is_html else content.text
        return {"title": content.title, "content": safe, "plain_text": plain_text(safe) if is_html else safe}

    async def rendered(
        self,
        session: AsyncSession,
        name: str,
        version: int | None,
        language: str,
        values: Mapping[str, Any],
        field: str,
    ) -> Content:
        """A kept template with its values; in the other language where it has none in this.

        Args:
            field: the parameter that holds the values.

        Raises:
            ParameterWrong: no such template or version, or a value is missing.
        """
        row = await self._found(session, name, version)
        text = row.texts.get(language) or next(iter(row.texts.values()))
        return _rendered(Text(**text), "Html" if row.body_format == "Html" else "Text", values, field)

    async def _found(self, session: AsyncSession, name: str, version: int | None) -> TemplateVersion:
        row = await self._repository.find(session, name, version)
        if row is None:
            which = name if version is None else f"{name} version {version}"
            raise ParameterWrong("name", f"there is no template {which}")
        return row


def _names(text: Text, field: str) -> list[str]:
    try:
        return text.names()
    except ExpressionError as error:
        raise ParameterWrong(field, str(error)) from None


def _rendered(text: Text, body_format: BodyFormat, values: Mapping[str, Any], field: str) -> Content:
    try:
        return render(text, body_format, values)
    except RenderingFailed as error:
        raise ParameterWrong(field, f"{error} (in the {error.place})") from None


def _summary(row: TemplateVersion) -> dict[str, Any]:
    return {
        "name": row.name,
        "version": row.version,
        "description": row.description,
        "body_format": row.body_format,
        "languages": sorted(row.texts),
        "created_by": row.created_by,
        "created_at": shown_time(row.created_at),
    }
