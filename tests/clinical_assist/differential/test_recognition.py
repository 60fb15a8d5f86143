from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinical_assist.knowledge.reading import starter
from clinical_assist.recognition import numbers
from clinical_assist.recognition.phrases import Matcher
from clinical_assist.recognition.recogniser import Recogniser
from clinical_assist.recognition.text import tokens

SENTENCES = Path(__file__).parents[1] / "sentences"


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(starter())


def _status(recogniser: Recogniser, text: str, code: str) -> str:
    return next((chip.status.value for chip in recogniser.recognise(text).chips if chip.code == code), "")


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("Crushing chest pain since this morning.", "crushing", "present"),
        ("I can't get up the stairs without puffing.", "exertional_dyspnoea", "present"),
        ("No trouble passing water.", "retention", "absent"),
        ("No longer depressed, sleeps well.", "poor_sleep", "absent"),
        ("Stopped naproxen in May.", "nsaid_use", "past"),
        ("HRT since stopped.", "oestrogen", "past"),
        ("My mum had breast cancer, and now I've found a lump in my left breast.", "breast_lump", "present"),
        ("Melaena cannot be ruled out.", "melaena", "uncertain"),
        ("Not so much as a drip out of the nose.", "runny_nose", "absent"),
        ("Eyes are red and sticky, vision is not blurred.", "blurred_vision", "absent"),
        ("Poss. systolic murmur, echo requested.", "murmur", "uncertain"),
        ("No goitre, fine tremor.", "tremor", "present"),
        ("She denies self-harm, mood low.", "low_mood", "present"),
        ("No amnesia following head injury.", "head_injury", "present"),
        ("Father died of a heart attack at the age of 49.", "family_heart", "present"),
        ("Vomiting and diarrhoea on Monday, both of which have now stopped.", "diarrhoea", "past"),
        ("Blood pressure today was 164 over 92.", "raised_bp", "present"),
        ("He is not suicidal and hears no voices.", "hearing_loss", ""),
        ("Cough. Review in two weeks.", "lasting_weeks", ""),
        ("BP 152/88, sats 91% on air.", "hypotension", "absent"),
        ("No fits.", "seizure", "absent"),
        ("She came off her horse and hit her head.", "head_injury", "present"),
        ("No rash, very drowsy.", "drowsy", "present"),
        ("No blood in stool, black stools yesterday.", "melaena", "present"),
        ("CP -ve, SOB +ve", "dyspnoea", "present"),
        ("Headache did not come on suddenly.", "thunderclap", "absent"),
        ("The rash fades under a glass.", "purpura", "absent"),
        ("She can keep fluids down.", "vomiting", "absent"),
        ("Faint murmur.", "syncope", ""),
        ("Crushing chest pain for two hours.", "crushing", "present"),
        ("Crushing chest pain for two hours.", "rest_chest_pain", "present"),
        ("My chest hurts.", "chest_pain", "present"),
        ("No fever, chills or cough.", "cough", "absent"),
        ("Denies chest pain and shortness of breath.", "dyspnoea", "absent"),
        ("No fever but has a cough.", "cough", "present"),
        ("No appetite for a week.", "poor_appetite", "present"),
        ("Never had a headache like this.", "headache", "present"),
        ("The cough is not getting better.", "cough", "present"),
        ("Headaches last year.", "headache", "past"),
        ("History of kidney stones.", "stone_hx", "past"),
        ("His father had a stroke and palpitations.", "palpitations", "family"),
        ("Mum says he has a fever.", "fever", "present"),
        ("Possible rash.", "rash", "uncertain"),
        ("Not sure if there was a fever.", "fever", "uncertain"),
        ("A three day history of fever.", "fever", "present"),
        ("Vomiting (-), fever (-).", "vomiting", "absent"),
        ("Fever: no. Cough: yes.", "cough", "present"),
        ("Had a seizure in 2015.", "seizure", "past"),
        ("He had a fit when he was one, nothing since.", "seizure", "past"),
        ("Everyone at home has diarrhoea but she does not.", "diarrhoea", "absent"),
        ("Not vomiting any more.", "vomiting", "past"),
        ("Afebrile.", "fever", "absent"),
        ("There is protein in the urine.", "proteinuria", "present"),
        ("Any chest pain? No. Any cough? Yes.", "chest_pain", "absent"),
        ("Any chest pain? No. Any cough? Yes.", "cough", "present"),
        ("Return if she is drowsy, confused or has a rash.", "confusion", "uncertain"),
        ("If he lies flat he gets breathless.", "orthopnoea", "present"),
        ("?DVT - left calf swollen.", "calf_swelling_one", "present"),
        ("He doesn't deny feeling low.", "low_mood", "present"),
        ("No fever, abdomen distended.", "bloating", "present"),
        ("No appetite and tired.", "fatigue", "present"),
        ("Appetite good.", "poor_appetite", "absent"),
        ("Not sleeping well.", "poor_sleep", "present"),
        ("Dad's got a tremor.", "tremor", "family"),
        ("FHx: father MI at 52.", "family_heart", "present"),
        ("Headache for a week. That has now gone.", "headache", "past"),
        ("Had palpitations during her pregnancy, none now.", "palpitations", "past"),
        ("Vommiting and diarhoea.", "vomiting", "present"),
        ("A mother of three with a headache.", "headache", "present"),
        ("She hasn't been able to keep anything down.", "vomiting", "present"),
        ("I don't think I have a fever.", "fever", "absent"),
        ("The rash faded after two days.", "rash", "past"),
        ("Feverish on Monday, not today.", "fever", "past"),
        ("My brother has TB.", "tb_contact", "present"),
        ("Big toe red, hot and tender.", "big_toe", "present"),
        ("My left ear hurts. It's leaking yellow stuff.", "ear_discharge", "present"),
        ("Bleeding between my periods, but they're not heavy.", "heavy_periods", "absent"),
        ("Vaginal discharge for a week, no itching.", "vulval_itch", "absent"),
        ("Ear pain on the left since Sunday evening, now discharging.", "ear_discharge", "present"),
        ("A lump in my groin.", "groin_lump", "present"),
        ("Tired, ↓appetite.", "poor_appetite", "present"),
        ("Eating and drinking well.", "poor_appetite", "absent"),
        ("Asthma as a child, no inhalers now.", "asthma_hx", "past"),
        ("Doesn't want to go to school, worries about everything.", "worry", "present"),
        ("His wife has noticed that he snores.", "snoring", "present"),
        ("Hx migraine, aura today.", "aura", "present"),
        ("Painless haematuria, no clots, smoker.", "smoker", "present"),
        ("No family history of thyroid disease.", "family_thyroid", "absent"),
        ("I'd be grateful if you would see this man with jaundice.", "jaundice", "present"),
    ],
)
def test_a_finding_has_its_status(recogniser: Recogniser, text: str, code: str, status: str) -> None:
    assert _status(recogniser, text, code) == status


