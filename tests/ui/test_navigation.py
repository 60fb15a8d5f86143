from __future__ import annotations

import pytest

from llmasos.ui import navigation
from llmasos.ui.navigation import DoorConflictError, doors_for, register_door, register_section, sections_of


@pytest.fixture(autouse=True)
def own_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_doors", {})
    monkeypatch.setattr(navigation, "_sections", {})


def test_a_door_opens_for_its_roles_only() -> None:
    register_door("desk", "Desk", "ui:organisation", roles=["agent"])
    assert [door.key for door in doors_for({"agent", "auditor"})] == ["desk"]
    assert doors_for({"auditor"}) == ()


def test_a_door_without_roles_opens_for_every_member() -> None:
    register_door("hall", "Hall", "ui:organisation")
    assert [door.key for door in doors_for({"student"})] == ["hall"]


def test_doors_come_in_their_order() -> None:
    register_door("last", "Last", "ui:organisation", order=90)
    register_door("first", "First", "ui:organisation", order=10)
    assert [door.key for door in doors_for({"agent"})] == ["first", "last"]


def test_the_same_door_may_be_registered_again() -> None:
    for _time in range(2):
        register_door("desk", "Desk", "ui:organisation", roles=["agent"])
    assert len(doors_for({"agent"})) == 1


def test_another_door_under_the_same_key_is_refused() -> None:
    register_door("desk", "Desk", "ui:organisation", roles=["agent"])
    with pytest.raises(DoorConflictError):
        register_door("desk", "Desk", "ui:home", roles=["agent"])


def test_the_accent_names_the_room() -> None:
    register_door("desk", "Desk", "ui:organisation", accent="violet")
    assert doors_for(())[0].room == "tutor"


def test_the_pages_behind_a_door_come_in_their_order_for_their_roles() -> None:
    register_section("desk", "late", "Late", "ui:organisation", order=9)
    register_section("desk", "early", "Early", "ui:organisation", roles=["agent"], order=1)
    register_section("hall", "other", "Other", "ui:organisation")
    assert [section.key for section in sections_of("desk", {"agent"})] == ["early", "late"]
    assert [section.key for section in sections_of("desk", {"auditor"})] == ["late"]


def test_another_page_under_the_same_key_is_refused() -> None:
    register_section("desk", "late", "Late", "ui:organisation")
    with pytest.raises(DoorConflictError):
        register_section("desk", "late", "Late", "ui:home")
