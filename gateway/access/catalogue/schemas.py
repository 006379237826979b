from gateway.fields import Time, View


class ListedSystemView(View):
    """Attributes:
    components: how many stage `prod` serves to the public.
    free: how many of them need no grant.
    """

    name: str
    title: str
    description: str
    aliases: list[str]
    owner: str
    components: int
    free: int


class ScopeWordsView(View):
    """Attributes:
    text: what the scope lets an app do, by language: `zh` and `en`.
    components: `system.component` that it opens.
    """

    scope: str
    text: dict[str, str]
    components: list[str]


class HeldGrantView(View):
    """Attributes:
    component: null for the whole system.
    """

    id: str
    application_id: str
    app_code: str
    component: str | None
    state: str
    expires_at: Time | None


class ListedComponentView(View):
    """Attributes:
    owner: of its system: who decides.
    needs_grant: an app needs one to call it; otherwise any app may.
    may_apply: grants may be applied for; otherwise the owner gives them unasked.
    apply_for: what to name in an application to call it; null when no grant is needed, or nobody may apply.
    scopes: all needed in a token, or `system.component` alone.
    grants: of the caller's apps, that hold it or wait for it.
    """

    system: str
    system_title: str
    owner: str
    name: str
    method: str
    path: str
    title: str
    description: str
    texts: dict[str, dict[str, str]]
    labels: list[str]
    user_required: bool
    needs_grant: bool
    may_apply: bool
    apply_for: str | None
    scopes: list[ScopeWordsView]
    grants: list[HeldGrantView]
