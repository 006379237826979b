"""The checks of a package against everything that is published and registered."""

import asyncio
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.components import ComponentDirectory
from kernel.contracts.flow_market import FlowDefinitions, NoFlowDefinitions
from kernel.principal import Principal
from kernel.settings import PluginReview
from kernel.wording import Said
from marketplace.package.package import Package
from marketplace.publishers.names import name_problems
from marketplace.versions.checks import Check, CheckName, CheckResult
from marketplace.versions.component_check import component_problems
from marketplace.versions.growth import grown, published
from marketplace.versions.lineage import Lineage, lineage_of
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.place import Place
from marketplace.versions.successor import number_problems, signature_problems


class Examination:
    """Args:
    trusted_keys: public keys of which one must have signed what is published; none asks for no signature.
    review: what a person has to agree to before it is published.
    flows: tells whether flows of a package can be read.
    """

    def __init__(
        self,
        components: ComponentDirectory,
        manifests: ManifestCache,
        trusted_keys: frozenset[str],
        review: PluginReview,
        flows: Callable[[], FlowDefinitions] = NoFlowDefinitions,
    ) -> None:
        self._components = components
        self._manifests = manifests
        self._trusted_keys = trusted_keys
        self._review = review
        self._flows = flows

    async def names(self, session: AsyncSession, principal: Principal, package: Package, place: Place) -> Check:
        problems = await name_problems(session, principal, package.manifest, place.plugin)
        return Check.of(CheckName.NAMES, problems)

    async def content(self, session: AsyncSession, package: Package, place: Place) -> list[Check]:
        """What the package owes to the systems and to the versions before it."""
        lineage = await lineage_of(session, package.manifest, place, self._manifests)
        components = await component_problems(session, self._components, package.manifest)
        if package.flow is not None:
            components += await asyncio.to_thread(self._flows().problems, package.flow)
        return [
            *self.read(package),
            Check.of(CheckName.COMPONENTS, components),
            Check.of(CheckName.VERSION, number_problems(package, lineage)),
            Check.of(CheckName.SIGNATURES, signature_problems(package, lineage, self._trusted_keys)),
            Check.for_approval(self._reasons(package, lineage)),
        ]

    @staticmethod
    def read(package: Package) -> list[Check]:
        """Of a package that could be read and whose form, if it has one, could be evaluated."""
        form = CheckResult.PASSED if package.form_script else CheckResult.SKIPPED
        passed = [Check(name, CheckResult.PASSED) for name in (CheckName.ARCHIVE, CheckName.MANIFEST)]
        return [*passed, Check(CheckName.FORM, form), Check(CheckName.NAMES, CheckResult.PASSED)]

    def _reasons(self, package: Package, lineage: Lineage) -> list[Said]:
        if self._review == "off":
            return []
        neighbour = lineage.neighbour.manifest if lineage.neighbour is not None else None
        found = grown(neighbour, package.manifest)
        return [published(neighbour)] if self._review == "all" and not found else found
