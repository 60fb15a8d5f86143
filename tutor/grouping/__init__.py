"""Answers that say the same, put together: so that one mark does for many. Needs no Django and no language model."""

from tutor.grouping.grouping import Group, Grouping, group
from tutor.grouping.propagation import Propagation

__all__ = ["Group", "Grouping", "Propagation", "group"]
