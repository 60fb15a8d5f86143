from __future__ import annotations

import pytest
from django.test import Client

from clinical_assist.calculators.registry import CALCULATORS
from clinical_assist.calculators.views import GROUPS
from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

pytestmark = pytest.mark.django_db
CALCULATORS_PAGE = "/o/shop/clinical/calculators/"
MEDICINES_PAGE = "/o/shop/clinical/medicines/"


@pytest.fixture
def clinician(client: Client, organisation: Organisation) -> Client:
    person = Person.objects.create_user("clinician@shop.example")
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role="clinician")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def entries(organisation: Organisation, action: str) -> list[Entry]:
    with acting_in(organisation):
        return list(Entry.objects.filter(organisation_id=organisation.pk, action=action))


def test_every_calculator_is_on_the_list(clinician: Client) -> None:
    page = clinician.get(CALCULATORS_PAGE).content.decode()
    assert [name for name in CALCULATORS if f"{CALCULATORS_PAGE}{name}/" not in page] == []
    assert {one.group for one in CALCULATORS.values()} == GROUPS.keys()


def test_the_list_is_searched_by_other_names_too(clinician: Client) -> None:
    page = clinician.post(CALCULATORS_PAGE, {"q": "egfr"}).content.decode()
    assert "ckd_epi_2021" in page
    assert "wells_pe" not in page


def test_a_search_without_a_hit_says_so(clinician: Client) -> None:
    assert "No calculator of that name" in clinician.post(CALCULATORS_PAGE, {"q": "horoscope"}).content.decode()


@pytest.mark.parametrize("name", sorted(CALCULATORS))
def test_every_calculator_has_its_form(clinician: Client, name: str) -> None:
    assert clinician.get(f"{CALCULATORS_PAGE}{name}/").status_code == 200


def test_a_result_shows_its_value_parts_and_what_was_assumed(clinician: Client, organisation: Organisation) -> None:
    page = clinician.post(f"{CALCULATORS_PAGE}cha2ds2_vasc/", {"age": "76", "sex": "female", "diabetes": "on"})
    text = page.content.decode()
    assert ">4\n" in text
    assert "taken as absent or normal" not in text
    (entry,) = entries(organisation, "clinical.calculated")
    assert entry.digests["calculator"] == "cha2ds2_vasc"


def test_a_value_that_cannot_be_is_said_at_its_field_and_nothing_is_lost(clinician: Client) -> None:
    page = clinician.post(f"{CALCULATORS_PAGE}bmi/", {"weight": "80", "height": "1.8"})
    assert page.status_code == 422
    assert "look at the number and its unit" in page.content.decode()
    assert 'value="80"' in page.content.decode()


def test_an_order_is_checked_and_nothing_of_the_patient_is_kept(clinician: Client, organisation: Organisation) -> None:
    page = clinician.post(
        MEDICINES_PAGE,
        {"orders_text": "ibuprofen 400 mg tds\nibuprofn 200 mg", "takes_text": "warfarin 5 mg daily", "age": "71"},
    ).content.decode()
    assert "Needs a reason" in page
    assert "Did you mean: ibuprofen?" in page
    (entry,) = entries(organisation, "clinical.medicines_checked")
    assert entry.digests.keys() == {"tables", "orders", "alerts"}


def test_without_an_order_the_page_asks_for_one(clinician: Client) -> None:
    assert clinician.post(MEDICINES_PAGE, {"orders_text": " ", "age": "50"}).status_code == 422


def test_an_order_without_anything_against_it_is_not_called_safe(clinician: Client) -> None:
    page = clinician.post(MEDICINES_PAGE, {"orders_text": "paracetamol 1 g qds", "age": "50"}).content.decode()
    assert "The tables hold nothing against these orders." in page


@pytest.mark.parametrize("page", [CALCULATORS_PAGE, f"{CALCULATORS_PAGE}bmi/", MEDICINES_PAGE])
def test_the_pages_are_closed_to_other_roles(client: Client, teammate: Person, page: str) -> None:
    client.force_login(teammate, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(page).status_code == 403
