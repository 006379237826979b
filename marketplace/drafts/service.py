"""Drafts of plugins as their authors write them in the console: begun, checked, tried and packed. Nothing is kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.contracts.components import ComponentDirectory
from kernel.errors import FieldProblem, Invalid
from kernel.principal import Principal
from marketplace.drafts.starter import CHANGELOG as FIRST_CHANGELOG
from marketplace.drafts.starter import README as FIRST_README
from marketplace.drafts.starter import starter_manifest
from marketplace.drafts.trial import SampleAnswer, Trial, try_plugin
from marketplace.invoke.components import CallableComponents
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import CHANGELOG, MANIFEST, README
from marketplace.package.manifest import Manifest
from marketplace.package.manifest_check import read_manifest
from marketplace.package.package import Package, pack
from marketplace.versions.component_check import component_problems
from marketplace.versions.lineage import lineage_of
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.place import place_of
from marketplace.versions.successor import number_problems, signature_problems


@dataclass(frozen=True, slots=True)
class Draft:
    """Texts of a package without code."""

    manifest: str
    readme: str
    changelog: str

    def files(self) -> dict[str, bytes]:
        texts = {MANIFEST: self.manifest, README: self.readme, CHANGELOG: self.changelog}
        return {name: text.encode() for name, text in texts.items()}


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """Attributes:
    manifest: none while it can't be read.
    """

    manifest: Manifest | None
    problems: list[FieldProblem]


class DraftService:
    """For those who may publish."""

    def __init__(
        self,
        authorizer: Authorizer,
        directory: ComponentDirectory,
        components: CallableComponents,
        manifests: ManifestCache,
        trusted_keys: frozenset[str],
    ) -> None:
        self._authorizer = authorizer
        self._directory = directory
        self._components = components
        self._manifests = manifests
        self._trusted_keys = trusted_keys

    async def start(
        self, session: AsyncSession, principal: Principal, component: str, code: str, publisher: str
    ) -> Draft:
        """A draft that calls one component.

        Raises:
            Invalid: stage prod serves no such component.
        """
        await self._require(session, principal)
        system, _, name = component.partition(".")
        found = await self._directory.find(session, system, name)
        if found is None:
            raise Invalid.field("component", f"{component} is registered nowhere", "Name one that stage prod serves")
        return Draft(starter_manifest(found, code, publisher), FIRST_README, FIRST_CHANGELOG)

    async def check(self, session: AsyncSession, principal: Principal, draft: Draft) -> CheckedDraft:
        """Everything publication would find wrong with it."""
        await self._require(session, principal)
        try:
            manifest = await asyncio.to_thread(read_manifest, draft.manifest.encode())
        except PackageRefused as refused:
            return CheckedDraft(None, list(refused.fields))
        problems = await component_problems(session, self._directory, manifest)
        try:
            package = await asyncio.to_thread(pack, draft.files())
        except PackageRefused as refused:
            return CheckedDraft(manifest, [*problems, *refused.fields])
        return CheckedDraft(manifest, [*problems, *await self._number_problems(session, package)])

    async def attempt(
        self,
        session: AsyncSession,
        principal: Principal,
        text: str,
        inputs: dict[str, Any],
        answers: Sequence[SampleAnswer],
        callbacks: Sequence[Any],
    ) -> Trial:
        """What the plugin would call with these inputs, and what it would make of made-up answers; nothing is sent.

        Raises:
            PackageRefused: the manifest is wrong.
            Invalid: the inputs are.
        """
        await self._require(session, principal)
        manifest = await asyncio.to_thread(read_manifest, text.encode())
        return await try_plugin(manifest, self._components, inputs, answers, callbacks)

    async def pack(self, session: AsyncSession, principal: Principal, draft: Draft) -> Package:
        """The draft as a package, ready to be published.

        Raises:
            PackageRefused: naming each problem that can be seen without looking at what is registered.
        """
        await self._require(session, principal)
        return await asyncio.to_thread(pack, draft.files())

    async def _number_problems(self, session: AsyncSession, package: Package) -> list[FieldProblem]:
        manifest = package.manifest
        place = await place_of(session, manifest.code, lock=False)
        published = place.versions.get(manifest.version)
        if published is not None:
            problem = f"{manifest.code} {manifest.version} is published already, and versions never change"
            return [] if published.digest == package.digest else [FieldProblem("version", problem, "Raise it")]
        lineage = await lineage_of(session, manifest, place, self._manifests)
        return [*number_problems(package, lineage), *signature_problems(package, lineage, self._trusted_keys)]

    async def _require(self, session: AsyncSession, principal: Principal) -> None:
        await self._authorizer.require(session, principal, Action.PLUGIN_PUBLISH, PLATFORM)
