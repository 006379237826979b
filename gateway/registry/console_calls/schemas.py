from typing import Annotated, Any

from pydantic import Field

from gateway.fields import Input


class ConsoleCall(Input):
    """Attributes:
    params: the component's own parameters by name.
    """

    params: Annotated[dict[str, Any], Field(default_factory=dict, max_length=500)]
