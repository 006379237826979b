"""Plugin versions made ready to run, once per version: they never change."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from kernel.expressions.conditions import Condition, compile_condition
from kernel.forms.data import DataValidator
from kernel.forms.secrets import secret_fields
from marketplace.invoke.endpoint import PluginEndpoint, endpoint_of
from marketplace.invoke.named_groups import asks_groups
from marketplace.package.manifest import Callback, Cancel, ComponentStep, FurtherCall, Manifest, Poll


@dataclass(frozen=True, slots=True)
class Compiled:
    """Attributes:
    inputs: checks the inputs.
    input_names: every declared input.
    stored_names: everything that a step may keep in its storage.
    steps: of a plugin that maps components.
    endpoint: of a plugin that speaks the bk_plugin protocol.
    asks_groups: inputs may name groups of people.
    secret_inputs: those that hold the name of one of the project's secrets.
    conditions: compiled `when`, `success` and `done`, by their text.
    """

    manifest: Manifest
    steps: tuple[ComponentStep, ...]
    inputs: DataValidator
    input_names: tuple[str, ...]
    stored_names: frozenset[str]
    asks_groups: bool
    secret_inputs: frozenset[str]
    scopes: frozenset[str]
    endpoint: PluginEndpoint | None
    conditions: dict[str, Condition]


class CompiledPlugins:
    """The newest-used versions, by the digest of their package."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._kept: OrderedDict[str, Compiled] = OrderedDict()

    def of(self, digest: str, manifest: Manifest) -> Compiled:
        kept = self._kept.get(digest)
        if kept is None:
            kept = self._kept[digest] = _compile(manifest)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(digest)
        return kept


def _compile(manifest: Manifest) -> Compiled:
    steps = manifest.component.sequence() if manifest.component is not None else ()
    return Compiled(
        manifest=manifest,
        steps=steps,
        inputs=DataValidator(manifest.inputs),
        input_names=tuple(manifest.inputs.get("properties", {})),
        stored_names=frozenset(name for step in steps for name in _stored(step)),
        asks_groups=asks_groups(manifest.inputs),
        secret_inputs=secret_fields(manifest.inputs),
        scopes=manifest.scope_names(),
        endpoint=endpoint_of(manifest),
        conditions={source: compile_condition(source) for step in steps for source in _conditions(step)},
    )


def _stored(step: ComponentStep) -> Iterator[str]:
    for part in (step, step.poll, step.callback):
        yield from part.store if part is not None else ()


def _conditions(step: ComponentStep) -> Iterator[str]:
    later = [part for part in (step.poll, step.callback) if part is not None]
    endings: list[ComponentStep | Poll | Callback | Cancel | FurtherCall] = [step, *later]
    if step.cancel is not None:
        endings.append(step.cancel)
    for part in later:
        endings.extend(part.then)
        yield part.done
    yield from (ending.success for ending in endings if ending.success is not None)
    if step.when is not None:
        yield step.when
