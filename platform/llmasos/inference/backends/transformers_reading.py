"""Models of transformers that read instead of write: cross-encoders, classifiers, question answering, likelihoods."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from llmasos.inference.backends.base import (
    ANSWER_SPAN,
    CLASSIFY,
    RERANK,
    SCORE,
    Backend,
    BackendInfo,
    ModelSource,
)
from llmasos.inference.backends.huggingface import context_of, load_folder
from llmasos.inference.errors import InvalidRequest
from llmasos.inference.types import AnswerSpan, Classification, Label, TextScore

TEXTS_AT_ONCE = 16
LONGEST_SPAN_TOKENS = 48
LONGEST_WINDOW = 384


class _Reader(Backend):
    """What the reading backends share: a model, its tokenizer, and one forward pass at a time."""

    auto_class = ""
    task = ""

    def __init__(self, source: ModelSource) -> None:
        self._tokenizer, self._model, digest = load_folder(source, self.auto_class)
        if self._tokenizer.pad_token_id is None:
            # Padding is masked, so that any token serves.
            self._tokenizer.pad_token = self._tokenizer.eos_token or self._tokenizer.convert_ids_to_tokens(0)
        if self._model.config.pad_token_id is None:
            self._model.config.pad_token_id = self._tokenizer.pad_token_id
        self._limit = context_of(self._model, source)
        self._lock = threading.Lock()
        self.info = BackendInfo(tasks=frozenset({self.task}), digest=digest, context_tokens=self._limit)

    def _forward(self, encoded: Any) -> Any:
        import torch

        with self._lock, torch.inference_mode():
            return self._model(**{name: value.to(self._model.device) for name, value in encoded.items()})

    def _encoded(self, *texts: list[str], **options: Any) -> Any:
        return self._tokenizer(
            *texts, padding=True, truncation=True, max_length=self._limit, return_tensors="pt", **options
        )

    def close(self) -> None:
        self.__dict__.pop("_model", None)


class CrossEncoderBackend(_Reader):
    """Scores pairs of a query and a text: a sequence classifier with one output, or with two (no, yes)."""

    auto_class = "AutoModelForSequenceClassification"
    task = RERANK

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        import torch

        if self._model.config.num_labels > 2:
            raise InvalidRequest("this model tells more than two classes apart: it cannot rank texts")
        scores: list[float] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = list(texts[start : start + TEXTS_AT_ONCE])
            logits = self._forward(self._encoded([query] * len(part), part)).logits.float()
            found = torch.sigmoid(logits[:, 0]) if logits.shape[1] == 1 else torch.softmax(logits, -1)[:, 1]
            scores += found.tolist()
        return scores


class SequenceClassifierBackend(_Reader):
    """Gives each text the probabilities of the model's labels."""

    auto_class = "AutoModelForSequenceClassification"
    task = CLASSIFY

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        import torch

        several = self._model.config.problem_type == "multi_label_classification" or self._model.config.num_labels == 1
        found = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            logits = self._forward(self._encoded(list(texts[start : start + TEXTS_AT_ONCE]))).logits.float()
            for row in (torch.sigmoid(logits) if several else torch.softmax(logits, -1)).tolist():
                labels = [Label(str(self._model.config.id2label[at]), chance) for at, chance in enumerate(row)]
                found.append(Classification(tuple(sorted(labels, key=lambda one: -one.score))))
        return found


class TokenClassifierBackend(_Reader):
    """Finds spans in each text: neighbouring tokens of one label, with B- and I- before it or without."""

    auto_class = "AutoModelForTokenClassification"
    task = CLASSIFY

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        return [Classification((), tuple(self._spans(text))) for text in texts]

    def _spans(self, text: str) -> list[Label]:
        import torch

        encoded = self._encoded([text], return_offsets_mapping=True)
        places = encoded.pop("offset_mapping")[0].tolist()
        chances = torch.softmax(self._forward(encoded).logits[0].float(), -1)
        found: list[list[Any]] = []
        for (start, end), row in zip(places, chances, strict=True):
            at = int(row.argmax())
            name = str(self._model.config.id2label[at])
            label = name.partition("-")[2] if name[:2] in {"B-", "I-"} else name
            if start == end or label == "O":
                continue
            last = found[-1] if found else None
            if last and last[0] == label and not name.startswith("B-") and start - last[2] <= 1:
                last[2], last[3], last[4] = end, last[3] + float(row[at]), last[4] + 1
            else:
                found.append([label, start, end, float(row[at]), 1])
        return [Label(label, total / count, start, end) for label, start, end, total, count in found]


