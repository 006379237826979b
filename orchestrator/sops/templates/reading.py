"""What clients send as a flow: a tree, its JSON, or YAML."""

import json
import re
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.yaml_text import Unreadable, read_yaml
from orchestrator.flow.blueking.archive import Template
from orchestrator.flow.blueking.nodes import Counterparts, called_template
from orchestrator.flow.blueking.tree import Converted, NoTree, convert_tree, is_tree
from orchestrator.flow.blueking.yaml_flow import is_yaml_flow, read_yaml_flow
from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.numbers import Kind, subjects_of

_FIELD: Final = "pipeline_tree"
_NUMBER = re.compile(r"[1-9]\d{0,15}")


def read_template(given: dict[str, Any] | str, form: str) -> Template:
    """Raises:
    ParameterWrong: it can't be read, or is several.
    """
    if form == "yaml":
        return _of_yaml(given)
    tree = _of_json(given) if isinstance(given, str) else given
    if not is_tree(tree):
        raise ParameterWrong(_FIELD, "has no start_event, end_event, activities, gateways and flows")
    return Template("", "", "", tree)


async def converted(session: AsyncSession, template: Template) -> Converted:
    """The definition that does the same; templates that are run inside are the flows of their numbers.

    Raises:
        ParameterWrong: the tree is none.
    """
    activities = template.tree.get("activities")
    called = {
        called_template(activity)
        for activity in (activities.values() if isinstance(activities, dict) else ())
        if isinstance(activity, dict)
    }
    numbers = await subjects_of(session, Kind.FLOW, [int(name) for name in called if _NUMBER.fullmatch(name)])
    return convert(template, Counterparts({}, {str(number): flow for number, flow in numbers.items()}))


def convert(template: Template, counterparts: Counterparts) -> Converted:
    """Raises ParameterWrong."""
    try:
        return convert_tree(template.tree, counterparts, template.executor)
    except NoTree as error:
        raise ParameterWrong(_FIELD, str(error)) from None


def _of_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ParameterWrong(_FIELD, "is not the JSON of a tree") from None


def _of_yaml(given: dict[str, Any] | str) -> Template:
    if not isinstance(given, str):
        raise ParameterWrong(_FIELD, "is no text; format yaml wants one")
    try:
        document = read_yaml(given, takes_aliases=False)
        if not is_yaml_flow(document):
            raise ParameterWrong(_FIELD, "is not one document with schema_version v1 and spec")
        return read_yaml_flow(document)
    except (Unreadable, NoTree) as error:
        raise ParameterWrong(_FIELD, str(error)) from None
