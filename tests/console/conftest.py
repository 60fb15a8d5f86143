from __future__ import annotations

import pytest

from llmasos.accounts.models import Person


@pytest.fixture
def operator(db: None) -> Person:
    return Person.objects.create_user("operator@llmasos.example", "correct horse battery", is_operator=True)