class QuestionAnsweringBackend(_Reader):
    """Finds the words of a text that answer a question; a long text is read in overlapping windows."""

    auto_class = "AutoModelForQuestionAnswering"
    task = ANSWER_SPAN

    def answer_span(self, question: str, texts: Sequence[str]) -> list[AnswerSpan]:
        return [self._span(number, question, text) for number, text in enumerate(texts)]

    def _span(self, number: int, question: str, text: str) -> AnswerSpan:
        import torch

        window = min(self._limit, LONGEST_WINDOW)
        if len(self._tokenizer(question, add_special_tokens=False)["input_ids"]) > window // 2:
            raise InvalidRequest(f"a question to this model has at most {window // 2} tokens")
        encoded = self._tokenizer(
            question,
            text,
            padding=True,
            truncation="only_second",
            max_length=window,
            stride=window // 6,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        places = encoded.pop("offset_mapping")
        encoded.pop("overflow_to_sample_mapping")
        inside = [encoded.sequence_ids(window) for window in range(len(places))]
        output = self._forward(encoded)
        best = (0.0, 0, 0)
        for window, ids in enumerate(inside):
            mine = torch.tensor([one == 1 for one in ids])
            starts, ends = (
                torch.softmax(logits[window].float().cpu().masked_fill(~(mine | _first(mine)), -1e9), -1)
                for logits in (output.start_logits, output.end_logits)
            )
            together = torch.outer(starts, ends).triu().tril(LONGEST_SPAN_TOKENS - 1)
            together = together * torch.outer(mine, mine)
            chance, at = together.flatten().max(0)
            first, last = divmod(int(at), len(ids))
            if float(chance) > best[0]:
                best = (float(chance), int(places[window][first][0]), int(places[window][last][1]))
        score, start, end = best
        return AnswerSpan(number, start, end, text[start:end], score)


def _first(mine: Any) -> Any:
    """Return the mask of the first token, on which such models put *no answer*."""
    mask = mine.clone().fill_(value=False)
    mask[0] = True
    return mask


class LikelihoodBackend(_Reader):
    """How likely a causal model finds each text, after its first token."""

    auto_class = "AutoModelForCausalLM"
    task = SCORE

    def score(self, texts: Sequence[str]) -> list[TextScore]:
        import torch

        found = []
        for text in texts:
            ids = self._encoded([text])["input_ids"]
            logits = self._forward({"input_ids": ids}).logits[0, :-1].float().cpu()
            chances = torch.log_softmax(logits, -1).gather(1, ids[0, 1:, None])
            found.append(TextScore(float(chances.sum()), int(chances.numel())))
        return found


class MaskedLikelihoodBackend(_Reader):
    """How likely a masked model finds each text: every token in turn is hidden and guessed (pseudo-log-likelihood).

    Source: Salazar et al., Masked Language Model Scoring, ACL 2020.
    """

    auto_class = "AutoModelForMaskedLM"
    task = SCORE

    def score(self, texts: Sequence[str]) -> list[TextScore]:
        return [self._score(text) for text in texts]

    def _score(self, text: str) -> TextScore:
        import torch

        encoded = self._encoded([text], return_special_tokens_mask=True)
        own = (encoded.pop("special_tokens_mask")[0] == 0).nonzero()[:, 0].tolist()
        ids, total = encoded["input_ids"][0], 0.0
        for start in range(0, len(own), TEXTS_AT_ONCE):
            hidden = own[start : start + TEXTS_AT_ONCE]
            batch = ids.repeat(len(hidden), 1)
            rows = torch.arange(len(hidden))
            batch[rows, torch.tensor(hidden)] = self._tokenizer.mask_token_id
            logits = self._forward({"input_ids": batch}).logits.float().cpu()
            chances = torch.log_softmax(logits[rows, torch.tensor(hidden)], -1)
            total += float(chances.gather(1, ids[hidden][:, None]).sum())
        return TextScore(total, len(own))
