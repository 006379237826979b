"""Writes plugins of flows and serves them over the protocol that BlueKing's plugins speak."""

from trunkline_plugin.context import Callback, Context
from trunkline_plugin.field import Field
from trunkline_plugin.models import ContextRequire, FormModel, InputsModel, OutputsModel, PluginCallbackModel
from trunkline_plugin.plugin import Plugin
from trunkline_plugin.states import State

__version__ = "0.1.0"
__all__ = [
    "Callback",
    "Context",
    "ContextRequire",
    "Field",
    "FormModel",
    "InputsModel",
    "OutputsModel",
    "Plugin",
    "PluginCallbackModel",
    "State",
]
