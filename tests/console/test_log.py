"""The log's pages: filters, paging, one entry, its proof, its payload, verification and downloads."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import checkpoints
from llmasos.audit.models import Entry
from llmasos.audit.queries import log_state
from llmasos.audit.services import record, sequence_entries
from llmasos.audit.types import Actor, Ref
from llmasos.console import queries as console
from llmasos.console.log import checks
from llmasos.console.log.progress import note_progress
from llmasos.console.models import SPEECHLESS, CheckState, LogCheck
from llmasos.console.queries import altered_places
from llmasos.runtime.doctor import examine
from llmasos.vault.services import destroy_key
from tests.audit.conftest import outside as outside
from tests.audit.logs import fill

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

LOG = "/o/shop/audit/"


@pytest.fixture
def admin(client: Client, owner: Person) -> Client:
    client.force_login(owner)
    return client


def add(organisation: Organisation, action: str = "audit.read", **fields: object) -> UUID:
    values = {"actor": Actor("person", uuid4(), "agent"), **fields}
    with acting_in(organisation):
        return record(organisation_id=organisation.pk, action=action, **values)  # type: ignore[arg-type]


def shown(client: Client, query: str = "") -> list[str]:
    """Return the ids of the entries that the page lists."""
    text = client.get(f"{LOG}{query}").content.decode()
    return re.findall(r"/audit/entries/([0-9a-f-]{36})/", text)


def test_each_filter_finds_its_entries(admin: Client, organisation: Organisation) -> None:
    subject, run = Ref("visitor", uuid4()), Ref("run", uuid4())
    person = uuid4()
    wanted = {
        f"subject=visitor:{subject.id}": add(organisation, subject=subject),
        f"object={run.id}": add(organisation, object=run),
        f"actor={person}": add(organisation, actor=Actor("person", person)),
        "kind=visitor": add(organisation, actor=Actor("visitor", uuid4())),
        "purpose=care": add(organisation, purpose="care"),
        "outcome=failure": add(organisation, outcome="failure"),
        "action=breakglass": add(organisation, "breakglass.listed"),
    }
    found = {query: shown(admin, f"?{query}") for query in wanted}
    assert found == {query: [str(entry_id)] for query, entry_id in wanted.items()}


def test_whose_entries_were_read_alone_sees_it(admin: Client, organisation: Organisation) -> None:
    subject = Ref("visitor", uuid4())
    add(organisation, subject=subject)
    shown(admin, f"?subject={subject.id}")
    with acting_in(organisation):
        assert Entry.objects.filter(subject_kind="visitor", subject_id=subject.id, action="audit.read").exists()


def test_everything_of_one_request_is_found(admin: Client, organisation: Organisation) -> None:
    admin.get("/o/shop/people/", headers={"X-Request-ID": "request-seven-7"})
    assert len(shown(admin, "?request=request-seven-7")) == 1


def test_time_is_the_organisations(admin: Client, organisation: Organisation) -> None:
    with acting_in(organisation):
        organisation.time_zone = "Asia/Shanghai"
        organisation.save()
    entry_id = add(organisation)
    now = timezone.now().astimezone(ZoneInfo("Asia/Shanghai"))
    hour = now.strftime("%Y-%m-%dT%H:00:00")
    assert str(entry_id) in shown(admin, f"?since={hour}")
    assert shown(admin, f"?until={hour}") == []


@pytest.mark.parametrize("query", ["?subject=someone", "?request=a b", "?action=nothing.known", "?actor=x", "?since=x"])
def test_a_mistake_in_the_filter_is_said_and_nothing_is_shown(admin: Client, query: str) -> None:
    assert admin.get(f"{LOG}{query}").status_code == 422


def test_pages_follow_each_other_without_gap_or_repetition(admin: Client, organisation: Organisation) -> None:
    made = [str(entry_id) for entry_id in reversed(fill(organisation.pk, 120, sequence=False))]
    query, seen = "?action=audit.read&kind=person&purpose=", list[str]()
    text = admin.get(f"{LOG}{query}").content.decode()
    while True:
        seen += re.findall(r"/audit/entries/([0-9a-f-]{36})/", text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        if older is None:
            break
        text = admin.get(LOG + older[1].replace("&amp;", "&")).content.decode()
    assert [entry_id for entry_id in seen if entry_id in made] == made
    newer = re.search(r'rel="prev" href="([^"]+)"', text)
    assert newer is not None
    back = admin.get(LOG + newer[1].replace("&amp;", "&")).content.decode()
    assert len(re.findall(r"/audit/entries/([0-9a-f-]{36})/", back)) == 50


def test_reading_the_log_is_recorded_with_what_was_asked(
    admin: Client, organisation: Organisation, owner: Person
) -> None:
    admin.get(f"{LOG}?outcome=denied")
    with acting_in(organisation):
        entry = Entry.objects.get(action="audit.read", actor_id=owner.pk)
    assert entry.digests == {"page": "log", "count": 0, "filter": ["outcome"]}


def test_people_are_shown_by_name(admin: Client, organisation: Organisation, teammate: Person) -> None:
    add(organisation, actor=Actor("person", teammate.pk, "agent"))
    assert ">Teammate<" in admin.get(f"{LOG}?actor={teammate.pk}").content.decode()


def test_an_entry_says_what_it_holds_and_that_it_is_unchanged(admin: Client, organisation: Organisation) -> None:
    entry_id = add(organisation, digests={"model": "ab" * 32, "passages": [{"id": "p1"}]})
    text = admin.get(f"{LOG}entries/{entry_id}/").content.decode()
    assert "ab" * 32 in text
    assert "passages 1.id" in text
    assert "computed anew just now: the same" in text


def test_another_organisations_entry_is_not_found(
    admin: Client, other_organisation: Organisation, organisation: Organisation
) -> None:
    entry_id = add(other_organisation)
    for address in ("", "proof/", "proof.json"):
        assert admin.get(f"{LOG}entries/{entry_id}/{address}").status_code == 404


def test_a_payload_opens_for_administrators_and_that_is_recorded(admin: Client, organisation: Organisation) -> None:
    subject = Ref("visitor", uuid4())
    entry_id = add(organisation, subject=subject, payload={"note": "said on the phone"})
    assert "said on the phone" not in admin.get(f"{LOG}entries/{entry_id}/").content.decode()
    assert "said on the phone" in admin.post(f"{LOG}entries/{entry_id}/payload").content.decode()
    with acting_in(organisation):
        assert Entry.objects.get(action="audit.payload_read").subject_id == subject.id


def test_a_payload_of_an_erased_person_stays_closed(admin: Client, organisation: Organisation) -> None:
    subject = Ref("visitor", uuid4())
    entry_id = add(organisation, subject=subject, payload={"note": "said on the phone"})
    with acting_in(organisation):
        destroy_key(organisation_id=organisation.pk, subject_kind="visitor", subject_id=subject.id or uuid4())
    assert "The person was erased" in admin.post(f"{LOG}entries/{entry_id}/payload").content.decode()


def test_without_a_checkpoint_there_is_nothing_to_prove_against(admin: Client, organisation: Organisation) -> None:
    entry_id = add(organisation)
    assert "has no number yet" in admin.get(f"{LOG}entries/{entry_id}/proof/").content.decode()
    sequence_entries(organisation.pk)
    assert "no signed checkpoint yet" in admin.get(f"{LOG}entries/{entry_id}/proof/").content.decode()
    assert admin.get(f"{LOG}entries/{entry_id}/proof.json").status_code == 404


@pytest.mark.usefixtures("outside")
def test_an_entry_under_a_checkpoint_is_proved_and_the_proof_can_be_taken_away(
    admin: Client, organisation: Organisation
) -> None:
    entry_id, *_others = fill(organisation.pk, 5)
    checkpoints.make(organisation.pk)
    checkpoints.deliver()
    assert "Proved: this entry was in the log" in admin.get(f"{LOG}entries/{entry_id}/proof/").content.decode()
    proof = json.loads(admin.get(f"{LOG}entries/{entry_id}/proof.json").content)
    assert proof["holds"]
    assert proof["document"]["id"] == str(entry_id)
    text = admin.get(f"{LOG}state/").content.decode()
    assert "Signed and taken outside in time." in text
    assert proof["note"].splitlines()[0] in text
    later = add(organisation)
    sequence_entries(organisation.pk)
    assert "The next one covers it" in admin.get(f"{LOG}entries/{later}/proof/").content.decode()


def test_a_check_runs_as_a_job_and_shows_what_it_found(
    admin: Client,
    organisation: Organisation,
    owner: Person,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    fill(organisation.pk, 5)
    with django_capture_on_commit_callbacks() as queued:
        assert admin.post(f"{LOG}verify")["Location"] == f"{LOG}check/"
        admin.post(f"{LOG}verify")
    assert len(queued) == 1
    assert "hx-trigger" in admin.get(f"{LOG}check/").content.decode()
    with acting_in(organisation):
        check = LogCheck.objects.get()
    checks.run(organisation.pk, check.pk)
    assert checks.progress_of(check) == check.total > 0
    assert "entries computed anew: every one is as it was written." in admin.get(f"{LOG}check/").content.decode()
    with acting_in(organisation):
        entry = Entry.objects.get(action="audit.verified")
    assert (entry.actor_id, entry.outcome, entry.digests["faults"]) == (owner.pk, "success", 0)


def test_faults_are_shown_in_words(admin: Client, organisation: Organisation) -> None:
    faults = [{"kind": "cut_tail", "organisation": "", "from_seq": 4, "to_seq": 9, "since": ""}]
    with acting_in(organisation):
        LogCheck.objects.create(
            organisation=organisation,
            state=CheckState.DONE,
            finished_at=timezone.now(),
            report={"ok": False, "entries": 3, "unsequenced": 0, "faults": faults},
        )
    text = admin.get(f"{LOG}check/").content.decode()
    assert "End cut off" in text
    assert "the beginning" in text


def test_operators_and_readers_of_a_log_are_told_that_it_was_altered(
    admin: Client, organisation: Organisation, client: Client, operator: Person
) -> None:
    with acting_in(organisation):
        LogCheck.objects.create(
            organisation=organisation, state=CheckState.DONE, report={"ok": False, "faults": [{"kind": "changed"}]}
        )
        assert altered_places(organisation.pk) == 1
    client.force_login(operator)
    assert "1 audit log is not as it was written" in client.get("/console/logs/").text


@pytest.mark.parametrize("state", [CheckState.FAILED, CheckState.QUEUED, CheckState.DONE, None])
def test_a_log_that_was_not_verified_to_its_end_of_late_does_not_count_as_sound(
    admin: Client, organisation: Organisation, client: Client, operator: Person, state: CheckState | None
) -> None:
    now = timezone.now()
    assert console.unverified_logs() == {}
    sound_at = now - timedelta(days=1 if state == CheckState.FAILED else 9) if state else None
    with acting_in(organisation):
        Organisation.objects.filter(pk=organisation.pk).update(created_at=now - timedelta(days=90))
        if sound_at:
            LogCheck.objects.create(
                organisation=organisation,
                state=CheckState.DONE,
                asked_at=sound_at,
                finished_at=sound_at,
                report={"ok": True, "entries": 1, "unsequenced": 0, "faults": []},
            )
        if state in (CheckState.FAILED, CheckState.QUEUED):
            LogCheck.objects.create(organisation=organisation, state=state, finished_at=now)
    assert console.unverified_logs() == console.unverified_logs(organisation.pk) == {organisation.pk: sound_at}
    words = "1 audit log was not verified to its end"
    assert words in admin.get(LOG).text
    assert words in admin.get(f"{LOG}check/").text
    client.force_login(operator)
    said = client.get("/console/logs/").text
    assert words in said
    assert ("It was never found as written." in said) == (sound_at is None)
    (finding,) = (one for one in examine() if one.name == "audit verification")
    assert (finding.well, finding.detail.endswith(f"{sound_at:%Y-%m-%d %H:%M} UTC" if sound_at else "never")) == (
        False,
        True,
    )


def test_the_clock_has_every_log_verified(
    organisation: Organisation, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    fill(organisation.pk, 5)
    with django_capture_on_commit_callbacks():
        checks.ask_everywhere()
    with acting_in(organisation):
        check = LogCheck.objects.get()
    checks.run(organisation.pk, check.pk)
    with acting_in(organisation):
        assert Entry.objects.get(action="audit.verified").actor_kind == "system"


def test_a_check_whose_worker_was_lost_can_be_asked_for_again(
    admin: Client, organisation: Organisation, owner: Person
) -> None:
    with acting_in(organisation):
        lost = LogCheck.objects.create(
            organisation=organisation,
            state=CheckState.RUNNING,
            started_at=timezone.now() - SPEECHLESS,
            asked_at=timezone.now() - SPEECHLESS,
        )
    again = checks.ask(Principal(organisation.pk, "person", owner.pk))
    assert again.pk != lost.pk
    note_progress(again.pk, 1)
    with acting_in(organisation):
        LogCheck.objects.filter(pk=again.pk).update(
            state=CheckState.RUNNING, started_at=timezone.now() - SPEECHLESS, asked_at=timezone.now() - SPEECHLESS
        )
        again.refresh_from_db()
    assert again.is_under_way


def test_a_check_that_another_worker_has_is_not_begun_again(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_in(organisation):
        check = LogCheck.objects.create(
            organisation=organisation, state=CheckState.RUNNING, started_at=timezone.now() - timedelta(hours=1)
        )
    note_progress(check.pk, 1)
    monkeypatch.setattr(checks, "verify", lambda *_args, **_kwargs: pytest.fail("begun twice"))
    checks.run(organisation.pk, check.pk)
    with acting_in(organisation):
        check.refresh_from_db()
    assert check.state == CheckState.RUNNING


def test_one_log_that_cannot_be_asked_about_does_not_keep_the_others_from_it(
    organisation: Organisation, other_organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[UUID] = []

    def refuse(principal: Principal) -> None:
        asked.append(principal.organisation_id)
        raise ConnectionError

    monkeypatch.setattr(checks, "ask", refuse)
    checks.ask_everywhere()
    assert set(asked) == {organisation.pk, other_organisation.pk}


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_what_the_filter_finds_can_be_taken_away(admin: Client, organisation: Organisation, file_format: str) -> None:
    subject = Ref("visitor", uuid4())
    add(organisation, subject=subject)
    sequence_entries(organisation.pk)
    answer = admin.get(f"{LOG}files/{file_format}?subject=visitor:{subject.id}")
    assert answer["Content-Disposition"].startswith("attachment")
    with acting_in(organisation):
        assert Entry.objects.filter(action="audit.exported").count() == 1


def test_a_download_that_cannot_be_cut_that_way_is_not_offered(admin: Client) -> None:
    assert "take the other filters away" in admin.get(f"{LOG}?outcome=denied").content.decode()
    assert admin.get(f"{LOG}files/csv?outcome=denied").status_code == 404
    assert admin.get(f"{LOG}files/pdf").status_code == 404


def test_the_state_page_warns_while_nothing_is_signed(admin: Client) -> None:
    text = admin.get(f"{LOG}state/").content.decode()
    assert "This log was never signed" in text
    assert "No checkpoint was taken anywhere yet." in text


def test_operators_see_every_log_as_its_organisation_does(organisation: Organisation) -> None:
    fill(organisation.pk, 2)
    fill(organisation.pk, 1, sequence=False)
    found = dict(console.log_states())
    assert found[organisation.pk] == log_state(organisation.pk)
    assert (found[organisation.pk].entries, found[organisation.pk].unsequenced) == (2, 1)
