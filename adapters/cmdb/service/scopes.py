"""Scopes of the inventory's components."""

from typing import Final

READ: Final = "cmdb:read"
WRITE: Final = "cmdb:write"
MANAGE: Final = "cmdb:manage"
