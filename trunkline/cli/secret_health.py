"""Secrets that `trunkline doctor` finds as they were typed, and seals."""

from typing import TYPE_CHECKING

from kernel.principal import system_principal
from trunkline.cli.task_health import Finding

if TYPE_CHECKING:
    from trunkline.product import Product

_REMEDY = "trunkline doctor --mend seals them"


async def secret_inputs(product: "Product", *, mend: bool) -> list[Finding]:
    """Each task, schedule and trigger that keeps a secret unsealed; in one line when there is none."""
    plain = product.orchestrator.plain_secrets
    found = await plain.find()
    if not found:
        return [Finding("secret inputs", True, "all stand sealed")]
    sealed = {each for each in found if mend and await plain.seal(system_principal("doctor"), each)}
    detail = "keeps a secret as somebody typed it"
    return [
        Finding(
            f"{each.kind.replace('_', ' ')} {each.id}",
            each in sealed,
            f"secret_sealed: {detail}" + (". Sealed" if each in sealed else ""),
            _REMEDY,
        )
        for each in found
    ]
