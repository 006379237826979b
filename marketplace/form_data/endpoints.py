from typing import Annotated

from fastapi import APIRouter, Path, Request

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import FormDataServiceDep
from marketplace.form_data.schemas import FormDataBody, FormDataView

router = APIRouter(tags=["forms"], route_class=StrictJsonRoute)

Project = Annotated[str, Path(pattern=r"^[^\x00]{1,64}$")]
PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]


@router.post("/projects/{project}/plugins/{code}/versions/{version}/form-data")
async def ask_for_form_data(
    project: Project,
    code: PluginCode,
    version: VersionText,
    body: FormDataBody,
    request: Request,
    form_data: FormDataServiceDep,
) -> FormDataView:
    """What a remote plugin's own data API answers, for its form; for those who edit the project's flows."""
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        asker = await form_data.asker(session, principal, project, code, version)
    return FormDataView(data=await form_data.ask(asker, body))
