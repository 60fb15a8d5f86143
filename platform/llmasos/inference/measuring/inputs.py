"""Texts for benchmarks: made up from a seed, of mixed lengths, the same on every machine."""

from __future__ import annotations

import random

_WORDS = """
order parcel refund customer delivery address invoice payment voucher return warranty repair store account
password colour size blanket kettle lamp garden table chair please when where how long does take can my the
a is not have been for with after before week month today again still wrong broken missing late early two
""".split()  # noqa: SIM905 - a list of seventy strings reads worse


def texts(count: int, *, seed: int = 1, shortest: int = 4, longest: int = 120) -> list[str]:
    """`count` texts between so many words, most of them short, as questions and chunks are."""
    source = random.Random(seed)  # noqa: S311 - made-up text, no secret
    lengths = [int(shortest + (longest - shortest) * source.random() ** 2) for _ in range(count)]
    return [" ".join(source.choices(_WORDS, k=length)) for length in lengths]


def prompts(count: int, *, seed: int = 1) -> list[str]:
    """Prompts that ask for long answers and share no beginning."""
    return [f"{text} - write a long story about that." for text in texts(count, seed=seed, shortest=12, longest=24)]
