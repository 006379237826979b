"""Plugin versions made ready to run, once per version: they never change."""

from collections import OrderedDict
from dataclasses import dataclass

from kernel.expressions.conditions import Condition, compile_condition
from kernel.forms.data import DataValidator
from kernel.forms.secrets import secret_fields
from marketplace.invoke.errors import InvocationFailed
from marketplace.package.manifest import Callback, ComponentMapping, FurtherCall, Manifest, Poll


@dataclass(frozen=True, slots=True)
class Compiled:
    """Attributes:
    inputs: checks the inputs.
    input_names: every declared input.
    secret_inputs: those that hold the name of one of the project's secrets.
    conditions: compiled `success` and `done`, by their text.
    """

    manifest: Manifest
    component: ComponentMapping | None
    inputs: DataValidator
    input_names: tuple[str, ...]
    secret_inputs: frozenset[str]
    scopes: frozenset[str]
    conditions: dict[str, Condition]

    @property
    def mapping(self) -> ComponentMapping:
        """Raises InvocationFailed: the plugin is none that maps components."""
        if self.component is None:
            raise InvocationFailed(f"plugins of kind {self.manifest.kind.value} can't be run here")
        return self.component


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
    mapping = manifest.component
    parts = (mapping.poll, mapping.callback) if mapping is not None else ()
    later = [part for part in parts if part is not None]
    endings: list[ComponentMapping | Poll | Callback | FurtherCall] = [mapping, *later] if mapping is not None else []
    for part in later:
        endings.extend(part.then)
    sources = [ending.success for ending in endings if ending.success is not None] + [part.done for part in later]
    return Compiled(
        manifest=manifest,
        component=mapping,
        inputs=DataValidator(manifest.inputs),
        input_names=tuple(manifest.inputs.get("properties", {})),
        secret_inputs=secret_fields(manifest.inputs),
        scopes=manifest.scope_names(),
        conditions={source: compile_condition(source) for source in sources},
    )
