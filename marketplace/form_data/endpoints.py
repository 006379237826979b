from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import FormDataServiceDep, FormUploadsDep
from marketplace.form_data.schemas import (
    FlowId,
    FormContextView,
    FormDataBody,
    FormDataView,
    FormFileBody,
    FormFileView,
)

router = APIRouter(
    prefix="/projects/{project}/plugins/{code}/versions/{version}", tags=["forms"], route_class=StrictJsonRoute
)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]


@router.post("/form-data")
async def ask_for_form_data(
    project: Project,
    code: PluginCode,
    version: VersionText,
    body: FormDataBody,
    request: Request,
    form_data: FormDataServiceDep,
) -> FormDataView:
    """What a form asks for while it is filled in, of its plugin or of a component; for those who may fill it in."""
    # No transaction is open while others are asked.
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        asker = await form_data.asker(session, principal, project, code, version, body.flow)
    return FormDataView(data=await form_data.ask(asker, body))


@router.post("/form-files")
async def keep_form_file(
    project: Project,
    code: PluginCode,
    version: VersionText,
    body: FormFileBody,
    request: Request,
    form_data: FormDataServiceDep,
    uploads: FormUploadsDep,
) -> FormFileView:
    """Keeps a file that was picked in a form, piece by piece, in the job system; for those who may fill the form in."""
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        asker = await form_data.asker(session, principal, project, code, version, body.flow)
    return await uploads.keep(asker, body)


@router.get("/form-context")
async def get_form_context(
    project: Project,
    code: PluginCode,
    version: VersionText,
    session: SessionDep,
    principal: PrincipalDep,
    form_data: FormDataServiceDep,
    flow: Annotated[FlowId | None, Query()] = None,
) -> FormContextView:
    """What `$.context` of a form knows of the project."""
    return form_data.context(await form_data.asker(session, principal, project, code, version, flow))
