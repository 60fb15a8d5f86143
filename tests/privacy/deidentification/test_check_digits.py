"""Identifiers with right and wrong check digits; all numbers are published examples or made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmasos.privacy.deidentification import check_digits as checks
from llmasos.privacy.deidentification.check_digits import Check

RIGHT: list[tuple[Check, str]] = [
    (checks.luhn, "4111 1111 1111 1111"),
    (checks.luhn, "378282246310005"),
    (checks.verhoeff, "2363"),
    (checks.mod97, "GB82 WEST 1234 5698 7654 32"),
    (checks.mod97, "DE89 3704 0044 0532 0130 00"),
    (checks.cpf, "529.982.247-25"),
    (checks.cnpj, "11.222.333/0001-81"),
    (checks.resident_id, "11010519491231002X"),
    (checks.dni, "12345678Z"),
    (checks.dni, "X1234567L"),
    (checks.codice_fiscale, "RSSMRA85T10A562S"),
    (checks.nir, "255081416802538"),
    (checks.belgian_number, "93.05.18-223.61"),
    (checks.mod11_10, "86095742719"),
    (checks.hetu, "131052-308T"),
    (checks.norwegian_number, "01010750160"),
    (checks.turkish_number, "10000000146"),
    (checks.rut, "12.345.678-5"),
    (checks.hong_kong_card, "A123456(3)"),
    (checks.taiwan_card, "A123456789"),
    (checks.singapore_card, "S1234567D"),
    (checks.irish_number, "1234567T"),
    (checks.vehicle_number, "1HGCM82633A004352"),
    (checks.prescriber_number, "1234563"),
    (checks.provider_number, "1234567893"),
    (checks.luhn_with_birthday, "811228-9874"),
    (checks.swiss_number, "756.9217.0769.85"),
    (checks.estonian_number, "37605030299"),
    (checks.bulgarian_number, "7523169263"),
    (checks.romanian_number, "1800101221144"),
    (checks.weighted((*range(10, 1, -1), 1), 11), "943 476 5919"),
    (checks.weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11), "111222333"),
    (checks.weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10), "44051401359"),
    (checks.weighted((1, 4, 3, 7, 5, 8, 6, 9, 10), 11), "123456782"),
]


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_a_right_check_digit_is_accepted(check: Check, number: str) -> None:
    assert check(number)


@pytest.mark.parametrize(("check", "number"), RIGHT)
def test_another_digit_is_refused(check: Check, number: str) -> None:
    place = max(index for index, character in enumerate(number) if character.isdigit())
    changed = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    assert not check(changed)


@given(st.text(max_size=24))
def test_no_text_breaks_a_check(text: str) -> None:
    for check, _number in RIGHT:
        check(text)
