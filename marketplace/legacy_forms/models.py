from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class FormScriptRow(SQLModel, table=True):
    """The form.js of a published version; never changed once written.

    `code` is the name the form registered itself under. `report` is `Conversion.document()` without the model, which
    stands in the version's manifest; as JSON text, since JSON columns forget the order of members.
    """

    __tablename__ = "marketplace_form_script"

    version_id: str = Field(primary_key=True, max_length=32, foreign_key="marketplace_plugin_version.id")
    code: str = Field(max_length=128)
    source: str = Field(sa_type=Text)
    report: str = Field(sa_type=Text)
