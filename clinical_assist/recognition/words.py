"""Words by which the rules of context go, and the tables in which cues are looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clinical_assist.recognition import cues

# A hyphen within a word parts no statements: "non-blanching", but "fever - no cough".
JOINT = "‐"
_JOINING = re.compile(r"(?<=\w)-(?=\w)")
Table = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]


def _table() -> dict[tuple[str, ...], str]:
    kinds = {
        "denied": cues.DENIED_BEFORE,
        "uncertain": cues.UNCERTAIN_BEFORE,
        "supposed": cues.SUPPOSED_BEFORE,
        "past": cues.PAST_BEFORE,
        "relative": cues.RELATIVES,
        "end": cues.ENDS,
        "nothing": cues.NOT_DENIED,
    }
    return {_words(cue): kind for kind, listed in kinds.items() for cue in listed} | {
        _words(f"{cue} {word}"): "supposed" for cue in cues.SUPPOSED_BEFORE for word in cues.ADVISED
    }


def _after() -> dict[tuple[str, ...], str]:
    kinds = {"denied": cues.DENIED_AFTER, "uncertain": cues.UNCERTAIN_AFTER, "past": cues.PAST_AFTER}
    return {_words(cue): kind for kind, listed in kinds.items() for cue in listed}


def _words(cue: str) -> tuple[str, ...]:
    return tuple(_JOINING.sub(f" {JOINT} ", cue).replace("/", " / ").replace("'", "").split())


def plain(word: str) -> str:
    """A word without its apostrophe; "dad's" is of dad, whether he has something or it is his."""
    owner = word.removesuffix("'s")
    return owner if owner in RELATIVES else word.replace("'", "")


def _closing() -> dict[tuple[str, ...], str]:
    kinds = {"past": cues.CLOSING_PAST, "denied": cues.CLOSING_DENIED, "more": cues.NO_MORE}
    return {_words(cue): kind for kind, listed in kinds.items() for cue in listed}


def _by_first(kinds: Mapping[tuple[str, ...], str]) -> Table:
    """The cues by their first word, the longest first."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for words, kind in sorted(kinds.items(), key=lambda cue: -len(cue[0])):
        table.setdefault(words[0], []).append((words, kind))
    return table


