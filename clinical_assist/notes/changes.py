"""What has changed in the record since a draft was made, and how the draft follows without touching anybody's words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from clinical_assist.notes.sections import NAMES, Sections, Sentence, sentences


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences that a draft made now has more, says otherwise (before, now), or has no longer."""

    added: tuple[Sentence, ...] = ()
    changed: tuple[tuple[Sentence, Sentence], ...] = ()
    gone: tuple[Sentence, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def changes(present: Sections, fresh: Sections) -> Changes:
    """Compare a note with a draft made now. What a clinician added is nobody's to take away."""
    before = {one.key: one for one in sentences(present) if one.drafted}
    now = {one.key: one for one in sentences(fresh)}
    return Changes(
        added=tuple(one for key, one in now.items() if key not in before),
        changed=tuple(
            (before[key], one)
            for key, one in now.items()
            if key in before and (one.drafted, one.sources) != (before[key].drafted, before[key].sources)
        ),
        gone=tuple(one for key, one in before.items() if key not in now),
    )


def bare(sections: Sections) -> dict[str, list[Sentence]]:
    """Return what a draft says without what it stands on: two of them differ where their words do."""
    return {name: [Sentence(one.key, one.drafted) for one in sections.get(name, ())] for name in NAMES}


def brought_up(present: Sections, fresh: Sections) -> dict[str, list[Sentence]]:
    """Return the note with the sentences of a fresh draft; what the clinician wrote, changed or left out stays so.

    A sentence that the record no longer has goes, unless the clinician wrote it anew: then it stands as theirs.
    """
    before = {one.key: one for one in sentences(present)}
    kept = {}
    for name in NAMES:
        drafted = [_following(before.get(one.key), one) for one in fresh.get(name, ())]
        keys = {one.key for one in sentences(fresh)}
        own = [replace(one, drafted="", worded="") for one in present.get(name, ()) if one.key not in keys and one.own]
        kept[name] = [*drafted, *own]
    return kept


def _following(before: Sentence | None, now: Sentence) -> Sentence:
    if before is None:
        return now
    worded = before.worded if before.drafted == now.drafted else ""
    return replace(now, own=before.own, worded=worded)
