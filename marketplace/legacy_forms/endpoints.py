from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.field_problems import field_problem_views
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import CatalogueServiceDep, FormScriptServiceDep
from marketplace.legacy_forms.sandbox.runtime import runtime_script
from marketplace.legacy_forms.schemas import CheckBody, ConvertBody, FormCheckView, FormScriptView

router = APIRouter(tags=["forms"], route_class=StrictJsonRoute)

PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
_A_DAY = "private, max-age=86400"


@router.post("/forms:convert")
async def convert_form(request: Request, body: ConvertBody, forms: FormScriptServiceDep) -> FormScriptView:
    """What a form.js becomes, with the report of each part of it. Nothing is kept."""
    # No transaction is open while foreign code is evaluated.
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        await forms.require_author(session, principal)
    conversion = await forms.convert(body.source, body.code, body.texts)
    return FormScriptView.model_validate({**conversion.document(), "source": body.source})


@router.get(
    "/forms/runtime.js",
    response_class=Response,
    responses={200: {"content": {"text/javascript": {"schema": {"type": "string"}}}}},
)
async def get_form_runtime(principal: PrincipalDep) -> Response:  # noqa: ARG001  whoever is signed in fills in forms
    """The world a form.js runs in, for a JavaScript engine without a page."""
    return Response(runtime_script(), media_type="text/javascript", headers={"Cache-Control": _A_DAY})


@router.get("/plugins/{code}/versions/{version}/form-script")
async def get_form_script(
    code: PluginCode,
    version: VersionText,
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  whoever is signed in may browse
    catalogue: CatalogueServiceDep,
    forms: FormScriptServiceDep,
) -> FormScriptView:
    """The form.js of a version, with what became of each part of it."""
    script = await forms.kept(session, await catalogue.version(session, code, version))
    return FormScriptView.model_validate({**script.document(), "source": script.row.source})


@router.post("/plugins/{code}/versions/{version}/form-script:check")
async def check_form_values(
    code: PluginCode,
    version: VersionText,
    body: CheckBody,
    request: Request,
    catalogue: CatalogueServiceDep,
    forms: FormScriptServiceDep,
) -> FormCheckView:
    """What is wrong with values, by the form's model and by the rules in its form.js; changes nothing."""
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        await authenticator.authenticate(session, request)
        script = await forms.kept(session, await catalogue.version(session, code, version))
    problems = await forms.value_problems(script, body.values, body.context, body.hooked)
    return FormCheckView(problems=field_problem_views(problems))
