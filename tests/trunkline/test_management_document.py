from typing import Any

from trunkline.app import management_document


def test_no_two_things_of_the_management_api_have_the_same_name() -> None:
    """FastAPI tells two models of one name apart by their modules, and names both anew in every generated client."""
    document: dict[str, Any] = management_document()
    assert [name for name in document["components"]["schemas"] if "__" in name] == []
