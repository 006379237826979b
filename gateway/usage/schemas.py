import datetime as dt

from gateway.fields import View


class UseView(View):
    """Attributes:
    app_code: empty for calls without an identity.
    errors: calls the gateway refused, or that ended with a status from 500.
    """

    component: str
    app_code: str
    calls: int
    errors: int
    last_day: dt.date
