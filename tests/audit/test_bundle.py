from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from llmasos.audit.notes import Signer
from llmasos.audit.standalone import llmasos_verify
from tests import databases
from tests.audit import bundles
from tests.audit.bundles import Line, Signed, entries, place, rebuild, resigned, text_of, without

FILE = Path(llmasos_verify.__file__)


@pytest.fixture(scope="module")
def signed(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Signed:
    """The log and its bundles, made once: the tests change copies of the files."""
    folder = tmp_path_factory.mktemp("checkpoints")
    places = override_settings(CHECKPOINT_KEY_FOLDER=folder / "keys", CHECKPOINT_FOLDER=folder / "outside")
    with django_db_blocker.unblock(), databases.own_database(), places:
        return bundles.signed_log()


@pytest.fixture
def lines(signed: Signed) -> list[Line]:
    return copy.deepcopy(signed.whole)


@pytest.fixture
def part(signed: Signed) -> list[Line]:
    return copy.deepcopy(signed.ranges[12, 17])


@pytest.fixture
def key(signed: Signed) -> str:
    return signed.key


@pytest.fixture
def outside(signed: Signed) -> str:
    """The checkpoints as they were kept outside."""
    return "\n".join(line["note"] for line in signed.whole if line["type"] == "checkpoint")


def check(lines: list[Line], *, key: str = "", outside: str = "") -> llmasos_verify.Report:
    return llmasos_verify.verify(text_of(lines), keys=[key] if key else [], checkpoints=[outside] if outside else [])


def kinds(report: llmasos_verify.Report) -> set[tuple[str, int, int]]:
    return {(fault.kind, fault.from_seq, fault.to_seq) for fault in report.faults}


def test_an_honest_bundle_has_no_fault(lines: list[Line], key: str, outside: str) -> None:
    report = check(lines, key=key, outside=outside)
    assert (report.faults, report.entries, report.checkpoints, report.trusted_by) == ([], 30, 3, "the key given")


def test_the_window_after_the_last_checkpoint_is_told(lines: list[Line]) -> None:
    window = check(lines).window
    assert window is not None
    assert (window["from_seq"], window["to_seq"]) == (25, 30)


@pytest.mark.parametrize("ends", bundles.RANGES, ids=str)
def test_every_range_is_proved_by_the_checkpoints_around_it(signed: Signed, ends: tuple[int, int]) -> None:
    report = check(signed.ranges[ends])
    assert (report.faults, (report.from_seq, report.to_seq)) == ([], ends)


def test_chosen_entries_come_with_their_proofs(signed: Signed) -> None:
    report = check(signed.chosen)
    assert (report.faults, report.entries, report.proved, report.complete) == ([], 1, 1, False)


def test_bundles_under_a_rotated_key_hold_under_the_first(signed: Signed) -> None:
    report = check(signed.rotated, key=signed.key)
    assert (report.faults, len(report.keys), report.checkpoints) == ([], 2, 4)


def test_a_changed_entry_is_found(lines: list[Line]) -> None:
    lines[place(lines, 7)]["entry"]["action"] = "audit.verified"
    assert ("changed", 7, 7) in kinds(check(lines))


def test_a_changed_entry_with_its_leaf_and_link_is_found(lines: list[Line]) -> None:
    lines[place(lines, 7)]["entry"]["action"] = "audit.verified"
    tail = copy.deepcopy(entries(lines)[7:])
    rebuild(lines)
    for line, original in zip(entries(lines)[7:], tail, strict=True):
        line |= original
    assert ("changed", 7, 8) in kinds(check(lines))


def test_a_deleted_entry_is_found(lines: list[Line]) -> None:
    assert ("deleted", 7, 7) in kinds(check(without(lines, lambda line: line.get("seq") == 7)))


def test_a_deleted_entry_with_the_rest_renumbered_is_found(lines: list[Line]) -> None:
    kept = without(lines, lambda line: line.get("seq") == 7)
    for line in entries(kept)[6:]:
        line["seq"] -= 1
    assert {kind for kind, _, _ in kinds(check(kept))} & {"deleted", "cut_tail"}


def test_an_inserted_entry_is_found(lines: list[Line]) -> None:
    lines.insert(place(lines, 8), copy.deepcopy(lines[place(lines, 3)]))
    lines[-1]["entries"] += 1
    assert ("inserted", 3, 3) in kinds(check(lines))


def test_an_inserted_entry_with_the_rest_renumbered_is_found(lines: list[Line]) -> None:
    forged = copy.deepcopy(lines[place(lines, 7)])
    forged["entry"]["id"] = "00000000-0000-4000-8000-000000000000"
    lines.insert(place(lines, 8), forged)
    originals = copy.deepcopy(entries(lines))
    rebuild(lines)
    for line, original in zip(entries(lines)[8:], originals[8:], strict=True):
        line |= original | {"seq": original["seq"] + 1}
    lines[-1]["entries"] += 1
    assert ("inserted", 8, 8) in kinds(check(lines))


def test_lines_in_another_order_are_found(lines: list[Line]) -> None:
    first = place(lines, 5)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    assert "reordered" in {kind for kind, _, _ in kinds(check(lines))}


def test_swapped_entries_are_found(lines: list[Line]) -> None:
    one, other = lines[place(lines, 5)], lines[place(lines, 16)]
    one["entry"], other["entry"] = other["entry"], one["entry"]
    assert {("reordered", 5, 5), ("reordered", 16, 16)} <= kinds(check(lines))


@pytest.mark.parametrize("name", ["leaf", "chain", "previous"])
def test_a_wrong_hash_is_found(lines: list[Line], name: str) -> None:
    lines[place(lines, 9)][name] = "ab" * 32
    assert ("changed", 9, 9) in kinds(check(lines))


def test_a_time_put_back_is_found(lines: list[Line]) -> None:
    lines[place(lines, 12)]["sequenced_at"] -= 3_600_000_000
    rebuild(lines)
    assert ("clock_back", 12, 12) in kinds(check(lines))


def test_a_log_built_anew_without_the_signing_key_is_found(lines: list[Line]) -> None:
    lines[place(lines, 7)]["entry"]["outcome"] = "denied"
    rebuild(lines)
    assert ("rebuilt", 1, 10) in kinds(check(lines))


def test_a_log_built_anew_without_an_entry_is_found(lines: list[Line]) -> None:
    kept = without(lines, lambda line: line.get("seq") == 7)
    rebuild(kept)
    assert ("rebuilt", 1, 10) in kinds(check(kept))


def test_a_cut_tail_under_a_checkpoint_is_found(lines: list[Line]) -> None:
    assert ("cut_tail", 21, 24) in kinds(check(without(lines, lambda line: line.get("seq", 0) > 20)))


def test_a_cut_tail_is_found_by_a_checkpoint_kept_outside(lines: list[Line], key: str, outside: str) -> None:
    kept = without(lines, lambda line: line.get("seq", 0) > 20 or "\n24\n" in line.get("note", ""))
    assert not check(kept, key=key).faults
    assert ("cut_tail", 21, 24) in kinds(check(kept, key=key, outside=outside))


def test_a_whole_log_that_is_gone_is_found(lines: list[Line]) -> None:
    assert ("cut_tail", 1, 10) in kinds(check(without(lines, lambda line: line["type"] == "entry")))


def test_a_checkpoint_that_is_gone_is_found(lines: list[Line]) -> None:
    kept = without(lines, lambda line: "\nnumber 2\n" in line.get("note", ""))
    assert ("checkpoint_missing", 11, 24) in kinds(check(kept))


def test_a_bundle_without_any_checkpoint_is_not_proved(lines: list[Line]) -> None:
    kept = without(lines, lambda line: line["type"] == "checkpoint")
    assert ("checkpoint_missing", 1, 30) in kinds(check(kept))


def test_a_wrong_signature_is_found(lines: list[Line]) -> None:
    signed = [line for line in lines if line["type"] == "checkpoint"]
    signed[1]["note"] = signed[1]["note"].replace("\n18\n", "\n17\n")
    assert ("bad_signature", 17, 17) in kinds(check(lines))


def test_a_key_that_nobody_vouched_for_signs_nothing(lines: list[Line], key: str) -> None:
    report = check(without(lines, lambda line: line["type"] == "key"), key=key)
    assert {kind for kind, _, _ in kinds(report)} == {"unknown_key", "checkpoint_missing"}


def test_a_log_signed_with_a_key_of_the_forger_is_found(lines: list[Line], key: str) -> None:
    forger = Signer("llmasos/0123456789abcdef", b"f" * 32)
    forged = resigned(lines, forger)
    assert not check(forged).faults
    assert ("unknown_key", 0, 0) in kinds(check(forged, key=key))


def test_a_log_that_differs_from_the_checkpoints_kept_outside_is_found(signed: Signed, key: str, outside: str) -> None:
    other = outside.replace(*re.findall(r"\n(\S{44})\n", outside)[:2])
    assert "bad_signature" in {kind for kind, _, _ in kinds(check(signed.whole, key=key, outside=other))}


def test_two_histories_under_the_same_key_are_found(signed: Signed, key: str, outside: str) -> None:
    assert ("fork", 26, 26) in kinds(check(signed.rotated, key=key, outside=signed.fork))


def test_a_range_that_does_not_lead_to_the_signed_root_is_found(part: list[Line]) -> None:
    part[place(part, 14)]["entry"]["outcome"] = "denied"
    rebuild(part)
    assert ("rebuilt", 12, 17) in kinds(check(part))


def test_a_range_after_forged_hashes_is_found(part: list[Line]) -> None:
    part[0]["before"]["peaks"][0] = "ab" * 32
    assert "rebuilt" in {kind for kind, _, _ in kinds(check(part))}


def test_a_chosen_entry_that_was_changed_is_found(signed: Signed) -> None:
    lines = copy.deepcopy(signed.chosen)
    (line,) = entries(lines)
    line["entry"]["outcome"] = "denied"
    rebuild(lines)
    line["seq"] = 13
    assert ("changed", 13, 13) in kinds(check(lines))


def test_a_proof_that_was_taken_out_is_missed(signed: Signed) -> None:
    lines = copy.deepcopy(signed.chosen)
    del entries(lines)[0]["proof"]
    assert kinds(check(lines)) == {("unproved", 13, 13)}


def test_a_forged_log_cannot_pass_as_a_selection(lines: list[Line]) -> None:
    lines[place(lines, 7)]["entry"]["outcome"] = "denied"
    rebuild(lines)
    lines[0]["complete"] = False
    assert ("unproved", 1, 24) in kinds(check(lines))


@pytest.mark.parametrize("ends", [(12, 17), (20, 30)], ids=str)
def test_a_range_without_its_ties_to_the_checkpoints_is_not_proved(signed: Signed, ends: tuple[int, int]) -> None:
    kept = without(copy.deepcopy(signed.ranges[ends]), lambda line: line["type"] == "consistency")
    assert {kind for kind, _, _ in kinds(check(kept))} <= {"unproved", "cut_tail"}
    assert check(kept).faults


def test_numbers_that_leap_are_refused(lines: list[Line]) -> None:
    lines[place(lines, 7)]["seq"] = 10**15
    with pytest.raises(llmasos_verify.BundleError):
        check(lines)


def test_a_file_that_was_cut_short_is_found(lines: list[Line]) -> None:
    assert "cut_tail" in {kind for kind, _, _ in kinds(check(lines[:-1]))}


@pytest.mark.parametrize(
    "line",
    ['{"type":"entry","type":"end","entries":30}', '{"type":"end","entries":30.0}', "[]", '{"type":"other"}', "{"],
)
def test_what_two_readers_could_take_differently_is_refused(lines: list[Line], line: str) -> None:
    with pytest.raises(llmasos_verify.BundleError):
        llmasos_verify.verify([*text_of(lines[:-1]), line])


def test_the_file_runs_without_the_platform(lines: list[Line], key: str, tmp_path: Path) -> None:
    (tmp_path / "llmasos_verify.py").write_bytes(FILE.read_bytes())
    (tmp_path / "bundle").write_text("\n".join(text_of(lines)))
    # Everything but the standard library and the one package is out of reach.
    guard = (
        "import runpy, sys\n"
        "class Wall:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        allowed = {*sys.stdlib_module_names, 'cryptography', '_cffi_backend'}\n"
        "        if name.partition('.')[0] not in allowed:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
        f"sys.argv = ['llmasos_verify.py', 'bundle', '--key', {key!r}, '--json']\n"
        "runpy.run_path('llmasos_verify.py', run_name='__main__')\n"
    )
    ran = subprocess.run([sys.executable, "-I", "-c", guard], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stderr, json.loads(ran.stdout)["ok"]) == (0, "", True)


def test_the_command_fails_on_a_fault(lines: list[Line], tmp_path: Path) -> None:
    lines[place(lines, 7)]["entry"]["outcome"] = "denied"
    (tmp_path / "bundle").write_text("\n".join(text_of(lines)))
    ran = subprocess.run([sys.executable, "-I", FILE, tmp_path / "bundle"], check=False, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "changed: 7 to 7" in ran.stdout


@pytest.mark.parametrize(("name", "status"), [("proof.jsonl", 0), ("other.jsonl", 2)])
def test_the_proof_is_found_in_a_zip_file(lines: list[Line], tmp_path: Path, name: str, status: int) -> None:
    with zipfile.ZipFile(tmp_path / "mark.zip", "w") as archive:
        archive.writestr(name, "\n".join(text_of(lines)))
    ran = subprocess.run(
        [sys.executable, "-I", FILE, tmp_path / "mark.zip"], check=False, capture_output=True, text=True
    )
    assert (ran.returncode, "no proof.jsonl" in ran.stdout) == (status, status == 2)
