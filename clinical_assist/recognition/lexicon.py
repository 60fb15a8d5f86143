"""Classes of words that phrases name with ``@``, and the cues of what is denied, past, uncertain or somebody else's."""

from __future__ import annotations

CLASSES = {
    "pain": (
        "pain|pains|painful|ache|aching|achy|hurt|hurting|sore|soreness|discomfort|agony|tender|tenderness|cramp|"
        "cramping|crampy|killing|throb|throbbing|stinging|stabbing|agonising|agonizing"
    ),
    "swell": "swell|swelling|swollen|puffy|puffiness|oedema|edema|oedematous|enlarged|ballooned|bigger",
    "itch": "itch|itchy|itching|itchiness|pruritus|pruritic|scratch|scratching",
    "red": "red|redness|reddened|erythema|erythematous|inflamed|pink|bloodshot",
    "rash": "rash|rashes|spots|spot|patch|patches|lesion|lesions|eruption|blotches",
    "hard": "hard|difficult|difficulty|trouble|struggle|struggling|unable|cant|cannot|couldnt|problem|problems|awkward",
    "belly": "belly|stomach|tummy|abdomen|abdominal|abdo|abdominally|epigastric|epigastrium|gut|guts|midriff",
    "lump": "lump|lumps|lumpy|bump|bumps|mass|nodule|nodules|knot|growth",
    "numb": "numb|numbness|tingle|tingling|tingly|paraesthesia|paresthesia|paraesthesiae|prickling",
    "weak": "weak|weakness|heavy|paralysed|paralyzed|limp|powerless",
    "pass": "pass|passing|passed|pee|peeing|urinate|urinating|urination|wee|weeing|micturition|void|voiding",
    "urine": "urine|pee|wee|water|urinary|waterworks",
    "stool": "stool|stools|poo|poos|poop|faeces|feces|motion|motions|bowel",
    "blood": "blood|bloody|bleed|bleeding|bled|haemorrhage",
    "leg": "leg|legs|calf|calves|thigh|thighs|shin|shins",
    "arm": "arm|arms|forearm",
    "hand": "hand|hands|finger|fingers|thumb|wrist|fingertips",
    "foot": "foot|feet|toe|toes|ankle|ankles|heel|sole|soles",
    "joint": "joint|joints|knuckles|knee|knees|wrist|wrists|elbow|elbows|ankle|ankles|hip|hips",
    "worse": (
        "worse|worsen|worsened|worsens|worsening|aggravated|aggravates|exacerbated|triggered|brought|brings|provoked|"
        "increases"
    ),
    "better": "better|relieved|relieves|relief|eases|eased|improves|improved|settles|settled|helps|helped",
    "worm": "worm|worms|threadworm|pinworm",
    "relative": (
        "father|mother|brother|sister|parent|parents|dad|mum|mom|uncle|aunt|grandfather|grandmother|family|grandad|"
        "grandma|relative|cousin"
    ),
    "around": (
        "husband|wife|partner|son|daughter|child|children|kids|kid|colleague|colleagues|friend|friends|flatmate|"
        "roommate|classmates|classmate|nursery|school|daycare|household|brother|sister|mother|father|family|mum|dad|"
        "everyone|others|coworker|grandchild|grandson|granddaughter|housemates|boyfriend|girlfriend"
    ),
    "sudden": "sudden|suddenly|abrupt|abruptly",
    "walk": (
        "walk|walking|exercise|exercising|exertion|climbing|stairs|uphill|exert|effort|running|jogging|activity|hill"
    ),
}

LITTLE = (
    "a", "an", "the", "my", "his", "her", "their", "your", "our", "its", "it", "is", "are", "was", "were", "be",
    "been", "being", "in", "on", "of", "at", "to", "from", "with", "and", "i", "he", "she", "they", "has", "have",
    "had", "got", "get", "very", "really", "so", "quite", "bit", "little", "feel", "feels", "feeling", "felt",
    "more", "some", "all", "any", "that", "this", "when", "while", "me", "him", "them", "during", "up", "down",
    "out", "off", "just", "also", "both", "around", "into", "almost", "constantly", "always", "keep", "keeps",
    "kept", "lot", "lots", "slightly", "extremely", "terribly", "severe", "mild", "left", "right",
)  # fmt: skip

