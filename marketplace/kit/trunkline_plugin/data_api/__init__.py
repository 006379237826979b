"""HTTP views of a plugin's own, for its forms."""

from trunkline_plugin.data_api.request import Request
from trunkline_plugin.data_api.routes import include, path, re_path
from trunkline_plugin.data_api.view import PluginAPIView, Response

__all__ = ["PluginAPIView", "Request", "Response", "include", "path", "re_path"]
