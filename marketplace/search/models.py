from sqlalchemy import String
from sqlmodel import Field, SQLModel

_Term = String(64).with_variant(String(64, collation="C"), "postgresql")
"""Compared sign by sign, so that a prefix is a range of the index."""


class SearchTermRow(SQLModel, table=True):
    """A word under which a plugin is found, and how much it says of it."""

    __tablename__ = "marketplace_search_term"

    term: str = Field(primary_key=True, sa_type=_Term)
    plugin_code: str = Field(primary_key=True, max_length=64, foreign_key="marketplace_plugin.code", index=True)
    weight: int


class FacetRow(SQLModel, table=True):
    """A property by which the catalogue is narrowed, as a plugin's latest version has it."""

    __tablename__ = "marketplace_facet"

    facet: str = Field(primary_key=True, max_length=16)
    value: str = Field(primary_key=True, max_length=128)
    plugin_code: str = Field(primary_key=True, max_length=64, foreign_key="marketplace_plugin.code", index=True)
