from sqlalchemy import String
from sqlmodel import Field, SQLModel

_Term = String(64).with_variant(String(64, collation="C"), "postgresql")
"""Compared sign by sign, so that a prefix is a range of the index."""

_AS_AN_INDEX = {"sqlite_with_rowid": False}
"""Rows lie in the order of their key, so that what is found there need not be looked up elsewhere."""


class SearchTermRow(SQLModel, table=True):
    """A word under which a plugin is found, and how much it says of it."""

    __tablename__ = "marketplace_search_term"
    __table_args__ = _AS_AN_INDEX

    term: str = Field(primary_key=True, sa_type=_Term)
    plugin_id: str = Field(primary_key=True, max_length=32, foreign_key="marketplace_plugin.id", index=True)
    weight: int


class FacetRow(SQLModel, table=True):
    """A property by which the catalogue is narrowed, as a plugin's latest version has it."""

    __tablename__ = "marketplace_facet"
    __table_args__ = _AS_AN_INDEX

    facet: str = Field(primary_key=True, max_length=16)
    value: str = Field(primary_key=True, max_length=128)
    plugin_id: str = Field(primary_key=True, max_length=32, foreign_key="marketplace_plugin.id", index=True)
