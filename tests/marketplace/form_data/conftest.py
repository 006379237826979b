from tests.marketplace.invoke.conftest import database_url, gateway, house

__all__ = ["database_url", "gateway", "house"]
