"""Features of an answer against references and question: numbers that mean the same for every question.

Nothing here has seen a mark. Overlap features after Mohler, Bunescu & Mihalcea (ACL 2011) and Ott et al. (SemEval
2013); words are aligned by the cosines of their vectors, as in Sultan, Salazar & Sumner (NAACL 2016).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tutor.engine import similarity, text
from tutor.engine.similarity import Floats

Embed = Callable[[Sequence[str]], Any]

FIRST_WORDS = frozenset(["yes", "no", "true", "false"])
ALIGNED = 0.35
"""Cosine of two words' vectors below which they count as unrelated."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken apart once: its words, its content words (as stems), and the rest as sets."""

    text: str
    words: tuple[str, ...]
    content: tuple[str, ...]
    bag: frozenset[str]
    numbers: frozenset[str]
    negations: int

    @classmethod
    def of(cls, given: str) -> Reading:
        tokens = text.words(given)
        return cls(
            given, tokens, tuple(text.content(tokens)), frozenset(tokens), text.numbers(tokens), text.negations(tokens)
        )


class Vectors:
    """Vectors of texts, each embedded once, in few calls."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._known: dict[str, Floats] = {}

    def add(self, texts: Sequence[str]) -> None:
        missing = [one for one in dict.fromkeys(texts) if one not in self._known]
        if missing:
            self._known.update(zip(missing, np.asarray(self._embed(missing), dtype=np.float64), strict=True))

    def of(self, texts: Sequence[str]) -> Floats:
        """Return the vectors [texts, dimensions]."""
        self.add(texts)
        return np.stack([self._known[one] for one in texts])


def _align(answer: Sequence[str], reference: Sequence[str], cosines: Floats) -> tuple[float, float, float, float]:
    """Return soft precision, recall, F1 and the worst covered word of the reference; cosines [answer, reference]."""
    if not answer or not reference:
        return 0.0, 0.0, 0.0, 0.0
    scaled = np.clip((cosines - ALIGNED) / (1 - ALIGNED), 0.0, 1.0)
    covered = scaled.max(axis=0)
    precision, recall = float(scaled.max(axis=1).mean()), float(covered.mean())
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9), float(covered.min())


def _pair(
    answer: Reading, reference: Reading, asked: frozenset[str], words: Mapping[str, int], cosines: Floats
) -> dict[str, float]:
    values: dict[str, float] = {}
    new_answer = [word for word in answer.content if word not in asked]
    new_reference = [word for word in reference.content if word not in asked]
    for name, left, right in (("", answer.content, reference.content), ("new_", new_answer, new_reference)):
        precision, recall, both = similarity.overlap(left, right)
        values |= {f"{name}precision": precision, f"{name}recall": recall, f"{name}f1": both}
        left, right = list(dict.fromkeys(left)), list(dict.fromkeys(right))
        block = cosines[np.ix_([words[one] for one in left], [words[one] for one in right])]
        soft = _align(left, right, block)
        values |= dict(
            zip((f"{name}soft_precision", f"{name}soft_recall", f"{name}soft_f1", f"{name}worst"), soft, strict=True)
        )
    grams, wanted = similarity.ngrams(" ".join(answer.words), 3), similarity.ngrams(" ".join(reference.words), 3)
    shared = sum((grams & wanted).values())
    values["gram_recall"] = shared / max(1, sum(wanted.values()))
    values["gram_f1"] = 2 * shared / max(1, sum(wanted.values()) + sum(grams.values()))
    values["sequence"] = similarity.longest_common_subsequence(answer.content, reference.content) / max(
        1, len(reference.content)
    )
    values["negation_gap"] = float(abs(min(answer.negations, 2) - min(reference.negations, 2)))
    values["negation_more"] = float(answer.negations > reference.negations)
    values["number_missing"] = len(reference.numbers - answer.numbers) / max(1, len(reference.numbers))
    values["number_other"] = float(bool(reference.numbers) and bool(answer.numbers - reference.numbers))
    values["opposites"] = float(min(3, text.antonym_clashes(answer.bag, reference.bag)))
    first = (answer.words[:1] or ("",))[0], (reference.words[:1] or ("",))[0]
    choice = first[1] in FIRST_WORDS or len(first[1]) == 1
    values["choice_equal"] = float(choice and first[0] == first[1])
    values["choice_other"] = float(choice and first[0] != first[1] and (first[0] in FIRST_WORDS or len(first[0]) == 1))
    values["length_ratio"] = min(4.0, len(answer.words) / max(1, len(reference.words)))
    return values


def cold(prompt: str, references: Sequence[str], answers: Sequence[str], vectors: Vectors) -> dict[str, Floats]:
    """Return features by name, each [answers]."""
    asked, wanted, given = (
        Reading.of(prompt),
        [Reading.of(one) for one in references],
        [Reading.of(one) for one in answers],
    )
    asked_stems = frozenset(asked.content)
    vocabulary = sorted({word for reading in (asked, *wanted, *given) for word in reading.content})
    index = {word: at for at, word in enumerate(vocabulary)}
    # Stems are no words; each is embedded as the first word seen that has it.
    surface: dict[str, str] = {}
    for reading in (*wanted, asked, *given):
        for word in reading.words:
            surface.setdefault(text.stem(word), word)
    pieces = [text.clauses(one) for one in answers]
    wanted_pieces = [text.clauses(one) for one in references]
    vectors.add(
        [
            *(surface[word] for word in vocabulary),
            prompt,
            *references,
            *answers,
            *(p for ps in (*pieces, *wanted_pieces) for p in ps),
        ]
    )
    word_vectors = vectors.of([surface[word] for word in vocabulary]) if vocabulary else np.zeros((0, 1))
    cosines = similarity.cosine(word_vectors, word_vectors)
    answer_vectors, reference_vectors = vectors.of(answers), vectors.of(references)
    to_reference = similarity.cosine(answer_vectors, reference_vectors)
    to_question = similarity.cosine(answer_vectors, vectors.of([prompt]))[:, 0]
    rows = []
    for at, reading in enumerate(given):
        pairs = [_pair(reading, one, asked_stems, index, cosines) for one in wanted]
        best = int(np.argmax([p["soft_f1"] + p["new_soft_f1"] + to_reference[at, i] for i, p in enumerate(pairs)]))
        row = dict(pairs[best])
        row["cosine"] = float(to_reference[at].max())
        row["cosine_mean"] = float(to_reference[at].mean())
        row["cosine_best"] = float(to_reference[at, best])
        row["cosine_question"] = float(to_question[at])
        row["recall_max"] = max(p["soft_recall"] for p in pairs)
        row["new_recall_max"] = max(p["new_soft_recall"] for p in pairs)
        part = similarity.cosine(vectors.of(pieces[at]), vectors.of(wanted_pieces[best]))
        whole = similarity.cosine(vectors.of(pieces[at]), reference_vectors)
        row["clause_recall"] = float(part.max(axis=0).mean())
        row["clause_worst"] = float(part.max(axis=0).min())
        row["clause_precision"] = float(part.max(axis=1).mean())
        row["clause_odd"] = float(part.max(axis=1).min())
        row["clause_best"] = float(whole.max())
        count = max(1, len(reading.content))
        row["echo"] = sum(word in asked_stems for word in reading.content) / count
        known = asked_stems.union(*(one.content for one in wanted))
        row["novel"] = sum(word not in known for word in reading.content) / count
        row["length"] = float(np.log1p(len(reading.words)))
        row["content"] = float(np.log1p(len(reading.content)))
        row["variety"] = len(set(reading.words)) / max(1, len(reading.words))
        row["negations"] = float(min(reading.negations, 3))
        row["reference_length"] = float(np.log1p(len(wanted[best].words)))
        row["reference_question"] = float(
            similarity.cosine(reference_vectors[best : best + 1], vectors.of([prompt]))[0, 0]
        )
        rows.append(row)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}