@pytest.mark.parametrize(
    ("part", "least"),
    [
        ("development", 0.95),
        ("held-out", 0.95),
        ("second", 0.95),
        ("third", 0.94),
        ("fourth", 0.96),
        ("fifth", 0.91),
        ("sixth", 0.95),
        ("seventh", 0.92),
        ("eighth", 0.82),
    ],
)
def test_sentences_of_every_kind_keep_their_status(recogniser: Recogniser, part: str, least: float) -> None:
    lines = (SENTENCES / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    right = [
        _status(recogniser, row["text"], code) == status for row in rows for code, status in row["findings"].items()
    ]
    assert sum(right) / len(right) >= least


def test_ordinary_sentences_give_few_findings(recogniser: Recogniser) -> None:
    lines = (SENTENCES / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    found = [chip.words for line in lines for chip in recogniser.recognise(line).chips]
    assert len(found) <= len(lines) / 6, found


def test_sentences_are_measured_by_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sentences.jsonl"
    path.write_text('{"text": "No fever, a cough.", "findings": {"fever": "absent", "cough": "past"}}')
    call_command("clinical", "sentences", str(path), "--json")
    figures = json.loads(capsys.readouterr().out)
    assert (figures["n"], figures["right"], figures["absent"]) == (2, 0.5, "1 of 1")


def test_what_is_seen_beyond_a_complete_file_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sentences.jsonl"
    path.write_text('{"text": "A dry cough, and a headache.", "findings": {"dry_cough": "present"}}')
    call_command("clinical", "sentences", str(path), "--complete", "--json")
    assert json.loads(capsys.readouterr().out)["beyond"] == "1 of 3"


def test_a_line_that_is_no_sentence_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sentences.jsonl"
    path.write_text('{"text": "No fever.", "findings": {"fever": "gone"}}')
    with pytest.raises(CommandError, match=r"sentences\.jsonl, line 1"):
        call_command("clinical", "sentences", str(path))


@pytest.mark.parametrize(
    "text",
    ["Measles, mumps and rubella vaccine, second dose.", "Vaccinated against whooping cough.", "Had his flu jab."],
)
def test_what_a_vaccine_is_against_nobody_has(recogniser: Recogniser, text: str) -> None:
    assert recogniser.recognise(text).findings() == {}


def test_what_is_denied_of_one_place_is_denied_of_no_other(recogniser: Recogniser) -> None:
    assert "ankle_pain" not in recogniser.recognise("Ankles swollen, no chest pain.").findings()
    assert recogniser.recognise("The knee is swollen, no pain.").findings()["knee_pain"] is False


def test_a_rash_after_a_vaccine_is_a_rash(recogniser: Recogniser) -> None:
    assert recogniser.recognise("A rash and fever after the measles vaccine.").findings()["rash"] is True
    assert recogniser.recognise("Has a cough, flu jab given in October.").findings()["cough"] is True


def test_the_past_counts_only_where_it_is_history(recogniser: Recogniser) -> None:
    findings = recogniser.recognise("Previous DVT. Had a headache last year.").findings()
    assert findings.get("clot_history") is True
    assert "headache" not in findings


def test_a_measured_temperature_is_a_fever(recogniser: Recogniser) -> None:
    findings = recogniser.recognise("Temp 39.2, pulse 118.").findings()
    assert findings["fever_measured"] is True
    assert findings["high_temp"] is True
    assert findings["tachycardia"] is True


def test_a_chip_shows_the_words_it_was_seen_in(recogniser: Recogniser) -> None:
    text = "She has had chest pain."
    chip = next(one for one in recogniser.recognise(text).chips if one.code == "chest_pain")
    assert text[chip.start : chip.end] == chip.words == "chest pain"


def test_who_speaks_of_a_son_at_the_outset_speaks_of_the_patient(recogniser: Recogniser) -> None:
    assert _status(recogniser, "My son is 4 and has a barking cough.", "barking_cough") == "present"


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("54 year old man", 54),
        ("a 6-month-old girl", 0.49),
        ("23F with dysuria", 23),
        ("I'm 40 and tired", 40),
        ("no age", None),
    ],
)
def test_age_is_read_in_years(text: str, age: float | None) -> None:
    assert numbers.age(text) == (pytest.approx(age, abs=0.01) if age else None)


