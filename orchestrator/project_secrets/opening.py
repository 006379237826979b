"""Secrets of its project that a task refers to, opened for the one call that sends them."""

from collections.abc import Collection, Mapping

from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.secret_sources.errors import SecretUnavailable
from kernel.secrets import SecretUnreadable
from orchestrator.project_secrets.handles import ProjectSecretHandles


class TaskProjectSecrets:
    def __init__(self, secrets: ProjectSecrets, handles: ProjectSecretHandles) -> None:
        self._secrets = secrets
        self._handles = handles

    def handles(self, task_id: str, names: Collection[str]) -> Mapping[str, str]:
        """Name → what stands for it in the task."""
        return self._handles.of_task(task_id, names)

    async def open(
        self, project_id: str, task_id: str, names: Collection[str], handles: Collection[str]
    ) -> dict[str, str]:
        """Handle → the secret as it is now, of those that stand for one.

        Args:
            names: of the secrets that the task's definition names; no others are opened.
            handles: that stand among the inputs of the call.

        Raises:
            PluginUnavailable: the source of one is away for now.
            SecretUnreadable: the project has one no more, or its source can't give it.
        """
        known = self._handles.names_of(task_id, names)
        asked = {handle: known[handle] for handle in handles if handle in known}
        if not asked:
            return {}
        try:
            opened = await self._secrets.open(project_id, frozenset(asked.values()))
        except SecretUnavailable as error:
            if error.temporary:
                raise PluginUnavailable(str(error)) from error
            raise SecretUnreadable(str(error)) from error
        gone = sorted(set(asked.values()) - opened.keys())
        if gone:
            raise SecretUnreadable(f"The project has no secret {', '.join(gone)}; keep it and retry")
        return {handle: opened[name] for handle, name in asked.items()}
