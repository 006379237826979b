"""Reading an uploaded package step by step, outside of any transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kernel.errors import FieldProblem
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.errors import FormRefused
from marketplace.legacy_forms.service import FormScriptService
from marketplace.package.archive import read_archive
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import FORM_SCRIPT
from marketplace.package.package import Package, package_of
from marketplace.versions.checks import Check, CheckName, CheckResult


@dataclass(frozen=True, slots=True)
class Reading:
    """Attributes:
    package: none where a check failed.
    """

    package: Package | None
    checks: list[Check]


async def read_checked(archive: bytes, forms: FormScriptService) -> Reading:
    """The package, or the check it failed and those it passed before."""
    step = CheckName.ARCHIVE
    try:
        files = await asyncio.to_thread(read_archive, archive)
        step = CheckName.MANIFEST
        package = await asyncio.to_thread(package_of, files, archive)
        step = CheckName.FORM
        await form_of(package, forms)
    except PackageRefused as refusal:
        return Reading(None, _failed(step, refusal.fields))
    return Reading(package, [])


async def form_of(package: Package, forms: FormScriptService) -> Conversion | None:
    """What the package's form.js becomes.

    Raises:
        PackageRefused: it can't be evaluated.
    """
    if not package.form_script:
        return None
    try:
        return await forms.convert(package.form_script)
    except FormRefused as refusal:
        fields = [replace(field, field=f"{FORM_SCRIPT}: {field.field}") for field in refusal.fields]
        raise PackageRefused(fields) from refusal


def _failed(step: CheckName, problems: Sequence[FieldProblem]) -> list[Check]:
    names = list(CheckName)
    passed = [Check(name, CheckResult.PASSED) for name in names[: names.index(step)]]
    return [*passed, Check.of(step, problems)]
