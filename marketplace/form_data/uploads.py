"""Files that are picked in a form: the job system keeps them, piece by piece, as asked by the project for a person."""

from pydantic import ValidationError

from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.errors import Invalid, Unavailable
from kernel.ids import new_id
from marketplace.form_data.askers import FormAsker
from marketplace.form_data.errors import FormDataFailed
from marketplace.form_data.schemas import FormFileBody, FormFileView
from marketplace.form_data.tokens import FormTokens
from marketplace.invoke.components import CallableComponents
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.gateway_caller import GatewayCaller
from marketplace.legacy_forms.vocabulary import UPLOAD_HEADERS
from marketplace.package.manifest import FORM_UPLOAD


class FormUploads:
    def __init__(self, components: CallableComponents, tokens: FormTokens, gateway: GatewayCaller) -> None:
        self._components = components
        self._tokens = tokens
        self._gateway = gateway

    async def keep(self, asker: FormAsker, body: FormFileBody) -> FormFileView:
        """A file, or its next piece; outside of transactions.

        Raises:
            Invalid: no business is named for a project that is bound to none, or another than its own; or a header
                that is not sent on.
            FormRequestRefused: the plugin did not ask for uploads at its install, or the project has no grant.
            FormDataFailed: the job system refused it; its words say why.
            Unavailable: the gateway is away for the moment.
        """
        scope = {"bk_scope_type": "biz", "bk_scope_id": str(_business(asker, body))}
        headers = _headers(body)
        piece = body.model_dump(include={"file_name", "id", "offset", "content", "is_last"}, exclude_none=True)
        try:
            component = await self._components.find(FORM_UPLOAD)
            token = await self._tokens.mint(asker, component)
            target = component.target({}, {})
            answer = await self._gateway.call(component, target, {**scope, **piece}, token, new_id(), headers)
        except InvocationFailed as failed:
            raise FormDataFailed(failed.message) from failed
        except PluginUnavailable as unavailable:
            raise Unavailable(str(unavailable)) from unavailable
        said = answer.response
        if answer.is_error or not isinstance(said, dict) or said.get("result") is not True:
            raise FormDataFailed(answer.failure())
        try:
            return FormFileView.model_validate(said.get("data"))
        except ValidationError as error:
            raise FormDataFailed(f"{component.label} answered what is no file") from error


def _headers(body: FormFileBody) -> list[tuple[bytes, bytes]]:
    known = {name.lower() for name in UPLOAD_HEADERS}
    for name in body.headers:
        if name.lower() not in known:
            problem = f"{name[:60]!r} is not sent on"
            raise Invalid.field("headers", problem, f"Leave it out; {', '.join(UPLOAD_HEADERS)} are")
    return [(name.lower().encode(), value.encode()) for name, value in body.headers.items()]


def _business(asker: FormAsker, body: FormFileBody) -> int:
    own, named = asker.business, body.bk_biz_id
    if own is not None and named not in (None, own):
        problem = f"is not {own}, the business {asker.project.code} is bound to"
        raise Invalid.field("bk_biz_id", problem, "Leave it out")
    if own is None and named is None:
        problem = f"is missing, and {asker.project.code} is bound to no business"
        raise Invalid.field("bk_biz_id", problem, "Name the business whose job system keeps the file")
    return own or named or 0
