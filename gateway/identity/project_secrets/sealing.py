"""What a project's secret is sealed for: moved to another project or name, it doesn't open."""


def purpose(project_id: str, name: str) -> str:
    return f"project secret {project_id} {name}"
