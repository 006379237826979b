from gateway.fields import AppCode, Input, RequiredLine, Text, Time, View
from gateway.snapshot.schemas import LiveView


class NewApp(Input):
    app_code: AppCode
    name: RequiredLine
    description: Text = ""


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
    created_at: Time


class CreatedApp(AppView, LiveView):
    """Attributes:
    app_secret: shown this once.
    """

    app_secret: str


class SecretView(View):
    id: str
    created_by: str
    created_at: Time


class CreatedSecret(SecretView, LiveView):
    """Attributes:
    app_secret: shown this once.
    """

    app_secret: str
