"""The form.js of plugins: previewed for authors, kept with published versions, and checked against values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import FieldProblem
from kernel.forms.model import Form
from kernel.principal import Principal
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.convert import Texts
from marketplace.legacy_forms.errors import FormScriptUnknown
from marketplace.legacy_forms.models import FormScriptRow
from marketplace.legacy_forms.reading import form_value_problems, read_form_script
from marketplace.legacy_forms.repository import find_form_script
from marketplace.legacy_forms.sandbox.pool import Sandbox
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginVersionRow


@dataclass(frozen=True, slots=True)
class KeptScript:
    """The form.js of a published version, with the model its version is published with."""

    row: FormScriptRow
    form: Form

    def document(self) -> dict[str, Any]:
        """As `Conversion.document`."""
        kept: dict[str, Any] = json.loads(self.row.report)
        return {**kept, "form": self.form.document()}


class FormScriptService:
    def __init__(self, authorizer: Authorizer, sandbox: Sandbox, manifests: ManifestCache) -> None:
        self._authorizer = authorizer
        self._sandbox = sandbox
        self._manifests = manifests

    async def require_author(self, session: AsyncSession, principal: Principal) -> None:
        """Raises:
        PermissionDenied: the caller publishes no plugins, so no form is evaluated for him.
        """
        await self._authorizer.require(session, principal, Action.PLUGIN_PUBLISH, PLATFORM)

    async def convert(self, source: str, code: str | None = None, texts: Texts | None = None) -> Conversion:
        """What a form.js becomes; nothing is kept. Takes its time: call it outside of transactions.

        Raises:
            FormRefused: it can't be evaluated, or is no form.
        """
        return await read_form_script(self._sandbox, source, code, texts)

    async def kept(self, session: AsyncSession, version: PluginVersionRow) -> KeptScript:
        """Raises:
        FormScriptUnknown: the version has none.
        """
        row = await find_form_script(session, version.id)
        if row is None:
            raise FormScriptUnknown(f"{version.plugin_code} {version.version} was published without a form.js")
        form = self._manifests.manifest_of(version).form_document()
        return KeptScript(row, Form(form["schema"], form["uischema"], form["i18n"]))

    async def value_problems(
        self, script: KeptScript, values: Mapping[str, Any], context: Mapping[str, Any], hooked: Sequence[str]
    ) -> list[FieldProblem]:
        """What is wrong with values, by the model and by the form's own rules. As `convert`, outside of transactions.

        Raises:
            FormRefused: its rules can't be evaluated.
        """
        row = script.row
        return await form_value_problems(
            self._sandbox, row.source, row.code, script.form.schema, values, context=context, hooked=hooked
        )
