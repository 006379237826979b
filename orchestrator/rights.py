"""What the runtime's calls to plugins may carry and use, put together."""

from collections.abc import Sequence

from kernel.contracts.project_secrets import ProjectSecrets
from kernel.db.database import Database
from kernel.settings import Settings
from orchestrator.executors.admission import Consents, ExecutorAdmission
from orchestrator.project_secrets.handles import ProjectSecretHandles
from orchestrator.project_secrets.opening import TaskProjectSecrets
from orchestrator.runtime.plugin_calls import CallRights
from orchestrator.secret_inputs.service import SecretInputs


def root_keys(settings: Settings) -> list[bytes]:
    """The root key, and those it replaced; what follows from them is the same in each process."""
    return [key.get_secret_value().encode() for key in (settings.secret_key, *settings.previous_secret_keys)]


def call_rights(
    database: Database,
    secret_inputs: SecretInputs,
    project_secrets: ProjectSecrets,
    consents: Consents,
    keys: Sequence[bytes],
) -> CallRights:
    of_project = TaskProjectSecrets(project_secrets, ProjectSecretHandles(keys))
    return CallRights(secret_inputs, ExecutorAdmission(database, consents), of_project)
