from gateway.fields import Input, Moment, RequiredLine, Time, View


class NewApiToken(Input):
    name: RequiredLine
    expires_at: Moment | None = None


class ApiTokenView(View):
    id: str
    name: str
    created_at: Time
    expires_at: Time | None


class CreatedApiToken(ApiTokenView):
    """Attributes:
    token: shown this once.
    """

    token: str
