"""For tests in which the kind of database can make no difference."""

import pytest

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
