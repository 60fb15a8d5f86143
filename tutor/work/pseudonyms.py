"""What markers see in place of a name: drawn by chance, so that nothing about the learner leads to it."""

from __future__ import annotations

import secrets
from collections.abc import Container

NAMES = (
    "Alder", "Anemone", "Ash", "Aspen", "Aster", "Avocet", "Beech", "Birch", "Bittern", "Bluebell", "Bramble",
    "Bunting", "Campion", "Cedar", "Chough", "Clover", "Condor", "Cormorant", "Cowslip", "Crane", "Crocus", "Curlew",
    "Cypress", "Dahlia", "Dipper", "Dunlin", "Egret", "Eider", "Elder", "Falcon", "Fern", "Finch", "Foxglove",
    "Gannet", "Gentian", "Goldcrest", "Goshawk", "Grebe", "Harrier", "Hawthorn", "Hazel", "Heather", "Heron", "Holly",
    "Hoopoe", "Iris", "Ivy", "Jackdaw", "Jay", "Juniper", "Kestrel", "Kingfisher", "Kite", "Lapwing", "Larch", "Lark",
    "Lavender", "Linden", "Linnet", "Lupin", "Magpie", "Mallow", "Maple", "Marigold", "Martin", "Merlin", "Mint",
    "Nightjar", "Nuthatch", "Oak", "Oriole", "Osprey", "Ouzel", "Owl", "Pelican", "Pine", "Pipit", "Plover", "Poppy",
    "Primrose", "Puffin", "Quail", "Raven", "Redstart", "Robin", "Rook", "Rowan", "Sage", "Sedge", "Shrike", "Siskin",
    "Skylark", "Snipe", "Sorrel", "Sparrow", "Starling", "Stork", "Swift", "Tansy", "Teal", "Tern", "Thistle",
    "Thrush", "Thyme", "Violet", "Wagtail", "Warbler", "Willow", "Wren", "Yarrow", "Yew",
)  # fmt: skip
_NUMBERS = 9_000
_LARGEST = 2**31 - 1


def draw_pseudonym(taken: Container[str] = ()) -> str:
    """Return a name such as "Heron 4821" that is not among ``taken`` (about a million can be told apart)."""
    while True:
        drawn = f"{secrets.choice(NAMES)} {1_000 + secrets.randbelow(_NUMBERS)}"
        if drawn not in taken:
            return drawn


def draw_shuffle() -> int:
    """Return a place in the markers' order."""
    return secrets.randbelow(_LARGEST)
