"""The models authors derive from. pydantic 2 inside; what authors wrote for pydantic 1 keeps its meaning."""

import inspect
import warnings
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.warnings import PydanticDeprecatedSince20

from trunkline_plugin.field import Field
from trunkline_plugin.v1_habits import V1Habits

__all__ = ["ContextRequire", "Field", "FormModel", "InputsModel", "OutputsModel", "PluginCallbackModel"]


class _Model(BaseModel, metaclass=V1Habits):
    model_config = ConfigDict(coerce_numbers_to_str=True, arbitrary_types_allowed=True, protected_namespaces=())

    def dict(self, **options: Any) -> dict[str, Any]:
        """As `model_dump`."""
        return self.model_dump(**options)

    def json(self, **options: Any) -> str:
        """As `model_dump_json`, except that options of `json.dumps` are let pass."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PydanticDeprecatedSince20)
            return super().json(**options)


class InputsModel(_Model):
    """What a flow gives to a plugin. What isn't a field is ignored."""


class OutputsModel(_Model):
    """What a flow gets from a plugin: describes `context.outputs`, checks nothing."""


class ContextRequire(_Model):
    """Which values of the task's context a plugin asks for."""


# Whom to tell of a run's end, and with which body. A docstring would stand in every schema that has it.
class PluginCallbackModel(BaseModel):
    url: str
    data: dict[str, Any]


class FormModel:
    """Additions to the schema of inputs: each attribute is a dictionary, merged into the property of its name."""

    @classmethod
    def fields(cls) -> list[str]:
        members = inspect.getmembers(cls, lambda member: not inspect.isroutine(member))
        return [name for name, _ in members if not name.startswith("_")]
