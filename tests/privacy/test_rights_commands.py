from __future__ import annotations

import io
import json
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.privacy.models import Erasure
from llmasos.privacy.services import taking_up
from support_bot.models import Visitor
from tests.privacy.conftest import Say

pytestmark = pytest.mark.usefixtures("valkey")


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("privacy", *words, stdout=out)
    return out.getvalue()


def test_erase_prints_what_was_removed_where(visitor: Visitor, say: Say) -> None:
    say(visitor, "Hello")

    printed = json.loads(run("erase", "--organisation", "shop", "--subject", f"visitor:{visitor.pk}", "--json"))

    removed = {store["store"]: store["removed"] for store in printed["report"]["stores"]}
    assert removed["support.conversations"] == 4
    assert services.report_digest(printed["report"]) == printed["report_digest"]


def test_erase_says_which_hold_forbids_it(officer: Principal, visitor: Visitor) -> None:
    services.hold_subject(officer, Ref("visitor", visitor.pk), reason="Case 17")

    with pytest.raises(CommandError, match="Case 17"):
        run("erase", "--organisation", "shop", "--subject", f"visitor:{visitor.pk}")


def test_export_writes_an_archive_that_nobody_else_may_read(visitor: Visitor, say: Say, tmp_path: Path) -> None:
    say(visitor, "Where is parcel 4711?")
    file = tmp_path / "mine.zip"

    run("export", "--organisation", "shop", "--subject", f"visitor:{visitor.pk}", "--out", str(file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "parcel 4711" in zipfile.ZipFile(file).read("export.json").decode()


def test_a_dry_run_of_expire_names_each_store(visitor: Visitor) -> None:
    printed = json.loads(run("expire", "--organisation", "shop", "--dry-run", "--json"))

    assert {"support.conversations", "inference.runs"} <= {store["store"] for store in printed["stores"]}


@pytest.mark.parametrize("subject", ["visitor", "visitor:4711", "nobody:00000000-0000-0000-0000-000000000001"])
def test_a_subject_that_cannot_be_read_is_refused(visitor: Visitor, subject: str) -> None:
    with pytest.raises(CommandError):
        run("erase", "--organisation", "shop", "--subject", subject)


def test_an_erasure_that_nobody_touched_for_minutes_is_handed_out_again(
    officer: Principal, as_subject: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_out: list[Erasure] = []
    monkeypatch.setattr(taking_up, "publish_erasure", handed_out.append)
    begun = services.start_erasure(officer, as_subject)
    services.take_up_erasures()
    assert handed_out == []
    with acting_in(officer.organisation_id):
        Erasure.objects.filter(pk=begun.pk).update(touched_at=timezone.now() - timedelta(minutes=3))

    services.take_up_erasures()

    assert [one.pk for one in handed_out] == [begun.pk]
