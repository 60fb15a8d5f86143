"""Given names, family names and countries, from the lists that Faker ships; loaded when first asked for."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from faker.providers import address, person

from llmasos.privacy.deidentification.words import word_list

WESTERN: Final = re.compile(r"^[^\W\d_][\w'’.-]+$")


@dataclass(frozen=True, slots=True)
class Names:
    """Names in lower case."""

    given: frozenset[str]
    family: frozenset[str]


def ambiguous() -> frozenset[str]:
    """Return names that are first of all words: they tell nothing."""
    return word_list("ambiguous_names.txt")


@lru_cache(maxsize=1)
def names() -> Names:
    """Return the names of all locales that are written in an alphabet with capitals."""
    given: set[str] = set()
    family: set[str] = set()
    for provider in _providers(person.__path__, person.__name__):
        for attribute in dir(provider):
            if attribute.startswith("first_name"):
                given.update(_words(getattr(provider, attribute)))
            elif attribute.startswith("last_name"):
                family.update(_words(getattr(provider, attribute)))
    return Names(frozenset(given - ambiguous()), frozenset(family - ambiguous()))


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Return the names of countries in the languages that Faker has, in lower case."""
    found = {"uk", "usa", "u.s.", "u.s.a.", "us", "great britain", "england", "scotland", "wales", "holland"}
    for provider in _providers(address.__path__, address.__name__):
        for country in getattr(provider, "countries", ()):
            if isinstance(country, str) and len(country) > 3:
                found.add(country.casefold())
    return frozenset(found)


def _providers(path: Iterable[str], package: str) -> Iterable[Any]:
    for module in pkgutil.iter_modules(path):
        yield import_module(f"{package}.{module.name}").Provider


def _words(values: object) -> Iterable[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        return
    for value in values:
        if isinstance(value, str) and len(value) > 1 and WESTERN.match(value) and value[0].isupper():
            yield value.casefold()
