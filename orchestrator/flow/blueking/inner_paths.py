"""What of a variable's value ``${name.member}`` names, by the type of the variable: some have other members here."""

import re
from collections.abc import Callable, Mapping
from typing import Final

_OF_TABLE = re.compile(r"\.(?!flat__)(\w+)(\[\d+\])(.*)")
_OF_ROW = re.compile(r"(\[\d+\])\.(\w+)(.*)")
_OF_KEPT_SET = re.compile(r"\.bk_(set_id|module_id)((?:\[\d+\])?)")
_OF_SET = re.compile(r"\.(set_id|module_id)((?:\[\d+\])?)")
_OF_CHOICE = re.compile(r"""(?:\.value|\["value"\]|\['value'\])""")
_ASKS_INVENTORY: Final = "is looked up in the inventory: have a step look it up, and name what that gives"


class NoSuchMember(Exception):
    """The text says why."""


def inner_path(kind: str, rest: str) -> str:
    """What follows the name of a variable of a type, as it is here.

    Raises:
        NoSuchMember: nothing stands for it.
    """
    read = _BY_KIND.get(kind)
    return rest if read is None else read(rest)


def outer_path(kind: str, rest: str) -> str:
    """The other way; as it is where Standard OPS has no other."""
    match kind:
        case "datatable" if found := _OF_ROW.fullmatch(rest):
            return f".{found[2]}{found[1]}{found[3]}"
        case "set_module_selector" if found := _OF_KEPT_SET.fullmatch(rest):
            return f".{found[1]}{found[2]}"
        case _:
            return rest


def _table(rest: str) -> str:
    """A column's n-th row is the n-th row's column."""
    if not rest:
        return rest
    found = _OF_TABLE.fullmatch(rest)
    if found is None:
        raise NoSuchMember("takes a whole column of a table: go through its rows in an expression node")
    return f"{found[2]}.{found[1]}{found[3]}"


def _set_and_modules(rest: str) -> str:
    if not rest:
        return rest
    found = _OF_SET.fullmatch(rest)
    if found is None:
        raise NoSuchMember(_ASKS_INVENTORY)
    return f".bk_{found[1]}{found[2]}"


def _choice(rest: str) -> str:
    if _OF_CHOICE.fullmatch(rest) is None:
        raise NoSuchMember("names the text of a choice, or those that were not chosen: only its value is known here")
    return ""


def _inventory(_rest: str) -> str:
    raise NoSuchMember(_ASKS_INVENTORY)


_BY_KIND: Final[Mapping[str, Callable[[str], str]]] = {
    "datatable": _table,
    "set_module_selector": _set_and_modules,
    "text_value_select": _choice,
    "set_group_selector": _inventory,
    "set_filter_selector": _inventory,
    "attribute_query": _inventory,
}
