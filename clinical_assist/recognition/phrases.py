"""A matcher of phrases over stems.

short of breath       the words in this order; a few little words may stand between
chest + @pain         the parts in any order, near each other in one clause
cough|coughing        one or the other;  diarrh*  any word that begins so;  @pain  a class of words, see ``CLASSES``
=limp                 this very word, not its other forms: nobody who is limping is limp

A hyphen counts as a space and ends an alternative: write none within one. A word that no phrase has may be a slip of
one that is often misspelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise

from rapidfuzz.distance import OSA

from clinical_assist.recognition.lexicon import CLASSES, LITTLE, MISSPELT, NO_SLIPS
from clinical_assist.recognition.text import Token, beginning, stem
from clinical_assist.recognition.topics import is_carried

_REACH, _FAR = 5, 9
_NO = frozenset({"no", "nil", "without", "denies", "not", "never"})
# Denials that phrases have as parts, and what parts one from another statement.
_NO_AS_A_PART = frozenset(
    {
        "barely", "cannot", "can't", "cant", "couldn't", "doesn't", "don't", "didn't", "hardly", "isn't", "never",
        "no", "not", "nothing", "unable", "wasn't", "without", "won't",
    }
)  # fmt: skip
_STATEMENTS_APART = frozenset({",", "and", "but"})
_INSTEAD = frozenset({"just", "only"})
_SUBJECTS = frozenset({"i", "he", "she", "they", "we", "there", "child", "baby"})
_BREAKS = frozenset({"(", ")", "because", "but", "although", "though", "however", "whereas", "despite"})
_LITTLE = frozenset({*map(stem, LITTLE), "-", "+", "&"})
_REMEMBERED = 4096
# A slip is looked for in words of at least so many letters, and two slips from as many on.
_LONG, _VERY_LONG = 5, 10


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """What may stand in one place of a phrase; the same word of phrases is the same item."""

    stems: frozenset[str]
    prefixes: tuple[str, ...]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Parts, each a sequence of items; parts stand in any order."""

    code: str
    parts: tuple[tuple[Item, ...], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase of ``code`` found at these token numbers of a sentence; ``fixed`` when its words stand in one order."""

    code: str
    places: tuple[int, ...]
    fixed: bool
    of_others: bool


class Matcher:
    """All phrases of a vocabulary, looked up by the items that occur in a sentence."""

    def __init__(self, vocabulary: Mapping[str, Iterable[str]]) -> None:
        self._phrases = [compiled(code, text) for code, texts in vocabulary.items() for text in texts]
        self._by_stem: dict[str, list[Item]] = {}
        self._by_prefix: dict[str, list[Item]] = {}
        self._by_word: dict[str, list[Item]] = {}
        for item in {item for phrase in self._phrases for part in phrase.parts for item in part}:
            for word in item.stems:
                self._by_stem.setdefault(word, []).append(item)
            for prefix in item.prefixes:
                self._by_prefix.setdefault(prefix, []).append(item)
            for word in item.words:
                self._by_word.setdefault(word, []).append(item)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix})
        self._slips: dict[str, str] = {}
        self._by_initial: dict[str, list[str]] = {}
        for word in MISSPELT:
            if self._items(word, stem(word)):
                self._by_initial.setdefault(word[0], []).append(word)
        # A phrase is looked at only where its first item occurs.
        self._begun_by: dict[Item, list[int]] = {}
        for number, phrase in enumerate(self._phrases):
            self._begun_by.setdefault(phrase.parts[0][0], []).append(number)

    def matches(self, sentence: Sequence[Token]) -> list[Match]:
        """Return every match; of several places for one phrase all that do not share their first word."""
        places = self._places(sentence)
        found: list[Match] = []
        begun = sorted(number for item in places for number in self._begun_by.get(item, ()))
        for phrase in (self._phrases[number] for number in begun):
            if all(item in places for part in phrase.parts for item in part):
                spans = [_sequences(part, places, sentence) for part in phrase.parts]
                if all(spans):
                    found += [
                        Match(
                            phrase.code,
                            where,
                            len(spans) == 1,
                            not _OTHERS.isdisjoint(one for part in phrase.parts for one in part),
                        )
                        for where in _near(spans, sentence)
                    ]
        return found

    def _places(self, sentence: Sequence[Token]) -> dict[Item, list[int]]:
        """Where each item occurs, in the order of the sentence."""
        places: dict[Item, list[int]] = {}
        for number, token in enumerate(sentence):
            items = self._items(token.word, token.stem)
            if not items and len(token.word) >= _LONG:
                meant = self._meant(token.word)
                items = self._items(meant, stem(meant))
            for item in items:
                places.setdefault(item, []).append(number)
        return places

    def _items(self, word: str, stemmed: str) -> dict[Item, None]:
        items = dict.fromkeys((*self._by_stem.get(stemmed, ()), *self._by_word.get(word, ())))
        for length in self._prefix_lengths:
            for form in (stemmed, word):
                items |= dict.fromkeys(self._by_prefix.get(form[:length], ()))
        return items

    def _meant(self, word: str) -> str:
        """Return the word of a phrase that this one is a slip of; itself where there is none."""
        if word not in self._slips:
            if len(self._slips) >= _REMEMBERED:
                self._slips.clear()
            self._slips[word] = self._nearest(word)
        return self._slips[word]

    def _nearest(self, word: str) -> str:
        if word in NO_SLIPS or not word.isalpha():
            return word
        most = 1 if len(word) < _VERY_LONG else 2
        near = [
            (distance, other)
            for other in self._by_initial.get(word[0], ())
            if (distance := OSA.distance(word, other, score_cutoff=most)) <= most
            # In a short word only letters that changed places are a slip: "tierd".
            and (len(word) > _LONG or sorted(word) == sorted(other))
        ]
        return min(near)[1] if near else word


@cache
def compiled(code: str, text: str) -> Phrase:
    """Compile the written form of a phrase."""
    plain = text.lower().replace("-", " ")
    return Phrase(code, tuple(tuple(_item(word) for word in part.split()) for part in plain.split("+")))


@cache
def _item(word: str) -> Item:
    stems: set[str] = set()
    prefixes: list[str] = []
    words: set[str] = set()
    for one in word.split("|"):
        if one.startswith("@"):
            inner = _item(CLASSES[one[1:]])
            stems |= inner.stems
            prefixes += inner.prefixes
            words |= inner.words
        elif one.startswith("="):
            words.add(one[1:])
        elif one.endswith("*"):
            prefixes.append(beginning(one[:-1]) if len(one) > 5 else one[:-1])
        else:
            stems.add(stem(one))
    return Item(frozenset(stems), tuple(prefixes), frozenset(words))


_OTHERS = {_item("@relative"), _item("@around")}


def _sequences(
    part: Sequence[Item], places: Mapping[Item, list[int]], sentence: Sequence[Token]
) -> list[tuple[int, ...]]:
    found = []
    for first in places[part[0]]:
        where = [first]
        for item in part[1:]:
            following = next((place for place in places[item] if place > where[-1]), None)
            if following is None or not _only_little(sentence[where[-1] + 1 : following]):
                break
            where.append(following)
        else:
            found.append(tuple(where))
    return found


def _only_little(between: Sequence[Token]) -> bool:
    return len(between) <= 3 and all(token.stem in _LITTLE for token in between)


def _near(spans: Sequence[list[tuple[int, ...]]], sentence: Sequence[Token]) -> list[tuple[int, ...]]:
    if len(spans) == 1:
        return spans[0]
    found = []
    for first in spans[0]:
        chosen = [first]
        for others in spans[1:]:
            low, high = min(min(one) for one in chosen), max(max(one) for one in chosen)
            near = [
                one
                for one in others
                if not set(one) & {place for other in chosen for place in other}
                and (_is_near(sentence, low, high, one) or (len(chosen) == 1 and is_carried(sentence, chosen[0], one)))
                and not _broken(sentence, min(low, one[0]), max(high, one[-1]))
                and not _parted_from_its_denial(sentence, places := {*one, *chain.from_iterable(chosen)})
                and not _denied_apart(sentence, places)
            ]
            if not near:
                break
            chosen.append(min(near, key=lambda one: max(one[0] - high, low - one[-1])))
        else:
            found.append(tuple(sorted(place for one in chosen for place in one)))
    return found


def _is_near(sentence: Sequence[Token], low: int, high: int, one: Sequence[int]) -> bool:
    return (
        one[0] - high <= _FAR
        and low - one[-1] <= _FAR
        and _weight(sentence[high + 1 : one[0]] or sentence[one[-1] + 1 : low]) <= _REACH
    )


def _weight(between: Sequence[Token]) -> int:
    """How far two parts stand apart: little words count half."""
    little = sum(token.stem in _LITTLE for token in between)
    return len(between) - little + little // 2


def _parted_from_its_denial(sentence: Sequence[Token], places: Set[int]) -> bool:
    """Whether a denial that is a part of the phrase is of something else: "not suicidal and hears no voices"."""
    ordered = sorted(places)
    for number, place in enumerate(ordered):
        if sentence[place].word in _NO_AS_A_PART:
            following = ordered[number + 1] if number + 1 < len(ordered) else None
            low, high = (place, following) if following is not None else (ordered[number - 1], place)
            between = [token.word for token in sentence[low + 1 : high]]
            if not _STATEMENTS_APART.isdisjoint(between) or (following is None and len(between) > 1):
                return True
    return False


def _denied_apart(sentence: Sequence[Token], places: Set[int]) -> bool:
    """Whether a denial of something else stands between: "ankles swollen, no chest pain" denies none in the ankles."""
    low, high = min(places), max(places)
    for place in range(low + 1, high - 1):
        if sentence[place].word == "," and sentence[place + 1].word in _NO:
            between = set(range(place + 2, high)) - places
            return any(sentence[other].stem not in _LITTLE for other in between)
    return False


def _is_new(subject: Token, before: Sequence[Token]) -> bool:
    """Whether a pronoun begins to speak of somebody of whom nothing was said before."""
    who = subject.word.partition("'")[0]
    return who in _SUBJECTS and who not in {token.word.partition("'")[0] for token in before}


def _broken(sentence: Sequence[Token], low: int, high: int) -> bool:
    """Whether another statement begins between: a colon counts but where it follows what it is of ("throat: sore")."""
    between = sentence[low:high]
    if any(token.word in _BREAKS for token in between):
        return True
    for number, (token, following) in enumerate(pairwise(between), low + 1):
        if token.word == "," and (following.word in _INSTEAD or _is_new(following, sentence[:number])):
            return True
    return any(token.word == ":" and number > 1 for number, token in enumerate(sentence[low:high]))
