"""Formats of texts that mean something here, besides those of JSON Schema. Pure."""

from typing import Final

NOTICE_GROUP: Final = "notice-group"
"""Names a group of people of the project, who are told together; forms offer those there are."""
