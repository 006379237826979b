import datetime as dt

from sqlmodel import Field, SQLModel


class PluginRunDay(SQLModel, table=True):
    """How often a version ended well, and badly, on a day, in all projects together.

    `version` is empty where runs were counted before versions were told apart.
    """

    __tablename__ = "marketplace_run_day"

    plugin: str = Field(primary_key=True, max_length=64)
    version: str = Field(primary_key=True, max_length=64)
    day: dt.date = Field(primary_key=True)
    succeeded: int
    failed: int
