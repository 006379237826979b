"""Plugins that are installed in a project."""

from collections.abc import Mapping
from typing import Any

from semver import Version
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.plugin_directory import InstalledPlugin, PluginDirectory
from kernel.principal import Principal
from orchestrator.flows.resources import project_resource
from orchestrator.sops.errors import NotHere
from orchestrator.sops.places import Places
from orchestrator.sops.plugins.schemas import GetPlugin, Parameter, Plugin, PluginBase
from orchestrator.sops.schemas import InProject


class PluginComponents:
    def __init__(self, places: Places, authorizer: Authorizer, plugins: PluginDirectory) -> None:
        self._places = places
        self._authorizer = authorizer
        self._plugins = plugins

    async def get_plugin_list(self, session: AsyncSession, principal: Principal, asked: InProject) -> list[Plugin]:
        return [_plugin(each) for each in await self._installed(session, principal, asked)]

    async def get_plugin_base_info(
        self, session: AsyncSession, principal: Principal, asked: InProject
    ) -> list[PluginBase]:
        """Each once, by the name of its newest version."""
        newest: dict[str, InstalledPlugin] = {}
        for each in await self._installed(session, principal, asked):
            known = newest.get(each.code)
            if known is None or Version.parse(known.version) < Version.parse(each.version):
                newest[each.code] = each
        return [PluginBase(code=code, name=_name(each)) for code, each in newest.items()]

    async def get_plugin_detail(self, session: AsyncSession, principal: Principal, asked: GetPlugin) -> Plugin:
        found = [each for each in await self._installed(session, principal, asked) if each.code == asked.code]
        if asked.version:
            found = [each for each in found if each.version == asked.version]
        if not found:
            raise NotHere("plugin", f"{asked.code} {asked.version}".strip())
        return _plugin(max(found, key=lambda each: Version.parse(each.version)))

    async def _installed(self, session: AsyncSession, principal: Principal, asked: InProject) -> list[InstalledPlugin]:
        place = await self._places.project(session, principal, asked)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(place.project.id))
        return await self._plugins.installed(session, place.project.id)


def _plugin(plugin: InstalledPlugin) -> Plugin:
    return Plugin(
        code=plugin.code,
        version=plugin.version,
        name=_name(plugin),
        desc="",
        group_name="",
        form="",
        inputs=_parameters(plugin.inputs),
        outputs=_parameters(plugin.outputs),
    )


def _name(plugin: InstalledPlugin) -> str:
    return plugin.name.get("zh") or plugin.name.get("en") or plugin.code


def _parameters(schema: Mapping[str, Any]) -> list[Parameter]:
    required = set(schema.get("required", ()))
    return [
        Parameter(
            key=name,
            name=str(each.get("title") or name),
            type=_type(each),
            required=name in required,
            schema_={"enum": [], "description": "", **each, "type": _type(each)},
        )
        for name, each in schema.get("properties", {}).items()
    ]


def _type(schema: Mapping[str, Any]) -> str:
    """The first that it may be; a text where it doesn't say."""
    given = schema.get("type", "string")
    return str(given if isinstance(given, str) else next(iter(given), "string"))