BEFORE, FOLLOWING, CLOSING = _by_first(_table()), _by_first(_after()), _by_first(_closing())
RELATIVES = frozenset(cues.RELATIVES)
STARTED = frozenset(cues.STARTED)
REPORTING = frozenset(cues.REPORTING)
TOLD = frozenset({"for", "since", "x", "started", "over", "which", "that", "worse"})
CHAINS = frozenset({"or", "nor"})
OWNERS = frozenset({"his", "her", "my", "their", "the"})
TICKED_NO = frozenset({"no", "nil", "none", "neg", "negative", "absent", "-", "−", "–"})
TICKED_YES = frozenset({"yes", "+", "pos", "positive", "present"})
STOPS = frozenset({".", ",", ";", ")", "!", "?", "|", "but", "and"})
VERBS = frozenset({"has", "have", "is", "was"})
# "I should be grateful if you would see" supposes nothing of what follows.
ASKING = (["you", "would"], ["you", "could"], ["you", "can"])
# What denies a verb: "doesn't want to go, worries a lot".
OF_VERBS = frozenset({"doesnt", "dont", "didnt", "wont", "cant", "hasnt", "havent", "hadnt"})
DAYS = frozenset({"yesterday", "today", "tonight", "overnight"})
UNABLE = frozenset({"cant", "cannot", "couldnt", "unable"})
AUXILIARIES = frozenset({"has", "have", "had", "also", "and", "now"})
TODAY = frozenset({"today", "now", "currently", "tonight", "presently"})
PLURAL = frozenset({"have", "are", "were", "both", "all"})
STATING = frozenset({"has", "have", "had", "is", "was", "are", "no", "not", "denies", "reports", "for", "since"})
EXPLAINING = frozenset({"-", "–", ":", "as", "since", "with"})
HABITS = frozenset(
    {
        "get", "gets", "become", "becomes", "feel", "feels", "have", "has", "start", "starts", "am", "is", "are",
        "hurts",
        "comes", "goes", "helps", "eases",
    }
)  # fmt: skip
POINTING = (
    ["none"],
    ["nil"],
    ["that"],
    ["this"],
    ["it"],
    ["they"],
    ["these"],
    ["both"],
    ["all"],
    ["resolved"],
    ["settled"],
)
# "A mother of three" is the patient; "a friend" is somebody else.
PARENTS = frozenset({"mother", "father", "mum", "mom", "dad", "wife", "husband", "grandmother", "grandfather"})
# "Never like this": what there is now is worse.
AS_NEVER = (
    "like this", "like it", "this bad", "as bad", "so bad", "before", "felt so", "been so", "felt this", "been this",
    "felt as", "known such", "had such", "felt such", "felt worse",
)  # fmt: skip
# What an answer of two words ends with: "No idea" and "never before" answer nothing.
AFTER_AN_ANSWER: tuple[list[str], ...] = (
    [],
    ["he"],
    ["she"],
    ["they"],
    ["it"],
    ["i"],
    ["doctor"],
    ["never"],
    ["not"],
    ["none"],
    ["definitely"],
)
# "No appetite loss", "no sleep or appetite": the denial is of more than the words of one finding.
NOUNS_OF_ILLS = (
    ["loss"], ["disturbance"], ["disturbances"], ["problem"], ["problems"], ["change"], ["changes"], ["trouble"],
    ["difficulty"], ["difficulties"], ["issue"], ["issues"], ["concerns"], ["upset"],
)  # fmt: skip
GOING_ON = (*NOUNS_OF_ILLS, ["or"], ["nor"])
# How something ended: "that settled with tablets", but not "it settled in the right side".
BY = frozenset(
    {
        "after", "with", "by", "within", "without", "completely", "fully", "now", "since", "spontaneously", "quickly",
        "overnight", "eventually", "on", "last", "yesterday", "when",
    }
)  # fmt: skip
AGAIN = frozenset({"but", "again", "back", "returned", "recurred", "until"})
NO, YES = frozenset({"no", "nope", "none", "never", "nil", "denies", "denied"}), frozenset({"yes", "yeah", "yep"})
BARE = frozenset({"denied", "absent", "excluded", "negative", "resolved", "settled", "ruled"})
WERE = frozenset({"had", "was", "were", "used"})
STATES = frozenset(
    {
        "swollen", "distended", "low", "red", "sore", "tender", "painful", "stiff", "inflamed", "dry", "itchy", "hot",
        "cold", "pale",
        "yellow", "blurred", "blurry", "numb", "weak", "blocked", "runny", "enlarged", "bloated", "tight", "hoarse",
        "cloudy",
        "dark", "smelly", "raised", "puffy", "hurts", "aches", "itches", "burns", "stings", "hurt", "ache", "itch",
        "racing",
        "pounding", "thumping", "bulging", "sticky", "gritty", "bloodshot", "slurred", "drooping", "shaking",
        "spinning",
    }
)  # fmt: skip
LATER = frozenset({"since", "after"})
CONTRASTS = frozenset(
    {"but", ";", "with", "although", "though", "however", "whereas", "while", "because", "yet", "except"}
)
DURING = frozenset({"over", "for", "during", "in", "within", "throughout", "these"})
MONTH = frozenset({"since", "in", "from", "until", "till", "last", "early", "late", "of", "mid", "by", "during"})
RESTRICTING = frozenset({"only", "just", "except"})
EVERYBODY = frozenset({"everyone", "everybody", "others", "all"})
TROUBLES = frozenset({"problem", "problems", "trouble", "difficulty", "issues", "change", "history"})
SUBJECTS = frozenset({"i", "im", "ive", "he", "hes", "she", "shes", "they", "we", "weve", "patient", "pt"})
PERSONS = frozenset({"i", "he", "she", "it", "they"})
