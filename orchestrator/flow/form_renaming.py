"""The form of a flow with an input under another name. Pure.

A draft may be kept with a form that is not sound: what is of another type than it should be stays as it is.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kernel.forms.pointers import pointer, resolve_pointer

_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
"""Keywords of a schema whose schemas are of the same object."""
_OBJECTS: Final = ("const", "default", "enum", "examples")
"""Keywords of a schema that hold such objects themselves."""
_ANY_NAME: Final = ("patternProperties", "propertyNames")


class FormRenaming:
    """Attributes:
    left: what would not follow, in words.
    """

    def __init__(self, before: str, after: str, schema: Mapping[str, Any]) -> None:
        self._before = before
        self._after = after
        self._whole = schema
        self._place = f"#/properties{pointer([before])}"
        self._followed: set[str] = set()
        self.left: list[str] = []

    def form(self, form: Mapping[str, Any]) -> dict[str, Any]:
        renamed = {**form, "schema": self._references(self._schema(form["schema"]))}
        if form.get("uischema") is not None:
            renamed["uischema"] = self._scopes(form["uischema"])
        if isinstance(form.get("i18n"), Mapping):
            renamed["i18n"] = {language: self._texts(texts) for language, texts in form["i18n"].items()}
        return renamed

    def _schema(self, schema: Any) -> Any:
        """The schema of the inputs as a whole, or one that holds for the same object."""
        if not isinstance(schema, Mapping):
            return schema
        self._look_for_what_stays(schema)
        return {keyword: self._part(keyword, part) for keyword, part in schema.items()}

    def _part(self, keyword: str, part: Any) -> Any:
        if keyword == "properties":
            return self._object(part)
        if keyword == "required":
            return self._names(part)
        if keyword == "dependentRequired":
            return self._object(_each_member(self._names, part))
        if keyword == "dependentSchemas":
            return self._object(_each_member(self._schema, part))
        if keyword in _IN_PLACE:
            return _each_item(self._schema, part)
        return _each_item(self._object, part) if keyword in _OBJECTS else part

    def _look_for_what_stays(self, schema: Mapping[str, Any]) -> None:
        """Names that are told by patterns, and schemas that others may refer to for objects of their own."""
        self.left += [
            f"{keyword} means inputs by what their names look like" for keyword in _ANY_NAME if keyword in schema
        ]
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/") or reference in self._followed:
            return
        self._followed.add(reference)
        try:
            target = resolve_pointer(self._whole, reference[1:])
        except LookupError:
            return
        if self._schema(target) != target:
            self.left.append(f"{reference} names {self._before}, and may be meant elsewhere too")

    def _references(self, schema: Any) -> Any:
        """References to the input's own schema, wherever they stand."""
        if isinstance(schema, list):
            return [self._references(each) for each in schema]
        if not isinstance(schema, Mapping):
            return schema
        renamed = {name: self._references(part) for name, part in schema.items()}
        if isinstance(schema.get("$ref"), str):
            renamed["$ref"] = self._scope(schema["$ref"])
        return renamed

    def _scopes(self, element: Any) -> Any:
        """Every scope of a layout, of its controls and of the rules that show or hide them; scopes in the options of a
        control are those of its own rows.
        """
        if isinstance(element, Mapping):
            renamed = {name: value if name == "options" else self._scopes(value) for name, value in element.items()}
            if isinstance(element.get("scope"), str):
                renamed["scope"] = self._scope(element["scope"])
                if element["scope"] == "#" and "schema" in element:
                    renamed["schema"] = self._schema(element["schema"])
            return renamed
        if isinstance(element, list):
            return [self._scopes(each) for each in element]
        return element

    def _scope(self, scope: str) -> str:
        if scope != self._place and not scope.startswith(f"{self._place}/"):
            return scope
        return f"#/properties/{self._after}{scope.removeprefix(self._place)}"

    def _texts(self, texts: Any) -> Any:
        return {self._key(key): text for key, text in texts.items()} if isinstance(texts, Mapping) else texts

    def _key(self, key: str) -> str:
        """Of a text in another language: the field, or a part of it after a dot."""
        name, dot, rest = key.partition(".")
        return f"{self._after}{dot}{rest}" if name == self._before else key

    def _object(self, value: Any) -> Any:
        return {self._name(name): part for name, part in value.items()} if isinstance(value, Mapping) else value

    def _names(self, names: Any) -> Any:
        return [self._name(name) for name in names] if isinstance(names, list) else names

    def _name(self, name: Any) -> Any:
        return self._after if name == self._before else name


def _each_item(change: Callable[[Any], Any], value: Any) -> Any:
    return [change(each) for each in value] if isinstance(value, list) else change(value)


def _each_member(change: Callable[[Any], Any], value: Any) -> Any:
    return {name: change(each) for name, each in value.items()} if isinstance(value, Mapping) else value
