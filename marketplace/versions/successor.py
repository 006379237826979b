"""What a version owes to the one before it: a number that says what it changes, and a signature by the same hand."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem
from marketplace.package.compatibility import parsed, step_problems
from marketplace.package.limits import SIGNATURES
from marketplace.package.package import Package, read_package
from marketplace.package.signatures import signature_problem
from marketplace.versions.repository import archive_of_version, versions_of


async def successor_problems(session: AsyncSession, package: Package, trusted: frozenset[str]) -> list[FieldProblem]:
    """Signatures that don't hold or don't suffice, and a step too small since the version before.

    Args:
        trusted: keys of which one must have signed; none asks for no more than that an author goes on signing.
    """
    problem = signature_problem(package.signatures, package.digest, trusted)
    if problem is not None:
        return [
            FieldProblem(SIGNATURES, problem, "Sign it with `trunkline plugin sign`, by a key that is trusted here")
        ]
    before = await _before(session, package)
    if before is None:
        return []
    problems = step_problems(
        (before.manifest.version, before.contract()), (package.manifest.version, package.contract())
    )
    return problems if trusted else problems + _same_hand(before, package)


async def _before(session: AsyncSession, package: Package) -> Package | None:
    """The highest published version below this one."""
    mine = parsed(package.manifest.version)
    lower = [version for version in await versions_of(session, package.manifest.code) if parsed(version) < mine]
    if not lower:
        return None
    return read_package(await archive_of_version(session, package.manifest.code, max(lower, key=parsed)))


def _same_hand(before: Package, package: Package) -> list[FieldProblem]:
    keys = {signature.key for signature in before.signatures}
    if not keys or keys & {signature.key for signature in package.signatures}:
        return []
    problem = f"is signed by none of the keys that signed {before.manifest.version}"
    return [FieldProblem(SIGNATURES, problem, f"Sign it with one of {', '.join(sorted(keys))}")]
