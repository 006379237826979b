"""Components written in Python, for what a mapping cannot say. Authors need `Component` and `CodedCall` alone."""

from gateway.coded.component import CodedCall, Component
from kernel.envelope import ComponentError
from kernel.http.component_document import Words

__all__ = ["CodedCall", "Component", "ComponentError", "Words"]
