"""Two who write into one record at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError, connection

from clinical_assist.record.items import Allergy
from clinical_assist.record.services import items, patients
from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic


@pytest.mark.usefixtures("committed_database")
def test_none_known_is_not_said_beside_an_allergy_that_is_being_written(clinic: Clinic) -> None:
    def say_impatiently() -> None:
        try:
            with acting_in(clinic.id), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                patients.say_no_known_allergies(clinic.principal(), clinic.patient.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, acting_in(clinic.id):
        items.write_items(clinic.principal(), clinic.patient.pk, [("allergy", Allergy(name="Latex"))])
        with pytest.raises(OperationalError, match="lock timeout"):
            pool.submit(say_impatiently).result()
