"""Which project roles a CMDB business's people have. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

USUAL_ROLES: Final = MappingProxyType(
    {
        "bk_biz_maintainer": "maintainer",
        "bk_biz_developer": "developer",
        "bk_biz_productor": "operator",
        "operator": "operator",
        "bk_biz_tester": "viewer",
    }
)
"""The business's role field → the project's role. Nobody becomes owner of a project from outside."""

_SEPARATORS = re.compile(r"[,;，；\s]+")


def roles_of_business(business: Mapping[str, Any], rules: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """(user name, project role) of everybody the business names in a field that has a rule."""
    return frozenset((name, role) for field, role in rules.items() for name in _names(business.get(field)))


def _names(value: Any) -> list[str]:
    """The CMDB keeps people of a field in one text, separated by commas; some answer a list."""
    parts = value if isinstance(value, list) else _SEPARATORS.split(value) if isinstance(value, str) else []
    return [name for name in parts if isinstance(name, str) and name]
