"""How items of the record are said in a note, and the same as sources. A value keeps the unit in which it came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from clinical_assist.intake.options import percent
from clinical_assist.models import RecordItem
from clinical_assist.notes.facts import Differential, FoundFact, Identity, OwnList, PlanFact, Recorded, Told
from clinical_assist.notes.sections import Source
from clinical_assist.plans.lines import Line
from clinical_assist.plans.reasons import REASONS
from clinical_assist.record.items import Allergy, History, Item, Measurement, Medication, Problem
from clinical_assist.record.measures import MEASURES, flag_of, written

DAY = 10
"""So many letters of a time as it was given name its day."""


def plain(text: str) -> str:
    """Return words on one line."""
    return " ".join(text.split())


def day(given: str) -> str:
    """Return the day of a day or time as it was given; a year alone stays a year."""
    return plain(given)[:DAY]


def identity(known: Identity, on: date) -> str:
    """Name, number, sex, day of birth and age on a day; what is not recorded is said to be missing."""
    parts = [plain(known.name)]
    if known.number:
        parts.append(_("number %(number)s") % {"number": plain(known.number)})
    sexes = {"female": _("female"), "male": _("male"), "other": _("other sex")}
    parts.append(sexes.get(known.sex, _("sex not recorded")))
    if known.birth_date is None:
        parts.append(_("date of birth not recorded"))
    else:
        parts.append(_("born %(day)s") % {"day": known.birth_date.isoformat()})
        parts.append(_("age %(years)s") % {"years": _years(known.birth_date, on)})
    return "; ".join(parts)


def problem(item: Problem) -> str:
    said = [plain(item.name)]
    if item.verification == "provisional":
        said.append(_("provisional"))
    if item.on:
        said.append(_("since %(day)s") % {"day": day(item.on)})
    return "; ".join(said)


def allergy(item: Allergy) -> str:
    severities = {"mild": _("mild"), "moderate": _("moderate"), "severe": _("severe")}
    said = [plain(item.name)]
    if item.reaction:
        said.append(_("reaction: %(reaction)s") % {"reaction": plain(item.reaction)})
    if item.severity:
        said.append(severities[item.severity])
    if item.criticality == "high":
        said.append(_("high criticality"))
    if item.on:
        said.append(day(item.on))
    return "; ".join(said)


def medicine(item: Medication) -> str:
    said = [plain(item.name)]
    if item.dose_text:
        dose = plain(item.dose_text)
        # A prescription's own words often begin with the medicine.
        said = [dose] if dose.casefold().startswith(said[0].casefold()) else [*said, dose]
    elif item.dose is not None:
        said.append(f"{item.dose:.6g} {written(item.unit)}".strip())
        if item.times_a_day is not None:
            said.append(_("%(count)s times a day") % {"count": f"{item.times_a_day:.6g}"})
    if item.route:
        said.append(plain(item.route))
    if item.status == "on-hold":
        said.append(_("on hold"))
    if item.on:
        said.append(_("since %(day)s") % {"day": day(item.on)})
    return "; ".join(said)


def measured(item: Measurement) -> str:
    """Name and value with its unit; a range where the value is outside of it."""
    measure = MEASURES.get(item.measure)
    name = str(measure.label) if measure else plain(item.name)
    if item.value is None:
        return f"{name} {plain(item.text)}".strip()
    said = f"{name} {item.value:.6g} {written(item.unit)}".strip()
    limits = _limits(item)
    return f"{said} ({limits})" if limits else said


def past(item: History) -> str:
    said = [plain(item.name)]
    if item.status:
        said.append(plain(item.status))
    if item.on:
        said.append(day(item.on))
    return "; ".join(said)


def allergies_asked(asked: date | None) -> str:
    """Say that none are known, and when that was asked; or that it is not known whether there are any."""
    if asked is None:
        return _("Allergies: not known, nobody has recorded asking.")
    return _("Allergies: none known, asked on %(day)s.") % {"day": asked.isoformat()}


def nothing_taken() -> str:
    return _("Medication: none recorded.")


def heading(kind: str, *, here: bool = False) -> str:
    """Return what items of a kind are called in a note; a problem written in the encounter is its working diagnosis."""
    if kind == RecordItem.Kind.PROBLEM and here:
        return _("Working diagnosis")
    headings = {RecordItem.Kind.VITAL: _("Vital signs"), RecordItem.Kind.LABORATORY: _("Laboratory")}
    return headings.get(RecordItem.Kind(kind)) or str(RecordItem.Kind(kind).label)


def item_day(known: Recorded[Item]) -> str:
    """Return the day of an item; the day on which it was written where it has none."""
    return day(known.item.on) or known.recorded_on.isoformat()


def item_text(kind: str, known: Recorded[Item]) -> str:
    """Say one item of the record."""
    return f"{heading(kind, here=known.here)}: {_said(known.item)}"


def item_source(kind: str, known: Recorded[Item]) -> Source:
    """Return an item of the record as a source."""
    on = item_day(known)
    text = item_text(kind, known)
    if on not in text:
        text = f"{text}; {on}"
    if known.item.note:
        text = f"{text}; {plain(known.item.note)}"
    return Source(kind, known.id, str(RecordItem.Kind(kind).label), on, text)


def identity_source(known: Identity, on: date) -> Source:
    return Source("patient", known.id, _("Identity in the record"), on.isoformat(), identity(known, on))


def allergies_source(known: Identity, on: date) -> Source:
    asked = known.no_known_allergies_on
    return Source(
        "allergies", known.id, _("Allergies in the record"), (asked or on).isoformat(), allergies_asked(asked)
    )


def medication_source(known: Identity, on: date) -> Source:
    return Source("medications", known.id, _("Medication in the record"), on.isoformat(), nothing_taken())


def told_source(told: Told, sentence: str) -> Source:
    return Source("intake", told.id, _("Text of the intake"), told.on.isoformat(), sentence)


def found_as(state: str, findings: Iterable[FoundFact]) -> str:
    """Name findings that are present, absent or not known."""
    states = {"present": _("Present"), "absent": _("Absent"), "unknown": _("Not known")}
    return f"{states[state]}: {'; '.join(plain(one.name) for one in findings)}"


def finding_source(told: Told, found: FoundFact) -> Source:
    text = found_as(found.state, [found])
    return Source("finding", found.code, _("Finding of the intake"), told.on.isoformat(), text)


def suggested(shown: Differential, *, most: int) -> str:
    """Say what was suggested, the likeliest options first, and that the chances are the knowledge base's."""
    return _("Suggested on %(day)s, chances in the knowledge base %(knowledge)s: %(options)s") % {
        "day": shown.on.isoformat(),
        "knowledge": shown.knowledge,
        "options": "; ".join(f"{plain(name)} {percent(chance)} %" for name, chance in shown.options[:most]),
    }


