"""What stands in for a finding: a mark, a mask, a keyed hash, or a surrogate of the same kind and form.

A surrogate follows from the scope's secret and the original alone, so the same person has the same name throughout a
scope without any list being kept. Surrogates of numbers fail their check digits, addresses of machines come from the
ranges that RFC 5737, 3849 and 2606 keep for documentation, and dates of a scope all move by the same number of days.
"""

from __future__ import annotations

import hmac
import ipaddress
import random
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from faker import Faker

from llmasos.privacy.deidentification import check_digits
from llmasos.privacy.deidentification.types import EntityType

MOST_DAYS: Final = 365
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_ISO: Final = re.compile(
    r"^(?P<y>\d{4})(?P<a>[-/.])(?P<m>\d{1,2})(?P<b>[-/.])(?P<d>\d{1,2})(?P<rest>\D.*)?$", re.DOTALL
)
_NUMERIC: Final = re.compile(
    r"^(?P<p>\d{1,2})(?P<a>[-/.])(?P<q>\d{1,2})(?P<b>[-/.])(?P<y>\d{4})(?P<rest>\D.*)?$", re.DOTALL
)
_CHINESE: Final = re.compile(r"^(?P<y>\d{4})\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?(?P<sign>[日号])$")
_WORDS: Final = re.compile(
    r"^(?P<name>[A-Za-z]+)\.? (?P<d>\d{1,2})(?P<th>st|nd|rd|th)?(?P<comma>,?) (?P<y>\d{4})(?P<rest>\D.*)?$", re.DOTALL
)
_DAY_FIRST: Final = re.compile(
    r"^(?P<d>\d{1,2})(?P<th>st|nd|rd|th)?(?P<a>[ -])(?:of )?(?P<name>[A-Za-z]+)\.?(?P<b>,?[ -])"
    r"(?P<y>\d{4})(?P<rest>\D.*)?$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """A secret of 32 bytes within which the same original always gets the same surrogate."""

    secret: bytes = field(repr=False)

    def digest(self, *parts: str) -> bytes:
        return hmac.new(self.secret, "\0".join(parts).encode(), sha256).digest()

    @property
    def days(self) -> int:
        """By how many days this scope's dates move: a whole number from 1 to 365, either way, never 0."""
        number = int.from_bytes(self.digest("days")[:8], "big") % (2 * MOST_DAYS)
        return number - MOST_DAYS if number < MOST_DAYS else number - MOST_DAYS + 1


def hashed(scope: Scope, kind: EntityType, original: str) -> str:
    """Return a token that tells equal originals of an organisation, and nothing else, to who lacks its key."""
    return f"[{kind.value}:{scope.digest('hash', kind.value, _normal(original)).hex()[:16]}]"


def masked(original: str) -> str:
    """Return the original with each letter and digit but the last two of a longer one as an asterisk."""
    kept = 2 if sum(character.isalnum() for character in original) > 6 else 0
    hidden = sum(character.isalnum() for character in original) - kept
    result = []
    for character in original:
        if character.isalnum() and hidden > 0:
            hidden -= 1
            character = "*"
        result.append(character)
    return "".join(result)


def surrogate(scope: Scope, kind: EntityType, original: str, *, turn: int = 0) -> str:
    """Return a made-up value of the same kind; another ``turn`` gives another one."""
    if kind is EntityType.DATE:
        return shifted(original, scope.days)
    seed = int.from_bytes(scope.digest("surrogate", kind.value, _normal(original), str(turn))[:8], "big")
    chance = random.Random(seed)  # noqa: S311 - seeded by a keyed hash
    made = _make(kind, original, seed, chance)
    return made if made != original or turn > 8 else surrogate(scope, kind, original, turn=turn + 1)


def shifted(original: str, days: int) -> str:
    """Return a date moved by days in the form that it has; one that is not understood becomes a mark."""
    for pattern in (_ISO, _NUMERIC, _CHINESE, _WORDS, _DAY_FIRST):
        match = pattern.match(original.strip())
        if match is not None:
            try:
                return _shifted(match, days)
            except (ValueError, OverflowError, StopIteration):
                break
    return f"[{EntityType.DATE.value}]"


def _shifted(match: re.Match[str], days: int) -> str:
    parts = match.groupdict()
    rest = parts.get("rest") or ""
    if "name" in parts:
        said = next(
            number for number, name in enumerate(_MONTHS, 1) if name.lower().startswith(parts["name"].lower()[:3])
        )
        moved = date(int(parts["y"]), said, int(parts["d"])) + timedelta(days=days)
        name = _MONTHS[moved.month - 1]
        name = name if parts["name"].lower() == _MONTHS[said - 1].lower() else name[:3]
        ordinal = _ordinal(moved.day) if parts["th"] else ""
        if "comma" in parts:
            return f"{name} {moved.day}{ordinal}{parts['comma']} {moved.year}{rest}"
        return f"{moved.day}{ordinal}{parts['a']}{name}{parts['b']}{moved.year}{rest}"
    if "sign" in parts:
        moved = date(int(parts["y"]), int(parts["m"]), int(parts["d"])) + timedelta(days=days)
        return f"{moved.year}年{moved.month}月{moved.day}{parts['sign']}"
    if "m" in parts:
        moved = date(int(parts["y"]), int(parts["m"]), int(parts["d"])) + timedelta(days=days)
        month, day = (_as(number, parts["m"], parts["d"]) for number in (moved.month, moved.day))
        return f"{moved.year}{parts['a']}{month}{parts['b']}{day}{rest}"
    # Month first, as in the United States, wherever that can be.
    swapped = int(parts["p"]) > 12
    first, second = (parts["q"], parts["p"]) if swapped else (parts["p"], parts["q"])
    moved = date(int(parts["y"]), int(first), int(second)) + timedelta(days=days)
    month, day = (_as(number, parts["p"], parts["q"]) for number in (moved.month, moved.day))
    both = f"{day}{parts['a']}{month}" if swapped else f"{month}{parts['a']}{day}"
    return f"{both}{parts['b']}{moved.year}{rest}"


def _as(number: int, *like: str) -> str:
    return f"{number:02d}" if all(len(one) == 2 for one in like) else str(number)


def _ordinal(number: int) -> str:
    return "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _normal(original: str) -> str:
    return " ".join(original.casefold().split())


@lru_cache(maxsize=2)
def _faker(locale: str) -> Faker:
    return Faker(locale)


@lru_cache(maxsize=1)
def _gendered() -> tuple[frozenset[str], frozenset[str]]:
    from faker.providers.person.en_US import Provider

    return frozenset(map(str.lower, Provider.first_names_female)), frozenset(map(str.lower, Provider.first_names_male))


def _make(kind: EntityType, original: str, seed: int, chance: random.Random) -> str:
    chinese = _HAN.search(original) is not None
    faker = _faker("zh_CN" if chinese else "en_US")
    faker.seed_instance(seed)
    if kind in (EntityType.PERSON, EntityType.KNOWN):
        return (
            _person(faker, original, chinese=chinese)
            if not any(c.isdigit() for c in original)
            else _digits(original, chance)
        )
    if kind is EntityType.ADDRESS:
        made = faker.address() if chinese else f"{faker.building_number()} {faker.street_name()}, {faker.city()}"
        return re.sub(r"\s+", " ", made)
    simple = {
        EntityType.ORGANISATION: faker.company, EntityType.LOCATION: faker.city, EntityType.OCCUPATION: faker.job,
    }.get(kind)  # fmt: skip
    if simple is not None:
        return str(simple())
    if kind is EntityType.EMAIL:
        return f"{_faker('en_US').first_name().lower()}.{chance.randrange(10**4):04d}@example.org"
    if kind is EntityType.URL:
        return f"https://example.org/{chance.randrange(16**6):06x}"
    if kind is EntityType.NETWORK_ADDRESS:
        return _network(original, chance)
    if kind in (EntityType.SECRET, EntityType.NATIONALITY):
        return f"[{kind.value}]"
    if kind is EntityType.AGE:
        return "90" if int(re.sub(r"\D", "", original) or 0) > 89 else f"[{kind.value}]"
    return _digits(original, chance)


def _person(faker: Faker, original: str, *, chinese: bool) -> str:
    if chinese:
        return str(faker.name()) if len(original) > 1 else str(faker.last_name())
    words = original.split()
    women, men = _gendered()
    first = words[0].casefold() if words else ""
    given = (
        faker.first_name_female
        if first in women - men
        else faker.first_name_male
        if first in men - women
        else faker.first_name
    )
    made = str(given()) if len(words) < 2 else f"{given()} {faker.last_name()}"
    return made.lower() if original.islower() else made.upper() if original.isupper() and len(original) > 3 else made


def _network(original: str, chance: random.Random) -> str:
    try:
        version = ipaddress.ip_address(original.split("/")[0]).version
    except ValueError:
        return "00:00:5E:00:53:" + f"{chance.randrange(256):02X}"
    return f"192.0.2.{chance.randrange(1, 255)}" if version == 4 else f"2001:db8::{chance.randrange(1, 2**16):x}"


def _digits(original: str, chance: random.Random) -> str:
    """Put other letters and digits in the places of those that are there; a number that checks is made to fail."""
    for _ in range(20):
        made = "".join(
            str(chance.randrange(10)) if character.isdigit()
            else chance.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") if character.isupper()
            else chance.choice("abcdefghijkmnpqrstuvwxyz") if character.islower() and character.isascii()
            else character
            for character in original
        )  # fmt: skip
        if (
            not (check_digits.luhn(made) or check_digits.mod97(made) or check_digits.resident_id(made))
            and made != original
        ):
            break
    return made
