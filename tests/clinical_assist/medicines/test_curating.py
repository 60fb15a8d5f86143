"""Tables of medicines that are proposed, held against the list, reviewed, put in use and rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinical_assist.governance.about.versions import version_of
from clinical_assist.governance.versions import services
from clinical_assist.governance.versions.differences import differences
from clinical_assist.governance.versions.kinds import ContentError
from clinical_assist.governance.versions.services import VersionError
from clinical_assist.medicines import columns
from clinical_assist.medicines.columns import VERSION, Row
from clinical_assist.medicines.curating import files, versions
from clinical_assist.medicines.curating.files import FileError
from clinical_assist.medicines.library import built_in, library
from clinical_assist.medicines.naming import medicine_named
from clinical_assist.medicines.reading import FaultyTablesError
from clinical_assist.models import KnowledgeVersion, RuleFiring
from clinical_assist.ordersets import versions as order_sets
from clinical_assist.plans import services as plans
from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

BACKEND = "django.contrib.auth.backends.ModelBackend"
CURATE = "/o/shop/clinical/oversight/medicines/"
BUILT_IN = versions.built_in()


def changed(**medicines: Row | None) -> str:
    """What comes with the application, with columns of medicines that are others."""
    rows = columns.built_in()["medicines"]
    return versions.with_rows(
        BUILT_IN, {"medicines": {name: None if of is None else {**rows[name], **of} for name, of in medicines.items()}}
    )


def put_in_use(clinic: Clinic, content: str) -> KnowledgeVersion:
    administrator = clinic.principal(clinic.administrator)
    version = services.propose(clinic.principal(), "medicines", content, "Our formulary")
    services.measure(clinic.principal(), version.pk)
    services.review(administrator, version.pk, "Looked at all", approve=True)
    return services.activate(administrator, version.pk)


def rule(first: str, second: str, **columns_of: str) -> Row:
    return {"first": first, "second": second, "tier": "2", "effect": "x", "advice": "", "source": "L", **columns_of}


def test_a_changed_dose_shows_as_one_field_of_one_medicine() -> None:
    (found,) = differences(
        versions.for_comparison(BUILT_IN), versions.for_comparison(changed(amlodipine={"dose_high": "5"}))
    )
    assert (found.table, found.code, found.how) == ("medicines", "amlodipine", "changed")
    assert [(one.field, one.before, one.after) for one in found.changes] == [("dose_high", "10", "5")]


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ({"dose_high": "ten"}, "dose_high", "“ten” is no number"),
        ({"day_low": "50"}, "day_low", "more than the most"),
        ({"unit": "spoon"}, "unit", "none of: mg, g"),
        ({"clearance": "30 stop"}, "clearance", "such as “30 avoid”"),
        ({"pregnancy": "maybe"}, "pregnancy", "none of: ok"),
        ({"pregnancy": ""}, "pregnancy", ""),
        ({"lactation": ""}, "lactation", ""),
        ({"problems": "astma!!"}, "problems", "it would never warn"),
        ({"brands": "Norvasc;Zocor"}, "brands", "“Zocor” is a name of simvastatin too"),
        ({"source": "X"}, "source", "no source “X”"),
        ({"checked": "yesterday"}, "checked", "no day such as"),
        ({"classes": ""}, "classes", "missing"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_column(row: Row, column: str, said: str) -> None:
    with pytest.raises(FaultyTablesError) as raised:
        changed(amlodipine=row)
    faults = [one for one in raised.value.faults if (one.code, one.column) == ("amlodipine", column)]
    assert said in faults[0].text


def test_a_medicine_that_rules_name_is_not_taken_out() -> None:
    with pytest.raises(FaultyTablesError, match="first: “clozapine” is no medicine"):
        changed(clozapine=None)


def test_one_pair_has_one_rule() -> None:
    with pytest.raises(FaultyTablesError, match="the same pair"):
        versions.with_rows(BUILT_IN, {"interactions": {"lithium + NSAID": rule("lithium", "NSAID")}})


def test_what_a_change_does_to_the_list_is_said_pair_by_pair() -> None:
    quieter = versions.with_rows(BUILT_IN, {"interactions": {"febuxostat + thiopurine": None}})
    louder = versions.with_rows(quieter, {"interactions": {"amlodipine + metformin": rule("amlodipine", "metformin")}})
    found = versions.measured(louder, BUILT_IN)
    assert len(found["pairs"]["lost"]) == 6
    assert "febuxostat + azathioprine: nothing found" in found["pairs"]["lost"]
    assert [one.partition(":")[0] for one in found["quiet"]["lost"]] == ["amlodipine + metformin"]
    assert found["reactions"] == {"of": 21, "held": 21, "lost": [], "gained": [], "still": []}
    assert len(versions.measured(BUILT_IN, louder)["pairs"]["gained"]) == 6


def test_a_file_changes_the_columns_that_it_has() -> None:
    made = files.from_text("name;dose_high;brands\namlodipine;5;Norvasc\nramipril;5;\n", BUILT_IN)
    rows = columns.parsed(made)[1]["medicines"]
    assert (rows["amlodipine"]["dose_high"], rows["amlodipine"]["day_high"]) == ("5", "10")
    assert (rows["ramipril"]["brands"], len(rows)) == ("", len(columns.built_in()["medicines"]))


def test_toml_adds_a_medicine_and_a_rule() -> None:
    toml = """
        [medicines.newstatin]
        brands = ["Newsta"]
        classes = ["statin"]
        unit = "mg"
        day_low = 5
        day_high = 20.0
        dose_high = 20
        pregnancy = "avoid"
        lactation = "avoid"
        source = "L"
        checked = 2026-11-28
        [[interactions]]
        first = "newstatin"
        second = "macrolide"
        tier = 2
        effect = "Levels rise."
        source = "L"
    """
    rows = columns.parsed(files.from_text(toml, BUILT_IN))[1]
    assert rows["medicines"]["newstatin"]["day_high"] == "20"
    assert rows["interactions"]["newstatin + macrolide"]["tier"] == "2"


def test_every_wrong_row_of_a_file_is_named_by_its_line() -> None:
    text = "name,dose_high\namlodipine,much\nramipril\n,5\nlisinopril,40\nlisinopril,20\nramiprl,5\n"
    with pytest.raises(FileError) as raised:
        files.from_text(text, BUILT_IN)
    assert [(one.where, one.text) for one in raised.value.rows] == [
        ("line 2", "dose_high: “much” is no number over 0."),
        ("line 4", "name: It is missing."),
        ("line 6", "lisinopril stands at line 5 already."),
        ("line 7", "No medicine has the generic name “ramiprl”. Did you mean: ramipril? A new one needs all columns."),
        ("line 3", "It has 1 fields; the first line has 2."),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,strength\namlodipine,5\n", "no column strength"),
        ("tier,first\n1,warfarin\n", "The columns name no row"),
        ("[potions.x]\na = 1\n", "There is no such table"),
        ("well\nthen", "neither CSV with a header nor TOML"),
        ("name,dose_high\n", "There is no row"),
    ],
)
def test_what_is_no_table_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        files.from_text(text, BUILT_IN)


@pytest.mark.django_db
def test_an_order_is_checked_by_the_version_in_use_and_its_count_names_it(clinic: Clinic) -> None:
    def fired() -> list[tuple[str, int, str]]:
        with acting_in(clinic.id):
            rows = RuleFiring.objects.for_organisation(clinic.id).filter(rule="dose:high").order_by("pk")
            return list(rows.values_list("rule", "tier", "version"))

    plans.write(clinic.principal(), clinic.encounter.pk, "medicine", "amlodipine 10 mg once a day")
    assert fired() == []
    put_in_use(clinic, changed(amlodipine={"dose_high": "5", "day_high": "5", "brands": "Norvasc;Ourvasc"}))
    with acting_in(clinic.id):
        known = medicine_named("ourvasc").medicine
        assert known is not None
        assert (known.name, library().version) == ("amlodipine", f"{VERSION}, local 1")
        assert version_of("medicine_checks", clinic.id).startswith(f"version {VERSION}, local 1")
        label = library().label
    assert medicine_named("ourvasc").medicine is None
    plans.write(clinic.principal(), clinic.encounter.pk, "medicine", "Ourvasc 5 mg once a day")
    assert fired() == [("dose:high", 1, label)]


@pytest.mark.django_db
def test_going_back_gives_the_old_tables_at_once(clinic: Clinic) -> None:
    administrator = clinic.principal(clinic.administrator)
    first = put_in_use(clinic, changed(amlodipine={"brands": "Ourvasc"}))
    with acting_in(clinic.id):
        assert medicine_named("Ourvasc").medicine is not None
        services.back_to_built_in(administrator, "medicines")
        assert library() is built_in()
        services.activate(administrator, first.pk)
        assert medicine_named("Ourvasc").medicine is not None


@pytest.mark.django_db
def test_a_proposal_that_was_overtaken_is_made_again_without_taking_anything_back(clinic: Clinic) -> None:
    late = services.propose(clinic.principal(), "medicines", changed(amlodipine={"brands": "Ourvasc"}), "Our brand")
    put_in_use(clinic, changed(amlodipine={"dose_high": "5"}, ramipril={"brands": "Ouril"}))
    made = services.propose_again(clinic.principal(), late.pk)
    rows = columns.parsed(made.content)[1]["medicines"]
    assert (rows["amlodipine"]["brands"], rows["amlodipine"]["dose_high"]) == ("Ourvasc", "5")
    assert (rows["ramipril"]["brands"], made.note) == ("Ouril", "Our brand")


@pytest.mark.django_db
def test_tables_with_which_the_order_sets_do_not_hold_are_not_proposed(clinic: Clinic) -> None:
    with pytest.raises(ContentError, match=r"order sets in use do not go with it\. Line \w+:\d+: .*clarithromycin"):
        services.propose(clinic.principal(), "medicines", changed(clarithromycin={"dose_high": "100"}), "Less")


@pytest.mark.django_db
def test_order_sets_that_do_not_go_with_the_medicines_in_use_are_read_and_said_to_be(
    client: Client, clinic: Clinic
) -> None:
    version = put_in_use(clinic, changed(amlodipine={"brands": "Norvasc;Ourvasc"}))
    with acting_in(clinic.id):
        KnowledgeVersion.objects.for_organisation(clinic.id).filter(pk=version.pk).update(
            content=changed(clarithromycin={"dose_high": "100"}), digest="0" * 64
        )
    client.force_login(clinic.doctor, BACKEND)

    page = client.get("/o/shop/clinical/oversight/ordersets/")
    assert (page.status_code, "do not go with the medicines in use" in page.content.decode()) == (200, True)
    tables = SimpleUploadedFile("own.toml", b'[sources]\nbook = "A book"\n')
    answer = client.post("/o/shop/clinical/oversight/ordersets/", {"tables": tables, "note": "Ours"})
    assert (answer.status_code, "clarithromycin" in answer.content.decode()) == (422, True)


@pytest.mark.django_db
def test_what_order_sets_in_use_need_is_not_taken_back(clinic: Clinic) -> None:
    put_in_use(clinic, changed(colchicine={"brands": "Ourcrys"}))
    own = b'[order_sets.gout]\nname = "Gout"\nconditions = "gout"\nsource = "gout"\n[[order_sets.gout.lines]]\n'
    own += b'medicine = "Ourcrys 0.5 mg twice a day"\nwhy = "It helps."\n'
    administrator = clinic.principal(clinic.administrator)
    with acting_in(clinic.id):
        content = order_sets.from_files({"own.toml": own}, order_sets.built_in(), conditions={"gout"})
    sets = services.propose(clinic.principal(), "ordersets", content, "Ours")
    services.review(administrator, sets.pk, "Fine", approve=True)
    services.activate(administrator, sets.pk)
    with pytest.raises(VersionError, match="Ourcrys"):
        services.back_to_built_in(administrator, "medicines")


@pytest.mark.django_db
def test_a_row_is_proposed_by_a_form_that_shows_what_is_wrong_at_its_field(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    address = f"{CURATE}medicines/?code=amlodipine"
    assert "Norvasc" in client.get(address).content.decode()
    row = {**columns.built_in()["medicines"]["amlodipine"], "note": "Lower"}
    refused = client.post(address, {**row, "dose_high": "a lot"})
    assert refused.status_code == 422
    assert "“a lot” is no number over 0." in refused.context["form"].errors["dose_high"]
    page = client.post(address, {**row, "dose_high": "5", "brands": "Norvasc, Istin"}, follow=True)
    assert {(one.code, change.field) for one in page.context["differences"] for change in one.changes} == {
        ("amlodipine", "Adults: most at once (mg)"),
        ("amlodipine", "Brands"),
    }
    shown = page.content.decode()
    assert shown.index("What differs") < shown.index("somebody else reviews it")
    number = page.context["version"].pk
    on_top = client.post(
        f"{CURATE}interactions/?on={number}", {**rule("amlodipine", "simvastatin"), "note": "y"}, follow=False
    )
    assert "simvastatin + amlodipine is the same pair" in on_top.content.decode()
    taken_out = client.post(
        f"{CURATE}interactions/?on={number}&code=simvastatin+%2B+amlodipine",
        {**columns.built_in()["interactions"]["simvastatin + amlodipine"], "note": "z", "remove": "1"},
        follow=True,
    )
    assert {(one.code, one.how) for one in taken_out.context["differences"]} == {
        ("amlodipine", "changed"),
        ("simvastatin + amlodipine", "removed"),
    }


@pytest.mark.django_db
def test_a_file_is_looked_at_mended_and_proposed(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    upload = SimpleUploadedFile("rows.csv", b"name,dose_high\namlodipine,much\n")
    wrong = client.post(CURATE, {"file": upload, "step": "check", "note": ""})
    assert wrong.status_code == 422
    assert "line 2" in wrong.content.decode()
    assert "amlodipine,much" in wrong.content.decode()
    looked = client.post(CURATE, {"text": "name,dose_high\namlodipine,5\n", "step": "check", "note": ""})
    assert "1 row would differ. Nothing is proposed yet." in looked.content.decode()
    unsaid = client.post(CURATE, {"text": "name,dose_high\namlodipine,5\n", "step": "propose", "note": ""})
    assert unsaid.status_code == 422
    done = client.post(CURATE, {"text": "name,dose_high\namlodipine,5\n", "step": "propose", "note": "x"}, follow=True)
    assert "Version 1 is proposed." in done.content.decode()


@pytest.mark.django_db
def test_a_medicine_is_read_with_its_rules_and_sources(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    page = client.get("/o/shop/clinical/medicines/tables/ibuprofen/").content.decode()
    for said in ("Nurofen", "200 to 3200 mg a day", "under 30 mL/min", "Bleeding from the stomach", "Held against it"):
        assert said in page
    assert client.get("/o/shop/clinical/medicines/tables/ibuprofn/").status_code == 404
    rules = client.get("/o/shop/clinical/medicines/rules/interactions/?q=lithium").content.decode()
    assert "lithium + ACE inhibitor" in rules
    assert "simvastatin" not in rules


@pytest.mark.django_db
def test_rules_that_came_later_are_offered_and_added_by_a_proposal(client: Client, clinic: Clinic) -> None:
    _base, tables = columns.parsed(BUILT_IN)
    ages = dict(tables["laboratory"])
    missing = {code: ages.pop(code) for code in list(ages)[:2]}
    put_in_use(clinic, columns.written({**tables, "laboratory": ages}, "1"))
    client.force_login(clinic.doctor, backend=BACKEND)
    assert "The shipped tables have 2 rules that yours lack" in client.get(CURATE).content.decode()

    made = client.post(CURATE, {"step": "shipped"}, follow=True).context["version"]

    assert made.state == KnowledgeVersion.State.PROPOSED
    assert versions.lacking(made.content) == {}
    assert columns.parsed(made.content)[1]["laboratory"].items() >= missing.items()


def test_what_was_taken_out_of_the_newest_tables_is_not_offered() -> None:
    quieter = versions.with_rows(BUILT_IN, {"interactions": {"febuxostat + thiopurine": None}})
    assert versions.lacking(quieter) == {}
