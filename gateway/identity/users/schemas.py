from typing import Annotated, Literal

from pydantic import Field, SecretStr

from gateway.fields import Input, Line, Time, Username, View

Language = Literal["en", "zh"]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=256)]


class NewUser(Input):
    """Attributes:
    password: none lets him sign in by a link to set one, or through an identity provider.
    language: none leaves it to his browser.
    """

    username: Username
    password: NewPassword | None = None
    display_name: Line = ""
    email: Line = ""
    is_admin: bool = False
    language: Language | None = None


class UserChange(Input):
    """What is left out stays; `language` null leaves it to the browser again."""

    display_name: Line | None = None
    email: Line | None = None
    language: Language | None = None

    def changes(self) -> dict[str, str | None]:
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name == "language"}


class UserView(View):
    id: str
    username: str
    display_name: str
    email: str
    is_admin: bool
    is_active: bool
    has_password: bool
    must_change_password: bool
    language: str | None
    created_at: Time


class PasswordReset(Input):
    """Attributes:
    by: `link` leaves the password until the person sets another by the link; `temporary` replaces it now by one that
        he must change when he signs in.
    """

    by: Literal["link", "temporary"] = "link"


class PasswordResetView(View):
    """Attributes:
    url: to be handed to the person; opens once.
    password: shown this once.
    """

    username: str
    url: str | None = None
    expires_at: Time | None = None
    password: str | None = None


class LinkedPassword(Input):
    token: Annotated[SecretStr, Field(min_length=1, max_length=200)]
    password: NewPassword


class PasswordChange(Input):
    old_password: Annotated[SecretStr, Field(min_length=1, max_length=256)]
    new_password: NewPassword
