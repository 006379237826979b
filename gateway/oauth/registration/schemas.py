from gateway.fields import Input, Moment, RequiredLine, Time, View


class NewRegistrationToken(Input):
    """Attributes:
    expires_at: at most 90 days ahead.
    """

    name: RequiredLine
    expires_at: Moment


class RegistrationTokenView(View):
    id: str
    name: str
    created_at: Time
    expires_at: Time


class CreatedRegistrationToken(RegistrationTokenView):
    """Attributes:
    token: shown this once.
    """

    token: str
