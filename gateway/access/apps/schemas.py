from gateway.fields import AppCode, Input, RequiredLine, Text, Time, View
from gateway.snapshot.schemas import LiveView


class NewApp(Input):
    app_code: AppCode
    name: RequiredLine
    description: Text = ""
    may_sign: bool = False


class AppChange(Input):
    """What is left out stays.

    Attributes:
        enabled: false refuses all its calls within a second, ends the tokens it has for good, and gives it none until
            it is true again.
        may_name_user: the app's word about who its user is (`bk_username`) is believed; for administrators to say.
        may_sign: secrets made from now on can sign calls (`bk_signature`); taking it away ends that for all of them.
    """

    name: RequiredLine | None = None
    description: Text | None = None
    enabled: bool | None = None
    may_name_user: bool | None = None
    may_sign: bool | None = None


class AppView(View):
    """Attributes:
    project_id: set for a project's service app.
    """

    app_code: str
    name: str
    description: str
    owner: str | None
    project_id: str | None
    enabled: bool
    may_name_user: bool
    may_sign: bool
    created_at: Time


class ChangedApp(AppView, LiveView):
    """The app, and when the change holds everywhere."""


class CreatedApp(AppView, LiveView):
    """Attributes:
    app_secret: shown this once.
    """

    app_secret: str


class SecretView(View):
    """Attributes:
    signs: whether calls may be signed with it.
    """

    id: str
    signs: bool
    created_by: str
    created_at: Time


class CreatedSecret(SecretView, LiveView):
    """Attributes:
    app_secret: shown this once.
    """

    app_secret: str