@pytest.mark.parametrize(("text", "sex"), [("45M, smoker", "male"), ("She is well", "female"), ("a cough", "")])
def test_sex_is_read_from_words_and_pronouns(text: str, sex: str) -> None:
    assert numbers.sex(text) == sex


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pain for 2 hours", "lasting_hours"),
        ("cough x 3 days", "lasting_days"),
        ("tired over the past 6 months", "lasting_months"),
        ("a 3 week history of itching", "lasting_weeks"),
        ("since yesterday", "lasting_hours"),
    ],
)
def test_a_duration_is_one_of_four(text: str, code: str) -> None:
    course = numbers.course(text)
    assert course is not None
    assert course[0] == code


@pytest.mark.parametrize(
    "text",
    [
        "She can do it herself, and he does his own shopping.",
        "We use the bus to go there on one of the days, and here is her letter.",
        "It may be that he left early, and that the block of flats is black.",
        "She runs a shop with a retired teacher, has a cat and a garden, and is running late.",
        "He came to us for advice about the blue house.",
    ],
)
def test_ordinary_words_are_no_findings(recogniser: Recogniser, text: str) -> None:
    assert recogniser.recognise(text).chips == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Stung by a bee.", "allergen"),
        ("SOB and DOE for a week.", "exertional_dyspnoea"),
        ("Ate home canned beans.", "descending_palsy"),
        ("She has had the runs.", "diarrhoea"),
        ("New earrings last month.", "contact_trigger"),
    ],
)
def test_words_that_resemble_ordinary_ones_are_still_read(recogniser: Recogniser, text: str, code: str) -> None:
    assert code in {chip.code for chip in recogniser.recognise(text).chips}


def test_a_reliever_is_no_steroid(recogniser: Recogniser) -> None:
    assert _status(recogniser, "Takes a salbutamol inhaler.", "steroid_inhaler") == ""
    assert _status(recogniser, "Takes a steroid inhaler.", "steroid_inhaler") == "present"


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("No appetite loss, vomiting or fever.", {"vomiting": "absent", "fever": "absent"}),
        ("No sleep disturbance or suicidal thoughts.", {"suicidal": "absent"}),
        ("Pain began around the navel. It then settled in the right iliac fossa.", {"abdominal_pain": "present"}),
        ("Chest pain since this morning. It stopped him working.", {"chest_pain": "present"}),
        ("Chest pain since noon. That settled with GTN but has come back.", {"chest_pain": "present"}),
        ("She had a cough. It settled after antibiotics.", {"cough": "past"}),
        ("Why is he so tired? No idea.", {"fatigue": "uncertain"}),
        ("Cough? No fever.", {"fever": "absent"}),
        ("Mother has diabetes? Yes.", {"diabetes_hx": "family"}),
    ],
)
def test_what_is_said_of_one_thing_is_not_taken_for_another(
    recogniser: Recogniser, text: str, statuses: dict[str, str]
) -> None:
    found = {chip.code: str(chip.status) for chip in recogniser.recognise(text).chips}
    assert {code: found.get(code) for code in statuses} == statuses


def test_a_turn_of_speech_says_nothing_of_its_words_but_where_a_finding_holds_more(recogniser: Recogniser) -> None:
    text = "He has fallen asleep at the wheel."
    assert not _status(recogniser, text, "fall_injury")
    assert _status(recogniser, text, "daytime_sleepiness") == "present"


def test_a_word_marked_as_it_stands_is_not_met_in_its_other_forms() -> None:
    matcher = Matcher({"drowsy": ["=limp"]})
    assert matcher.matches(tokens("the child is limp"))
    assert not matcher.matches(tokens("the child is limping"))
