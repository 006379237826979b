from typing import Annotated, Literal

from pydantic import Field, SecretStr

from gateway.fields import Input, Line, Time, Username, View


class NewUser(Input):
    username: Username
    password: Annotated[SecretStr, Field(min_length=8, max_length=256)]
    display_name: Line = ""
    is_admin: bool = False
    language: Literal["en", "zh"] = "en"


class UserView(View):
    id: str
    username: str
    display_name: str
    is_admin: bool
    is_active: bool
    language: str
    created_at: Time
