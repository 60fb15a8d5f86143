"""The colours keep WCAG 2.2's contrast in light and dark; read from the style sheet itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import llmasos.ui

TOKENS = Path(llmasos.ui.__file__).parent / "static/ui/css/tokens.css"
PAIR = re.compile(r"--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)")
PAPERS = ("paper", "sheet", "wash")
ACCENTS = ("teal", "violet", "blue", "slate")
STATES = ("good", "caution", "bad")
TEXT, SHAPE = 4.5, 3.0

TEXTS = [
    *((ink, paper) for ink in ("ink", "ink-soft", *ACCENTS, *STATES) for paper in PAPERS),
    *(("on-accent", accent) for accent in ACCENTS),
    *(("ink", f"{name}-wash") for name in (*ACCENTS, *STATES)),
    *((accent, f"{accent}-wash") for accent in ACCENTS),
    *((state, f"{state}-wash") for state in STATES),
    ("paper", "ink"),
]
SHAPES = [("rule", "paper"), ("rule", "sheet")]


def colours(scheme: str) -> dict[str, str]:
    return {name: light if scheme == "light" else dark for name, light, dark in PAIR.findall(TOKENS.read_text())}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_measures_21() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXTS)
def test_text_is_readable(scheme: str, front: str, back: str) -> None:
    known = colours(scheme)
    assert contrast(known[front], known[back]) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SHAPES)
def test_edges_of_controls_are_visible(scheme: str, front: str, back: str) -> None:
    known = colours(scheme)
    assert contrast(known[front], known[back]) >= SHAPE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_of_the_focus_colours_stands_out_from_any_background(scheme: str) -> None:
    known = colours(scheme)
    for back in (*PAPERS, *ACCENTS, "ink"):
        assert max(contrast(known[ring], known[back]) for ring in ("focus-near", "focus-far")) >= SHAPE