# Cues: written in small letters, words with one space; the longest at a place counts.
DENIED_BEFORE = (
    "no", "not", "denies", "denied", "denying", "without", "never", "neither", "nor", "none of", "isn't", "wasn't",
    "doesn't", "don't", "didn't", "hasn't", "haven't", "hadn't", "aren't", "weren't", "isnt", "doesnt", "dont",
    "didnt", "hasnt", "havent", "free of", "negative for", "absence of", "absent", "no evidence of", "no sign of",
    "no signs of", "nil", "lack of", "lacks", "hardly any", "ain't", "zero", "rules out", "ruled out for",
    "clear of", "denial of", "no history of", "never had", "no h/o", "ruled out :", "excluded :", "not present :",
    "nobody",
)  # fmt: skip
DENIED_AFTER = (
    "absent", "negative", "not present", "ruled out", "not seen", "not noted", "not found", "denied", "none", "nil",
    "is denied", "was denied", "not a problem", "neg", "not reported", "was not seen", "not confirmed", "excluded",
)  # fmt: skip
NOT_DENIED = (
    "not only", "no change", "no improvement", "not improving", "no better", "no relief", "not better", "no doubt",
    "without relief", "not helped", "not helping", "not gone", "not going", "not settling", "not resolved",
    "hasn't gone", "hasn't improved", "hasn't helped", "hasn't settled", "hasn't stopped", "won't stop",
    "doesn't go away", "not go away", "doesn't stop", "not responding", "no trauma",
    "without warning", "for no reason", "no reason", "no apparent reason", "no obvious", "without cause",
    "without any obvious", "no matter", "not getting better", "no less", "doesn't help", "don't help",
    "didn't help", "does not help", "not help", "not well", "not feeling well", "no let up", "not been able",
    "not able", "isn't getting better", "not clearing", "hasn't cleared", "haven't gone", "not relieved",
    "isn't relieved", "never had anything like", "not eased", "no longer able", "don't know why", "not know why",
    "without trying", "without dieting", "no one", "not had this before", "not just", "no clue", "not touched",
    "hasn't touched", "without being", "don't remember", "not due", "not linked to", "not related to",
    "not so much",
)  # fmt: skip
UNCERTAIN_BEFORE = (
    "possible", "possibly", "maybe", "might", "may have", "may be", "may", "?", "query", "queries", "suspected",
    "suspect", "suspects", "probable", "probably", "not sure", "unsure", "could be", "could have", "unclear",
    "perhaps", "wonders", "wondering", "rule out", "r/o", "not certain", "uncertain", "questionable", "equivocal",
    "worried about", "worried that", "fears", "afraid it is", "afraid of having", "concerned about", "if",
    "in case of", "watch for", "should he develop", "should she develop", "return if", "risk of", "can't exclude",
    "cannot exclude", "cannot rule out", "can't rule out", "thinks he may", "thinks she may", "can't say whether",
    "cannot say whether", "hard to say whether", "whether", "unclear whether", "not clear if",
    "differential includes", "to exclude", "seems to", "vague", "afraid that", "seemingly",
    "isn't sure", "wasn't sure", "aren't sure", "isn't certain", "question of", "suspicion of", "doubts", "doubtful",
    "doubt whether", "uncertain history of", "unsure whether",
)  # fmt: skip
UNCERTAIN_AFTER = (
    "possible", "suspected", "likely", "not certain", "cannot be excluded", "can't be excluded", "uncertain",
    "questionable", "is unclear", "not excluded", "to be ruled out", "not sure", "perhaps", "maybe", "?",
)  # fmt: skip
PAST_BEFORE = (
    "history of", "h/o", "hx of", "hx", "previous", "previously", "past", "in the past", "used to have",
    "used to get", "used to", "prior", "once had", "pmh", "pmhx", "past medical history", "no longer has",
    "no longer have", "no longer", "as a child", "as a teenager", "back then", "last year", "years ago",
    "last summer", "last winter", "last spring", "last autumn", "childhood", "formerly", "when i was young",
    "when he was young", "when she was young", "resolved", "had been treated for", "was treated for", "treated for",
    "recovered from", "got over", "after recovering from", "known history of", "background of", "in childhood",
    "remote", "earlier this year", "last month",
)  # fmt: skip
PAST_AFTER = (
    "years ago", "year ago", "last year", "as a child", "as a teenager", "in childhood", "in the past", "resolved",
    "has resolved", "have resolved", "went away", "has gone", "have gone", "is gone", "has settled", "has stopped",
    "months ago", "month ago", "previously", "last summer", "last winter", "last spring", "last autumn",
    "when i was young", "when i was a child", "when he was a child", "when she was a child", "has cleared",
    "cleared up", "is better now", "in her twenties", "in his twenties", "decades ago", "in my twenties",
    "has now stopped", "last month", "now resolved", "has since resolved", "in 19", "in 20", "settled by itself",
    "before that", "during childhood", "in her youth", "in his youth", "weeks ago", "week ago", "in earlier life",
    "that resolved", "which resolved", "has passed", "is over now", "that settled", "which settled", "that stopped",
    "which stopped", "has dried up", "have stopped", "have settled", "last term", "gone", "stopped", "settled",
    "cleared",
)  # fmt: skip
# One word that stands right behind the finding: "fever gone".
ADJOINING = frozenset({"gone", "stopped", "settled", "cleared"})
# What ends a statement and is of all that it names: "had a fit when he was one, nothing since".
CLOSING_PAST = (
    "not now", "none now", "none since", "nothing since", "none afterwards", "none after that", "not since",
    "not any more", "not anymore", "never again", "never came back", "has not for years", "it has stopped",
    "it stopped", "it has gone", "it has settled", "it has cleared", "it has resolved", "they have stopped",
    "now i am fine", "now i'm fine", "and went away", "now fine", "resolved", "now resolved", "since resolved",
)  # fmt: skip
# After a denial, these say that it was there before: "not vomiting any more".
NO_MORE = ("any more", "anymore", "any longer")
# The same of a statement about others: "everyone at home has diarrhoea but she does not".
CLOSING_DENIED = (
    "she does not", "he does not", "i do not", "she doesn't", "he doesn't", "i don't", "she has not", "he has not",
    "i have not", "she hasn't", "he hasn't", "i haven't", "he never has", "she never has", "i never have",
    "she has none", "he has none", "i have none", "the patient does not", "patient does not",
)  # fmt: skip
LENGTHS = frozenset(
    {
        "minute", "hour", "day", "days", "night", "week", "weeks", "month", "months", "year", "years", "hr", "wk", "yr",
        "short", "long", "recent", "hours", "d", "w", "7", "52", "12",
    }
)  # fmt: skip
STARTED = (
    "started", "began", "begun", "since", "start", "onset", "came on", "noticed", "first", "appeared", "developed",
    "woke", "starting",
)  # fmt: skip
RELATIVES = (
    "father", "mother", "brother", "sister", "dad", "mum", "mom", "uncle", "aunt", "aunts", "uncles", "cousins",
    "grandfather", "grandmother",
    "grandad", "grandma", "granddad", "family history", "family history of", "fhx", "fh", "parents", "cousin",
    "husband", "wife", "partner", "son", "daughter", "colleague", "friend", "flatmate", "roommate", "classmate",
    "neighbour", "neighbor", "boyfriend", "girlfriend", "grandson", "granddaughter", "nephew", "niece", "brothers",
    "sisters", "family", "twin", "sibling", "siblings", "relatives", "coworker", "boss", "housemate",
    "grandparents", "classmates", "colleagues", "kids", "children", "sons", "daughters", "friends",
)  # fmt: skip
REPORTING = (
    "says", "say", "said", "reports", "report", "reported", "noticed", "notices", "thinks", "worried", "worries",
    "brought", "brings", "describes", "states", "tells", "mentions", "found", "noted", "is concerned", "called",
    "is worried", "concerned", "told", "complains", "explains", "who", "gave", "witnessed", "saw", "denies",
    "observed", "presents", "measured", "feels", "made", "insisted", "has noticed", "has seen", "had noticed",
    "wants", "asked", "complained",
)  # fmt: skip
ENDS = (
    "but", "however", "although", "though", "except", "apart from", "aside from", "yet", "still has", "now has",
    "whereas", "because", "otherwise", "just", "only", "instead", "while", "until", "then",
)  # fmt: skip
NEW_CLAUSE = frozenset(
    {
        "i", "he", "she", "they", "we", "has", "have", "had", "having", "with", "reports", "reporting", "complains",
        "complaining", "feels", "feel", "presents", "presenting", "there", "it", "my", "his", "her", "patient",
        "since", "for", "now", "started", "began", "a", "an", "is", "was", "some", "severe", "mild",
        "today", "also", "gets", "got", "bad", "awful", "constant", "ongoing", "terrible", "positive",
        "admits", "acknowledges", "endorses", "notes", "examination", "temperature", "temp", "pulse", "bp",
    }
)  # fmt: skip
