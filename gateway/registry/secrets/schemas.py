from gateway.fields import Time, View
from gateway.snapshot.schemas import LiveView


class NamedSecretView(View):
    """Attributes:
    reference: where an outside source has it.
    used_by: stages whose signing or upstreams use it.
    read_at: when an outside source gave it last; `problem` is why it didn't since.
    """

    name: str
    source: str
    reference: dict[str, str]
    used_by: list[str]
    updated_by: str
    updated_at: Time
    read_at: Time | None
    problem: str | None


class ChangedSecret(LiveView):
    secret: NamedSecretView
