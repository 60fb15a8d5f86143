"""What is found by pattern, without a language model. All data is made up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmasos.privacy.deidentification.pipeline import locate
from llmasos.privacy.deidentification.types import EntityType

T = EntityType
STRUCTURED = [
    ("write to jane.o'neil+shop@mail.example.co.uk please", "jane.o'neil+shop@mail.example.co.uk", T.EMAIL),
    ("EMAIL_ADDRESS=alex@example.test;", "alex@example.test", T.EMAIL),
    ("邮箱zhang.wei@example.cn，谢谢", "zhang.wei@example.cn", T.EMAIL),
    ("it was charged to 4111 1111 1111 1111 twice", "4111 1111 1111 1111", T.CARD),
    ("378282246310005", "378282246310005", T.CARD),
    ("my card (6304000000000000)", "6304000000000000", T.CARD),
    ("IBAN: GB82 WEST 1234 5698 7654 32.", "GB82 WEST 1234 5698 7654 32", T.ACCOUNT),
    ("pay DE89370400440532013000 now", "DE89370400440532013000", T.ACCOUNT),
    ("from 203.0.113.42 at noon", "203.0.113.42", T.NETWORK_ADDRESS),
    ("from 2001:db8:0:1::42 at noon", "2001:db8:0:1::42", T.NETWORK_ADDRESS),
    ("device 00:1A:2B:3C:4D:5E joined", "00:1A:2B:3C:4D:5E", T.NETWORK_ADDRESS),
    ("SSN 536-90-4399", "536-90-4399", T.NATIONAL_ID),
    ("my social security number is 536904399", "536904399", T.NATIONAL_ID),
    ("CPF 529.982.247-25", "529.982.247-25", T.NATIONAL_ID),
    ("身份证号11010519491231002X。", "11010519491231002X", T.NATIONAL_ID),
    ("NHS number 943 476 5919", "943 476 5919", T.NATIONAL_ID),
    ("NI no. QQ 12 34 56 C or AB 12 34 56 C", "AB 12 34 56 C", T.NATIONAL_ID),
    ("DNI 12345678Z", "12345678Z", T.NATIONAL_ID),
    ("codice fiscale RSSMRA85T10A562S", "RSSMRA85T10A562S", T.NATIONAL_ID),
    ("NIR 2 55 08 14 168 025 38", "2 55 08 14 168 025 38", T.NATIONAL_ID),
    ("BSN: 111222333", "111222333", T.NATIONAL_ID),
    ("personnummer 811228-9874", "811228-9874", T.NATIONAL_ID),
    ("hetu 131052-308T", "131052-308T", T.NATIONAL_ID),
    ("PESEL 44051401359", "44051401359", T.NATIONAL_ID),
    ("AHV 756.9217.0769.85", "756.9217.0769.85", T.NATIONAL_ID),
    ("Aadhaar = 2345 6789 0124", "2345 6789 0124", T.NATIONAL_ID),
    ("NRIC S1234567D", "S1234567D", T.NATIONAL_ID),
]
OTHERS = [
    ("call me on 13800138000", "13800138000", T.PHONE),
    ("her number is +44 20 7946 0958", "+44 20 7946 0958", T.PHONE),
    ("phone: 451 5986", "451 5986", T.PHONE),
    ("fax (212) 555-0123", "(212) 555-0123", T.PHONE),
    ("see https://jane.example.com/profile", "https://jane.example.com/profile", T.URL),
    ("admitted on 2026-02-14", "2026-02-14", T.DATE),
    ("born March 5, 1971 in spring", "March 5, 1971", T.DATE),
    ("seen 14/02/2026 again", "14/02/2026", T.DATE),
    ("出生于1971年4月8日", "1971年4月8日", T.DATE),
    ("a 93-year-old man with chest pain", "93", T.AGE),
    ("MRN: 00412345", "00412345", T.RECORD),
    ("病历号：A1029384", "A1029384", T.RECORD),
    ("VIN 1HGCM82633A004352", "1HGCM82633A004352", T.VEHICLE),
    ("车牌号京A·12345的车", "京A·12345", T.VEHICLE),
    ("passport no. X12345678", "X12345678", T.PASSPORT),
    ("my driver's license number is 2270-66-1551", "2270-66-1551", T.LICENCE),
    ("account number: 000333444", "000333444", T.ACCOUNT),
    ("password is hunter2hunter", "hunter2hunter", T.SECRET),
    ("ZIP: 94103", "94103", T.POSTCODE),
    ("she lives in SW1A 1AA", "SW1A 1AA", T.POSTCODE),
    ("send it to 42 Cedar Avenue, Springfield 62701 today", "42 Cedar Avenue, Springfield 62701", T.ADDRESS),
    ("Bahnhofstraße 12, 8001 Zürich", "Bahnhofstraße 12, 8001 Zürich", T.ADDRESS),
    ("住址：北京市朝阳区示例路88号。", "北京市朝阳区示例路88号", T.ADDRESS),
    ("患者姓名：林晓，女", "林晓", T.PERSON),
    ("联系人欧阳明先生", "欧阳明", T.PERSON),
    ("Dear Ms. Rivera, thank you", "Rivera", T.PERSON),
    ("My name is Ngozi Adeyemi.", "Ngozi Adeyemi", T.PERSON),
]
NEVER = [
    "4111 1111 1111 1112 is no card",
    "invalid CPF 456.378.921-65",
    "demo-alert@example.invalid was an example mailbox",
    "555-0100 measured a device channel",
    "A1-2026 remained a lab panel code",
    "Fig. 2 shows the findings. Hemoglobin 9.8 g/dL, ALT 49 U/L, AST 95 U/L, bilirubin 28.1 umol/L.",
    "Aspirin 81 mg daily, Metoprolol 25 mg BID and Lisinopril 10 mg were continued.",
    "Crohn disease, Hodgkin lymphoma and Parkinson's disease were excluded; Romberg's sign was absent.",
    "A Foley catheter was placed and Doppler ultrasound of the Achilles tendon was normal.",
    "The Glasgow Coma Scale was 15 and the Child-Pugh score was B.",
    "(Updated March 5, 2023). https://www.cdc.gov/vaccines/index.html",
    "血压 120/80 mmHg，心率 72 次/分，体温 36.5 ℃。",
]


@pytest.mark.parametrize(("text", "value", "kind"), STRUCTURED)
def test_structured_identifiers_are_all_found(text: str, value: str, kind: EntityType) -> None:
    found = [(text[one.start : one.end], one.type) for one in locate(text, entities=False)]
    assert (value, kind) in found


@pytest.mark.parametrize(("text", "value", "kind"), OTHERS)
def test_a_pattern_finds_exactly_its_value(text: str, value: str, kind: EntityType) -> None:
    found = [(text[one.start : one.end], one.type) for one in locate(text, entities=False)]
    assert (value, kind) in found


@pytest.mark.parametrize("text", NEVER)
def test_terms_and_wrong_check_digits_are_left_alone(text: str) -> None:
    assert [text[one.start : one.end] for one in locate(text, entities=False)] == []


def test_known_identifiers_are_found_in_any_form() -> None:
    text = "Seen today: ROSE  MARY hall; rose-mary has file 77 12-9."
    found = [text[one.start : one.end] for one in locate(text, known=["Rose Mary Hall", "77129"], entities=False)]
    assert found[0] == "ROSE  MARY hall"
    assert "77 12-9" not in text.replace(found[-1], "")


def test_an_address_in_a_letter_reaches_to_its_country() -> None:
    text = "Sara Schwarz\n\n28245 Puruntie 82 Apt. 595\n LAPPEENRANTA\n Finland 53650"
    one = next(one for one in locate(text, entities=False) if one.type is T.ADDRESS)
    assert text[one.start : one.end] == "28245 Puruntie 82 Apt. 595\n LAPPEENRANTA\n Finland 53650"


def test_types_that_are_not_wanted_are_not_returned() -> None:
    found = locate("a@b.example 2026-02-14", types=[T.DATE], entities=False)
    assert [one.type for one in found] == [T.DATE]


@given(st.text(max_size=300))
def test_findings_lie_inside_the_text_and_never_overlap(text: str) -> None:
    found = locate(text, entities=False)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