def outside() -> str:
    return _("The findings are outside of what the knowledge base knows.")


def own_differential(own: OwnList) -> str:
    return _("The clinician's own differential: %(names)s") % {"names": "; ".join(map(plain, own.names))}


def differential_source(shown: Differential) -> Source:
    said = suggested(shown, most=len(shown.options))
    text = f"{outside()} {said}" if shown.outside else said
    return Source("differential", shown.id, _("Differential as it was shown"), shown.on.isoformat(), text)


def own_source(own: OwnList) -> Source:
    return Source("own_list", own.id, _("The clinician's own list"), own.on.isoformat(), own_differential(own))


def plan_words(content: Mapping[str, Any]) -> str:
    """Say what a line of a plan asks for: its text, for how long, and its note."""
    said = [plain(str(content["text"]))]
    if content.get("days"):
        said.append(_("for %(days)s days") % {"days": content["days"]})
    if content.get("note"):
        said.append(plain(str(content["note"])))
    said += [_("alert overridden: %(alert)s") % {"alert": one} for one in overridden(content)]
    return "; ".join(said)


def overridden(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Say which alerts were overridden for a line of a plan, each with why."""
    return tuple(
        plain(f"{one.alert} {REASONS.get(one.code, one.code)}{f': “{one.text}”' if one.text else ''}")
        for one in Line.of(content).overrides
    )


def plan_source(line: PlanFact) -> Source:
    label = _("Line of the signed plan") if line.signed else _("Line of the plan draft")
    return Source("plan_line", line.id, label, line.on.isoformat(), plain(line.words))


def _said(item: Item) -> str:
    match item:
        case Problem():
            return problem(item)
        case Allergy():
            return allergy(item)
        case Medication():
            return medicine(item)
        case Measurement():
            return measured(item)
        case History():
            return past(item)
        case _:
            raise TypeError(f"no words for a {type(item).__name__}")


def _limits(item: Measurement) -> str:
    """Say on which side of its range a value is; empty where it is inside or has none."""
    flag = flag_of(item)
    low, high = (None if one is None else f"{one:.6g}" for one in (item.low, item.high))
    if flag and low is not None and high is not None:
        wording = (
            _("above the range %(low)s to %(high)s") if flag == "high" else _("below the range %(low)s to %(high)s")
        )
        return wording % {"low": low, "high": high}
    if flag == "high":
        return _("above %(limit)s") % {"limit": high}
    return _("below %(limit)s") % {"limit": low} if flag == "low" else ""


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
