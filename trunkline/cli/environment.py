"""The settings that the environment gives to a command."""

from pydantic import ValidationError

from kernel.settings import Settings
from kernel.shape_problems import shape_problem
from trunkline.cli.client import fail


def environment_settings() -> Settings:
    """Ends the command with code 2 where one of them is wrong, told by the name of its variable."""
    try:
        return Settings()
    except ValidationError as error:
        prefix = Settings.model_config["env_prefix"]
        # What was given is not repeated by us: a secret may have come into the wrong variable.
        problems = [
            shape_problem(f"{prefix}{each['loc'][0]}".upper(), each["type"], each["msg"], each.get("ctx"))
            for each in error.errors(include_url=False, include_input=False)
        ]
        fail("\n".join(f"{each.field}: {each.problem}. {each.remedy}".strip(" .") for each in problems), code=2)
