from gateway.fields import Time, View


class ProjectSecretView(View):
    """Attributes:
    reference: where an outside source has it.
    """

    name: str
    source: str
    reference: dict[str, str]
    updated_by: str
    updated_at: Time
