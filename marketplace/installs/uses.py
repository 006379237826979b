from collections.abc import Callable

from kernel.contracts.plugin_uses import PluginUses

UsesOf = Callable[[], PluginUses]
"""Where flows use plugins: asked for when needed, since whoever knows is built after the marketplace."""
