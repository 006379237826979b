from gateway.fields import Input, Moment, Time, View


class DeputyInput(Input):
    """Attributes:
    starts_at: left out, now.
    """

    starts_at: Moment | None = None
    ends_at: Moment


class DeputyView(View):
    username: str
    starts_at: Time
    ends_at: Time
    named_by: str
