"""The people of roster files: learners, made or found; staff and guardians, found among the members alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from llmasos.accounts.models import Membership
from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.enrolling import link_accounts
from tutor.courses.matching import by_external_id, matches, sealing
from tutor.models import Enrolment, Guardian, Learner
from tutor.permissions import GUARDIANS, STAFF
from tutor.rosters.leaving import withdraw_from
from tutor.rosters.outcome import Outcome
from tutor.rosters.rows import Roster, User


def learners_of(principal: Principal, roster: Roster, outcome: Outcome) -> dict[str, Learner]:
    """Return the learners that the files name, by their ids there; those who are new are made, others changed."""
    of = principal.organisation_id
    rows = _told_apart([row for row in roster.users if row.part == "student"], outcome)
    named = {row.id for row in rows} | {row.user for row in roster.enrollments if row.part == "student"}
    known = by_external_id(of, sorted(named))
    for row, found in zip(rows, matches(of, [(row.email, row.number) for row in rows]), strict=True):
        if row.id in known:
            continue
        if len(found) > 1 or any(one.external_id not in {None, row.id} for one in found):
            outcome.fault(
                "users", row.line, "identifier", _("Number or address belong to another learner: correct this line.")
            )
        elif found:
            known[row.id] = found[0]
        elif not row.gone:
            known[row.id] = Learner(organisation_id=of)
    _save(principal, [(known[row.id], row) for row in rows if row.id in known and not row.gone], outcome)
    gone = [known[row.id].pk for row in rows if row.gone and row.id in known]
    places = Enrolment.objects.for_organisation(of).filter(learner_id__in=gone, withdrawn_at=None)
    withdraw_from(principal, places, outcome)
    return known


def staff_of_school(organisation_id: UUID, roster: Roster, outcome: Outcome) -> dict[str, UUID]:
    """Return the people that the files name as staff and who are members already, by their ids there."""
    enrolled = {row.user for row in roster.enrollments if row.part in {"teacher", "assistant"}}
    rows = [row for row in roster.users if row.id in enrolled and not row.gone]
    found = _members(organisation_id, rows, STAFF)
    for row in rows:
        if row.id not in found:
            outcome.fault(
                "users", row.line, "email", _("Nobody with this address teaches here. Invite them, then upload again.")
            )
    return found


def guardians(principal: Principal, roster: Roster, learners: Mapping[str, Learner], outcome: Outcome) -> None:
    """Link learners with those of their agents who are guardians here."""
    by_id = {row.id: row for row in roster.users if not row.gone}
    named = [by_id[agent] for row in roster.users for agent in row.agents if agent in by_id]
    people = _members(principal.organisation_id, named, GUARDIANS)
    wanted = {
        (learners[row.id].pk, people[agent])
        for row in roster.users
        if row.id in learners and not row.gone
        for agent in row.agents
        if agent in people
    }
    for row in {one.id: one for one in named}.values():
        if row.id not in people:
            outcome.fault(
                "users", row.line, "email", _("Nobody with this address is a guardian here. Invite them first.")
            )
    links = Guardian.objects.for_organisation(principal.organisation_id)
    present = set(links.filter(learner_id__in=[one for one, _p in wanted]).values_list("learner_id", "person_id"))
    for learner_id, person_id in sorted(wanted - present):
        Guardian.objects.create(organisation_id=principal.organisation_id, learner_id=learner_id, person_id=person_id)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.guardian_added",
            subject=Ref("learner", learner_id),
            digests={"person": str(person_id)},
        )
        outcome.counts["guardians_linked"] += 1


def _told_apart(rows: Iterable[User], outcome: Outcome) -> list[User]:
    """Return the rows whose id, number and address no other row has before them."""
    seen: dict[str, int] = {}
    kept = []
    for row in rows:
        names = [f"id {row.id}", *(name.casefold() for name in (row.email, row.number) if name)]
        twice = next((seen[name] for name in names if name in seen), None)
        if twice is not None:
            advice = _("The same learner is on line %(line)s already: remove one of the two.") % {"line": twice}
            outcome.fault("users", row.line, "sourcedId", advice)
            continue
        seen |= dict.fromkeys(names, row.line)
        kept.append(row)
    return kept


def _save(principal: Principal, pairs: Iterable[tuple[Learner, User]], outcome: Outcome) -> None:
    new, changed = [], []
    for learner, row in pairs:
        wanted = {"external_id": row.id, "name": row.name, "email": row.email, "number": row.number}
        # What the file does not say stays.
        differing = {name: value for name, value in wanted.items() if value and getattr(learner, name) != value}
        for name, value in differing.items():
            setattr(learner, name, value)
        if learner._state.adding:  # noqa: SLF001 - Django's own word for it
            new.append(learner)
        elif differing:
            changed.append((learner, list(differing)))
    with sealing(principal.organisation_id, [*new, *(learner for learner, _names in changed)]):
        Learner.objects.bulk_create(new, batch_size=1_000)
        for learner, names in changed:
            learner.save(update_fields=names)
    for learner in [*new, *(one for one, _names in changed)]:
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.learner_saved",
            subject=Ref("learner", learner.pk),
        )
    outcome.counts["learners_added"] += len(new)
    outcome.counts["learners_changed"] += len(changed)
    link_accounts(principal.organisation_id, [(learner, row.email) for learner, row in pairs])


def _members(organisation_id: UUID, rows: Iterable[User], roles: Iterable[str]) -> dict[str, UUID]:
    by_email = {row.email.lower(): row.id for row in rows if row.email}
    found = Membership.objects.for_organisation(organisation_id).filter(
        person__email__in=by_email, role__in=roles, deactivated_at=None
    )
    return {by_email[email]: person_id for email, person_id in found.values_list("person__email", "person_id")}
