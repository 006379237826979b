from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.projects.schemas import GetProject, ListProjects, ProjectDetail, ProjectSummary
from orchestrator.sops.projects.service import ProjectComponents


def register_project_components(components: Components, service: ProjectComponents) -> None:
    components.read(
        "/get_user_project_list",
        ListProjects,
        list[ProjectSummary],
        service.get_user_project_list,
        (
            Words("List projects", "查询用户有权限的项目"),
            Words("Those the person may see, with the business each belongs to.", "用户可见的项目及其所属业务。"),
        ),
    )
    components.read(
        "/get_user_project_detail/{bk_biz_id}",
        GetProject,
        ProjectDetail,
        service.get_user_project_detail,
        (
            Words("Read a project", "查询项目详情"),
            Words("With what the person may do in it.", "包含用户在项目中的权限。"),
        ),
    )
