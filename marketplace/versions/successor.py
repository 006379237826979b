"""What a version owes to those before it: a number that says what it changes, and a signature by the same hand."""

from kernel.errors import FieldProblem
from marketplace.package import wordings
from marketplace.package.compatibility import step_problems
from marketplace.package.limits import SIGNATURES
from marketplace.package.package import Package
from marketplace.package.signatures import signature_problem
from marketplace.versions.lineage import Lineage


def number_problems(package: Package, lineage: Lineage) -> list[FieldProblem]:
    """A step too small since the version before."""
    before = lineage.before
    if before is None:
        return []
    return step_problems((before.manifest.version, before.contract), (package.manifest.version, package.contract()))


def signature_problems(package: Package, lineage: Lineage, trusted: frozenset[str]) -> list[FieldProblem]:
    """Signatures that don't hold or don't suffice.

    Args:
        trusted: keys of which one must have signed; none asks for no more than that an author goes on signing.
    """
    problem = signature_problem(package.signatures, package.digest, trusted)
    if problem is not None:
        return [problem]
    return _same_hand(package, lineage)


def _same_hand(package: Package, lineage: Lineage) -> list[FieldProblem]:
    """A plugin once signed stays signed, wherever the number stands: by a key of the version beside it, or, where that
    bears none, of any. A key is changed by one version that both sign.
    """
    ever = frozenset().union(*lineage.signers.values())
    if not ever:
        return []
    beside = lineage.neighbour
    keys = (lineage.signers[beside.manifest.version] if beside is not None else frozenset()) or ever
    if keys & {signature.key for signature in package.signatures}:
        return []
    known = tuple(sorted(keys))
    if beside is not None and lineage.signers[beside.manifest.version]:
        return [wordings.OTHER_HAND.at(SIGNATURES, version=beside.manifest.version, keys=known)]
    return [wordings.OTHER_HAND_THAN_EVER.at(SIGNATURES, keys=known)]
