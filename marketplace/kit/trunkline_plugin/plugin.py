"""What authors derive a version of their plugin from."""

import inspect
import re
from typing import Any, ClassVar

from trunkline_plugin.callback_tokens import CallbackPreparation, prepare_callback
from trunkline_plugin.context import Context
from trunkline_plugin.models import ContextRequire, FormModel, InputsModel, OutputsModel
from trunkline_plugin.versions import VersionHub
from trunkline_plugin.wire_schema import empty_schema, wire_schema

_VERSION = re.compile(r"^[0-9]+\.[0-9]+\.[0-9][a-z0-9]*$")
_LONGEST_VERSION = 128
_PARTS = (
    ("Inputs", InputsModel),
    ("Outputs", OutputsModel),
    ("ContextInputs", ContextRequire),
    ("InputsForm", FormModel),
)


class Plugin:
    """One version of a plugin.

    A subclass has `Meta` with `version`, `desc` and `enable_plugin_callback`, perhaps `Inputs`, `Outputs`,
    `ContextInputs` and `InputsForm`, and `execute`, which may be `async`. A new object is made for every call of it.
    With `cancel` besides, flows tell it that a run is wanted no more.

    Attributes:
        renderform: the text of this version's `form.js`.
    """

    class Meta:
        version: str
        desc: str
        enable_plugin_callback: bool

    class Error(Exception):
        """The run has failed, with this message."""

    renderform: ClassVar[str | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _check(cls)
        VersionHub.register(cls)

    def __init__(self) -> None:
        self._poll_seconds: float | None = None
        self._waits_for_callback = False

    def execute(self, inputs: Any, context: Context) -> Any:
        """Does one step of the run; whatever isn't waited for afterwards has been done.

        Raises:
            Plugin.Error: the run has failed, as foreseen.
        """
        raise NotImplementedError

    def cancel(self, inputs: Any, context: Context) -> Any:
        """Ends what the run has begun elsewhere: nobody waits for it, and `execute` is not called for it again.

        `context` is as the last call of `execute` left it. It may be called again when its answer was lost, so what
        has ended already is no error. A plugin without it is told nothing, and its runs go on.

        Raises:
            Plugin.Error: it could not be ended; the run goes on.
        """
        raise NotImplementedError

    @classmethod
    def can_cancel(cls) -> bool:
        """Whether it has a `cancel` that takes inputs and context: existing plugins may have some other one."""
        takes = inspect.signature(cls.cancel).parameters.keys()
        return cls.cancel is not Plugin.cancel and {"inputs", "context"} <= takes

    def wait_poll(self, interval: float) -> None:
        """Call `execute` again after so many seconds. The last of several waits counts."""
        self._waits_for_callback = False
        self._poll_seconds = max(interval, 0)

    def wait_callback(self) -> None:
        """Call `execute` again when the address of `prepare_callback` is called."""
        self._poll_seconds = None
        self._waits_for_callback = True

    @staticmethod
    def prepare_callback(context: Context) -> CallbackPreparation:
        """An `id`, and a `url` that others call to go on with this run."""
        return prepare_callback(context.trace_id)

    @property
    def poll_interval(self) -> float:
        """Seconds, or -1 where no poll is waited for."""
        return -1 if self._poll_seconds is None else self._poll_seconds

    @property
    def is_waiting_poll(self) -> bool:
        return self._poll_seconds is not None

    @property
    def is_waiting_callback(self) -> bool:
        return self._waits_for_callback

    is_wating_poll = is_waiting_poll  # the name existing plugins know

    @classmethod
    def dict(cls) -> dict[str, Any]:
        """What the protocol's `detail` says of this version; where it can be cancelled, that too."""
        more = {"enable_cancel": True} if cls.can_cancel() else {}
        return {
            "desc": getattr(cls.Meta, "desc", ""),
            "version": cls.Meta.version,
            "enable_plugin_callback": getattr(cls.Meta, "enable_plugin_callback", False),
            "inputs": _with_form(cls, _schema(cls, "Inputs")),
            "outputs": _schema(cls, "Outputs"),
            "context_inputs": _schema(cls, "ContextInputs"),
            "forms": {"renderform": cls.renderform},
            **more,
        }


def _schema(plugin: type[Plugin], part: str) -> dict[str, Any]:
    model = getattr(plugin, part, None)
    return empty_schema() if model is None else wire_schema(model)


def _with_form(plugin: type[Plugin], schema: dict[str, Any]) -> dict[str, Any]:
    form = getattr(plugin, "InputsForm", None)
    for name in form.fields() if form is not None else ():
        schema["properties"][name] |= getattr(form, name)
    return schema


def _check(plugin: type[Plugin]) -> None:
    where = f"{plugin.__module__}.{plugin.__qualname__}"
    version = getattr(plugin.Meta, "version", None)
    if not version:
        raise RuntimeError(f"{where}: Meta.version is missing; write it like 1.0.0")
    if not isinstance(version, str):
        raise TypeError(f"{where}: Meta.version must be a text like '1.0.0'")
    if not _VERSION.match(version) or len(version) > _LONGEST_VERSION:
        raise ValueError(f"{where}: Meta.version {version!r} is no version; write it like 1.0.0 or 1.0.0rc1")
    description = getattr(plugin.Meta, "desc", "")
    if description is not None and not isinstance(description, str):
        raise TypeError(f"{where}: Meta.desc must be a text")
    for name, base in _PARTS:
        part = getattr(plugin, name, None)
        if part is not None and not issubclass(part, base):
            raise TypeError(f"{where}: {name} must be derived from {base.__name__}")
    _check_form(plugin, where)


def _check_form(plugin: type[Plugin], where: str) -> None:
    form, inputs = getattr(plugin, "InputsForm", None), getattr(plugin, "Inputs", None)
    fields = inputs.model_fields if inputs is not None else {}
    for name in form.fields() if form is not None else ():
        if name not in fields:
            raise ValueError(f"{where}: InputsForm.{name} is no input; correct its name or add it to Inputs")
