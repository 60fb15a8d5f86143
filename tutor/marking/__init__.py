"""Marking: what the machine proposes, what people decide, and what learners are shown.

``services`` writes, ``queries`` reads, ``types`` holds what they give back, ``errors`` what they refuse with.
Modules named after work are what the jobs worker does. Nothing here turns a proposal into a mark without a person.
"""
