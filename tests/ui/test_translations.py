"""The Chinese catalogues are complete, and the pages speak them."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from django.utils.translation.template import templatize

from clinical_assist.record.measures import MEASURES
from llmasos.accounts.models import Organisation, Person
from llmasos.answering import phrases
from support_bot.models import Site
from tests.support_bot.conftest import make_site
from tutor.models import Question

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("platform/llmasos", "support_bot", "tutor", "clinical_assist")
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy"}
HOLES = re.compile(r"%\(\w+\)[sdif]|%[sd]|\{\w*\}|<[^>]+>")
# What Django makes of a template: calls of gettext with the text as a Python string.
CALL = re.compile(r"\bn?gettext\((u?(?:'''|\"\"\"|'|\").+?)\)\s", re.DOTALL)


@dataclass
class Translation:
    """One entry of a catalogue, as its text file has it."""

    flags: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return self.fields.get("msgid", "")

    @property
    def texts(self) -> list[str]:
        return [text for name, text in self.fields.items() if name.startswith("msgstr")]


def _folder(place: str) -> Path:
    return ROOT / place / "locale" / "zh_Hans" / "LC_MESSAGES"


def _entries(place: str) -> list[Translation]:
    """Read a catalogue's entries, its head left out."""
    entries: list[Translation] = []
    for block in (_folder(place) / "django.po").read_text(encoding="utf-8").split("\n\n"):
        entry, name = Translation(), ""
        for line in block.splitlines():
            if line.startswith("#,"):
                entry.flags += line
            elif line and not line.startswith("#"):
                if not line.startswith('"'):
                    name, _space, line = line.partition(" ")
                entry.fields[name] = entry.fields.get(name, "") + ast.literal_eval(line)
        if entry.source:
            entries.append(entry)
    return entries


def _texts_in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and node.args:
            position = 1 if node.func.id.startswith("pgettext") else 0
            text = node.args[position]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value


def _texts_in_template(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if "i18n" in source:
        for call in ast.walk(ast.parse("\n".join(_calls(templatize(source))))):
            if isinstance(call, ast.Call) and isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value)


def _calls(source: str) -> Iterator[str]:
    for match in CALL.finditer(source + " "):
        yield f"gettext({match[1]})"


@pytest.mark.parametrize("place", PLACES)
def test_every_text_of_a_catalogue_is_translated(place: str) -> None:
    entries = _entries(place)
    assert entries
    assert [entry.source for entry in entries if "fuzzy" in entry.flags or not all(entry.texts)] == []


@pytest.mark.parametrize("place", PLACES)
def test_a_translation_fills_in_the_same_values(place: str) -> None:
    wrong = []
    for entry in _entries(place):
        # Chinese has one form for all numbers: it has to name what the plural names.
        wanted = sorted(HOLES.findall(entry.fields.get("msgid_plural", entry.source)))
        wrong += [text for text in entry.texts if sorted(HOLES.findall(text)) != wanted]
    assert wrong == []


@pytest.mark.parametrize("place", PLACES)
def test_the_compiled_catalogue_says_what_the_text_file_says(place: str) -> None:
    with (_folder(place) / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in _entries(place):
        if "msgid_plural" in entry.fields:
            said = compiled.ngettext(entry.source, entry.fields["msgid_plural"], 2)
        elif "msgctxt" in entry.fields:
            said = compiled.pgettext(entry.fields["msgctxt"], entry.source)
        else:
            said = compiled.gettext(entry.source)
        assert said == entry.texts[0]


@pytest.mark.parametrize("place", PLACES)
def test_every_text_in_the_sources_is_in_the_catalogue(place: str) -> None:
    known = {entry.source for entry in _entries(place)}
    texts: set[str] = set()
    for path in (ROOT / place).rglob("*.py"):
        texts.update(_texts_in_python(path))
    for path in (ROOT / place).rglob("templates/**/*.*"):
        texts.update(_texts_in_template(path))
    assert sorted(texts - known) == []


def test_a_word_with_two_meanings_is_translated_by_its_room() -> None:
    # One catalogue shadows another: without a context the weight of a body read as that of a criterion.
    with override("zh-hans"):
        assert (str(MEASURES["weight"].label), str(Question.Kind.NUMERIC.label)) == ("体重", "数值")


@pytest.mark.django_db
def test_the_sign_in_page_is_chinese_for_a_chinese_browser(client: Client) -> None:
    page = client.get(reverse("account_login"), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "登录" in page
    assert "Sign in" not in page


@pytest.mark.django_db
def test_the_chat_is_chinese_for_a_chinese_browser(client: Client, organisation: Organisation) -> None:
    site: Site = make_site(organisation)
    page = client.get(f"/widget/{site.key}/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "写下您的问题" in page
    assert "Write your question" not in page


def test_an_answer_that_is_not_there_is_declined_in_chinese() -> None:
    with override("en"):
        assert phrases.nothing_found(language="zh-hans").startswith("在我可以使用的文档中没有找到答案")


@pytest.mark.django_db
def test_signing_in_turns_the_pages_to_the_persons_language(client: Client, owner: Person) -> None:
    Person.objects.filter(pk=owner.pk).update(language="zh-hans")
    client.post(reverse("account_login"), {"login": owner.email, "password": "correct horse battery"})
    assert '<html lang="zh-hans"' in client.get("/").content.decode()


@pytest.mark.django_db
def test_signing_in_without_a_language_keeps_the_browsers(client: Client, owner: Person) -> None:
    Person.objects.filter(pk=owner.pk).update(language="")
    client.post("/preferences/language", {"language": "zh-hans"})
    client.post(reverse("account_login"), {"login": owner.email, "password": "correct horse battery"})
    assert '<html lang="zh-hans"' in client.get("/").content.decode()
