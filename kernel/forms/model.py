"""The one form model of the product: what JSON Forms draws and the server validates."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Form:
    """A sound form; `kernel.forms.check.read_form` makes one from a document.

    Attributes:
        schema: JSON Schema 2020-12 of the data; English titles and descriptions stand here.
        uischema: JSON Forms UI schema; `None` lets the console arrange the controls in the schema's order.
        i18n: language → key as JSON Forms' translator asks for it (`ip.label`) → text.
    """

    schema: Mapping[str, Any]
    uischema: Mapping[str, Any] | None = None
    i18n: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def in_languages(self, texts: Mapping[str, Mapping[str, str]]) -> "Form":
        """The form with further texts, which go before those it has."""
        languages = sorted(self.i18n.keys() | texts.keys())
        spoken = {language: {**self.i18n.get(language, {}), **texts.get(language, {})} for language in languages}
        return replace(self, i18n=spoken)

    def document(self) -> dict[str, Any]:
        """The wire shape."""
        return {
            "schema": dict(self.schema),
            "uischema": dict(self.uischema) if self.uischema is not None else None,
            "i18n": {language: dict(texts) for language, texts in self.i18n.items()},
        }
