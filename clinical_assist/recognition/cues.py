"""Cues of what is denied, past, uncertain, supposed or somebody else's, and of where a statement ends.

Written in small letters, words with one space; the longest at a place counts.
"""

from __future__ import annotations

_PERSON = ("i", "he", "she")
_WHOSE = ("my", "his", "her")
_OVER = (
    "stopped", "gone", "gone away", "settled", "cleared", "cleared up", "resolved", "passed", "subsided", "healed",
    "ceased", "disappeared", "vanished", "lifted", "abated", "worn off", "over", "faded", "faded away",
)  # fmt: skip
# When something was that is not now; it may stand before a finding or after it.
_THEN = (
    *(f"as {one}" for one in (
        "a child", "a kid", "a teenager", "a student", "a boy", "a girl", "a baby", "a newborn", "a toddler",
        "an infant", "a youngster", "a young man", "a young woman", "an adolescent", "a schoolboy", "a schoolgirl",
        "a young adult",
    )),
    *(f"in {whose} {time}" for whose in _WHOSE for time in (
        "teens", "twenties", "thirties", "forties", "fifties", "sixties", "youth", "childhood", "infancy", "20s",
        "30s", "40s", "50s", "pregnancy", "first pregnancy", "last pregnancy", "second pregnancy",
        "previous pregnancy",
    )),
    *(f"when {one} was {how}" for one in _PERSON for how in (
        "young", "little", "small", "younger", "a child", "a kid", "a baby", "a boy", "a girl", "a student",
        "at school", "pregnant", "a teenager", "in the army", "at university",
    )),
    *(f"last {time}" for time in (
        "year", "month", "winter", "summer", "spring", "autumn", "fall", "christmas", "easter", "january", "february",
        "march", "april", "june", "july", "august", "september", "october", "november", "december",
    )),
    *(f"during {whose} pregnancy" for whose in _WHOSE),
    "years ago", "months ago", "decades ago", "some time ago", "a while ago", "a while back", "long ago", "ages ago",
    "years back", "months back", "in the past", "in childhood", "in infancy", "during childhood", "during pregnancy",
    "earlier this year", "the year before", "the previous year", "in previous years", "in earlier life",
    "in the 80s", "in the 90s",
)  # fmt: skip
DENIED_BEFORE = (
    "no", "not", "denies", "denied", "denying", "without", "never", "neither", "nor", "none of", "isn't", "wasn't",
    "doesn't", "don't", "didn't", "hasn't", "haven't", "hadn't", "aren't", "weren't", "isnt", "doesnt", "dont",
    "didnt", "hasnt", "havent", "free of", "negative for", "absence of", "absent", "no evidence of", "no sign of",
    "no signs of", "nil", "lack of", "lacks", "hardly any", "ain't", "zero", "rules out", "ruled out for",
    "clear of", "denial of", "no history of", "never had", "no h/o", "ruled out :", "excluded :", "not present :",
    "nobody", "- ve", "- ve for", "neg for", "neg :", "negative :", "absent :", "denies :", "can't say i",
    "cannot say i", "can't say i've", "can't say i have", "can't say he has", "can't say she has", "can't say that",
    "cannot say that", "couldn't say i", "free from", "devoid of", "never any", "wouldn't say",
    "negative history for", "negative history of", "nothing to suggest", "nothing suggestive of", "non",
    "no personal history of", "no personal or family history of", "no family or personal history of", "nil h/o",
    "no hx of", "no hx", "no previous", "no prior", "no past", "no known", "w/o", "rather than", "instead of",
    "as opposed to", "don't think i have", "don't think there is", "don't think there was", "don't think i've",
    "doesn't think she has", "doesn't think he has", "not so much as", "never so much as", "no one in", "none in the",
)  # fmt: skip
DENIED_AFTER = (
    "absent", "negative", "not present", "ruled out", "not seen", "not noted", "not found", "denied", "none", "nil",
    "is denied", "was denied", "not a problem", "neg", "not reported", "was not seen", "not confirmed", "excluded",
    "- ve", "not felt", "not heard", "not palpable", "not elicited", "not detected", "not observed", "not evident",
    "not apparent", "not a feature", "nad", "was ruled out", "were ruled out", "has been ruled out",
    "have been ruled out", "been excluded", "not demonstrated", "not visible",
)  # fmt: skip
# What is said with a negation and denies no finding.
NOT_DENIED = (
    "doesn't touch", "does not touch", "didn't touch",
    "not got over", "hasn't got over", "haven't got over", "not recovered from", "hasn't recovered from",
    "not only", "no change", "no improvement", "not improving", "no better", "no relief", "not better", "no doubt",
    "without relief", "not helped", "not helping", "not gone", "not going", "not settling", "not resolved",
    "hasn't gone", "hasn't improved", "hasn't helped", "hasn't settled", "hasn't stopped", "won't stop",
    "doesn't go away", "not go away", "doesn't stop", "not responding", "no trauma", "without warning",
    "without any warning", "for no reason", "no reason", "no apparent reason", "no obvious", "without cause",
    "without any obvious", "no matter", "not getting better", "no less", "doesn't help", "don't help",
    "didn't help", "does not help", "not help", "not well", "not feeling well", "no let up", "not been able",
    "hasn't been able", "haven't been able", "isn't able", "wasn't able", "aren't able", "weren't able",
    "not able", "isn't getting better", "not clearing", "hasn't cleared", "haven't gone", "not relieved",
    "isn't relieved", "never had anything like", "not eased", "no longer able", "don't know why", "not know why",
    "without trying", "without dieting", "no one", "not had this before", "not just", "no clue", "not touched",
    "hasn't touched", "without being", "don't remember", "not due", "not linked to", "not related to",
    "not so much", "as if", "no idea", "no let-up", "no clear", "nothing helps", "not without", "never without",
    "doesn't deny", "does not deny", "didn't deny", "did not deny", "not deny", "can't deny", "cannot deny",
    "no denying", "not denying", "not unusual", "not uncommon", "not free of", "not free from", "not rid of",
    "not got rid of", "can't get rid of", "not shifting", "won't shift", "won't go away", "won't settle",
    "not gone away", "never stops", "never goes", "never really goes", "never settles", "not subsided",
    "hasn't subsided", "not let up", "hasn't let up", "not controlled", "not resolving", "no sooner", "no wonder",
    "not stopped", "not cleared", "haven't stopped", "not eating because",
)  # fmt: skip
# What is thought of, to the next comma: "possible viral illness, cough for a week".
UNCERTAIN_BEFORE = (
    "some doubt", "doubt about", "in doubt about", "unconfirmed", "uncertain about",
    "possible", "possibly", "maybe", "might", "may have", "may be", "may", "?", "query", "queries", "suspected",
    "suspect", "suspects", "probable", "probably", "not sure", "unsure", "could be", "could have", "unclear",
    "perhaps", "wonders", "wondering", "rule out", "r/o", "not certain", "uncertain", "questionable", "equivocal",
    "worried about", "worried that", "fears", "afraid it is", "afraid of having", "concerned about",
    "can't exclude", "cannot exclude", "cannot rule out", "can't rule out", "thinks he may", "thinks she may",
    "can't say whether", "could not say whether", "couldn't say whether", "cannot say if",
    "could not say if", "unlikely", "can't be sure", "cannot be sure", "could this be", "could it be",
    "suspicious of", "suspicious for", "concern for", "concerns about", "concerned that", "concerned re",
    "worried re", "worried it", "scared it", "scared it's", "worried it's", "frightened it's", "thinks it's",
    "think it's", "afraid it's", "don't know if", "don't know whether", "doesn't know if", "doesn't know whether",
    "not know if", "not know whether", "not clear whether", "can't remember if", "can't tell if",
    "couldn't tell if", "can't say if", "scared that", "frightened it", "frightened that", "wonder about", "wonder",
    "not convinced", "borderline", "presumed", "apparently", "allegedly", "doubtful history of",
    "possible history of", "vague history of", "questionable history of", "may be due to", "thinks it could be",
    "thinks it might be", "thinks it is", "thinks she has", "thinks he has", "think i have",
    "think it is", "might have", "might be", "no idea if", "unable to exclude", "unable to say", "potential",
    "? any", "unsure re", "unsure about", "cannot say whether", "hard to say whether", "whether", "unclear whether",
    "not clear if", "differential includes", "to exclude", "seems to", "vague", "afraid that", "seemingly",
    "isn't sure", "wasn't sure", "aren't sure", "isn't certain", "question of", "suspicion of", "doubts",
    "doubtful", "doubt whether", "uncertain history of", "unsure whether", "poss", "prob", "susp", "likely",
    "most likely", "suggestive of", "could well be", "may well", "i guess", "i suppose", "hard to say if",
    "hard to tell if",
)  # fmt: skip
# What may come, with all that is listed: "return if vomiting, drowsy or confused".
SUPPOSED_BEFORE = (
    "should", "observe for", "monitor for", "can make you", "may make you", "might make you", "check back if",
    "report if",
    "if", "in case of", "in case", "in the event of", "in the event that", "watch for", "look for", "watch out for",
    "look out for", "be alert for", "be aware of", "should he", "should she", "should you", "should they",
    "should i", "should the", "should there be", "should any", "should it", "return if", "risk of", "at risk of",
    "red flags", "red flag advice", "safety net", "safety netted", "safety netting", "safety-net", "safety-netted",
    "safety-netting", "warning signs", "return precautions", "unless", "can cause", "may cause", "might cause",
    "may experience", "may develop", "may get", "might develop", "might get", "side effects include",
    "side effects are", "side effects such as", "told to expect", "side effects of", "side effects may", "prevent",
    "to prevent", "to avoid", "when to call", "seek", "seek help for", "advised to report", "to report any",
    "report any", "if you develop", "come back with",
    "return with", "ring if", "call if", "worsening advice",
)  # fmt: skip
# Words between what was advised and what it is about: "red flags explained: numbness".
ADVISED = (
    "explained", "discussed", "given", "advice", "provided", "re", "regarding", "about", "for", "include", "are",
)  # fmt: skip
UNCERTAIN_AFTER = (
    "possible", "suspected", "likely", "not certain", "cannot be excluded", "can't be excluded", "uncertain",
    "questionable", "is unclear", "not excluded", "to be ruled out", "not sure", "perhaps", "maybe", "?",
    "unlikely", "is possible", "possibly", "unconfirmed", "if that is what it was", "couldn't be excluded",
    "could not be excluded", "cannot be ruled out", "can't be ruled out", "couldn't be ruled out",
    "could not be ruled out", "not ruled out", "query", "suspected on", "is suspected", "was suspected",
)  # fmt: skip
PAST_BEFORE = (
    *_THEN,
    "history of", "h/o", "hx of", "hx", "previous", "previously", "past", "used to have", "used to get", "used to",
    "prior", "once had", "once", "pmh", "pmhx", "past medical history", "no longer has", "no longer have",
    "no longer", "back then", "childhood", "formerly", "resolved", "had been treated for", "was treated for",
    "treated for", "recovered from", "got over", "after recovering from", "known history of", "background of",
    "remote", "stopped having", "stopped getting", "last had", "nil further", "no further", "no more",
    "used to suffer", "used to suffer from", "used to be", "had once", "previous episode of",
    "previous episodes of", "resolved :", "recovering from", "got rid of", "before that", "prev", "prev hx",
    "previous hx of", "past hx of", "past history of", "fully recovered from", "cured of", "until recently",
    "until last year", "stopped my", "stopped his", "stopped her", "stopped taking",
)  # fmt: skip
PAST_AFTER = (
    *_THEN,
    *(f"{verb} {end}" for end in _OVER for verb in (
        "has", "have", "had", "is", "are", "has now", "have now", "has since", "have since", "is now", "are now",
        "has all", "is all", "has finally", "have finally", "has completely", "have completely", "has fully",
        "have fully", "has now fully", "have now fully", "has now completely", "have now completely", "then",
    )),
    "year ago", "resolved", "went away", "month ago", "previously", "cleared up", "is better now", "now resolved",
    "in 19", "in 20", "settled by itself", "before that", "weeks ago", "week ago", "that resolved",
    "which resolved", "is over now", "that settled", "which settled", "that stopped", "which stopped",
    "has dried up", "last term", "gone", "stopped", "settled", "cleared", "at age", "at the age of", "when aged",
    "went after", "went within", "now gone", "now settled", "since settled", "which has gone", "disappeared",
    "wore off", "eased off", "has eased off completely", "went completely", "is no longer a problem", "subsided",
    "in remission", "fully resolved", "completely resolved", "ceased", "until last year", "until recently", "healed",
    "faded", "since stopped", "stopped with", "stopped spontaneously", "stopped on its own", "was stopped",
    "were stopped", "has been stopped", "have been stopped",
)  # fmt: skip
# One word that stands right behind the finding: "fever gone".
ADJOINING = frozenset({"gone", "stopped", "settled", "cleared", "subsided", "healed", "ceased", "query"})
# What ends a statement and is of all that it names: "had a fit when he was one, nothing since".
CLOSING_PAST = (
    *(f"{verb} {end}" for end in ("come back", "came back", "returned", "return", "recurred", "recur") for verb in (
        "has not", "hasn't", "have not", "haven't", "did not", "didn't", "never", "not",
    )),
    *(f"{what} {end}" for end in _OVER for what in (
        "it has", "this has", "that has", "which has", "they have", "these have", "which have", "both have", "it's",
        "both of which have", "both of which have now", "all of which have", "all of which have now", "and then",
        "but then", "that's", "that is", "that is all",
        "it has now", "this has now", "that has now", "which has now", "they have now", "it's now", "both", "it",
        "which", "this", "that", "which has since", "it has since", "it's all", "both have now",
    )),
    "not now", "not today", "none now", "none since", "nothing since", "none today", "nil today", "nil now",
    "none afterwards",
    "none after that", "not since", "not any more", "not anymore", "never again", "has not for years",
    "now i am fine", "now i'm fine", "and went away", "now fine", "now clear", "now well", "now ok", "now normal",
    "now gone", "now better", "resolved", "now resolved", "since resolved",
    "fully recovered", "recovered fully", "made a full recovery", "it's gone now", "its gone now", "it has gone now",
    "it has stopped now", "it's stopped now", "it stopped now", "it's settled now", "all gone now", "gone now",
    "all better now", "better now", "ok now", "fine now", "well now",
    "is fine now", "none these days", "no longer", "none recently", "not recently", "nothing recently",
    "no longer a problem", "has now gone", "has now settled", "both gone now", "nil since", "none for years",
    "none for months", "none in years", "not in years", "never since", "no recurrence", "without recurrence",
    "no further episodes", "no further attacks", "grew out of it", "has grown out of it", "grown out of it",
    "outgrown", "it went", "it went away", "they went away", "settled on its own", "settled with antibiotics",
    "completely better", "symptom free since", "well since", "free of it since", "free of them since", "then settled",
    "then stopped", "then went", "then resolved", "neither has recurred", "neither has returned", "neither recurred",
    "none has recurred", "hasn't been sick since", "haven't been sick since", "not been sick since",
    "haven't had one since", "hasn't had one since", "not had one since", "long since over", "long since gone",
    "cleared entirely",
)  # fmt: skip
# After a denial, these say that it was there before: "not vomiting any more".
NO_MORE = (
    "any more", "anymore", "any longer",
)  # fmt: skip
# The same of a statement about others: "everyone at home has diarrhoea but she does not".
CLOSING_DENIED = (
    "except him", "except her", "except me", "apart from him", "apart from her", "apart from me", "but not him",
    "but not her", "but not me", "she does not", "he does not", "i do not", "she doesn't", "he doesn't", "i don't",
    "she has not", "he has not", "i have not", "she hasn't", "he hasn't", "i haven't", "he never has",
    "she never has", "i never have", "she has none", "he has none", "i have none", "the patient does not",
    "patient does not",
)  # fmt: skip
LENGTHS = frozenset(
    {
        "12", "52", "7", "d", "day", "days", "hour", "hours", "hr", "long", "minute", "month", "months", "night",
        "recent", "short", "w", "week", "weeks", "wk", "year", "years", "yr",
    }
)  # fmt: skip
STARTED = (
    "started", "began", "begun", "since", "start", "onset", "came on", "noticed", "first", "appeared", "developed",
    "woke", "starting",
)  # fmt: skip
RELATIVES = (
    "father", "mother", "brother", "sister", "dad", "mum", "mom", "uncle", "aunt", "aunts", "uncles", "cousins",
    "grandfather", "grandmother", "grandfathers", "grandmothers", "nan", "gran", "granny", "stepfather",
    "stepmother", "stepson", "fiance", "my mate",
    "a mate", "his mate", "her mate",
    "workmate", "pal", "lodger", "grandad", "grandma", "granddad", "family history", "family history of", "fhx",
    "fh", "parents", "cousin", "husband", "wife", "partner", "son", "daughter", "colleague", "friend", "flatmate",
    "roommate", "classmate", "neighbour", "neighbor", "boyfriend", "girlfriend", "grandson", "granddaughter",
    "nephew", "niece", "brothers", "sisters", "family", "twin", "sibling", "siblings", "relatives", "coworker",
    "boss", "housemate", "grandparents", "classmates", "colleagues", "kids", "children", "sons", "daughters",
    "friends",
)  # fmt: skip
# What relatives do when they speak of the patient.
REPORTING = (
    "says", "say", "said", "reports", "report", "reported", "noticed", "notices", "thinks", "worried", "worries",
    "brought", "brings", "describes", "states", "tells", "mentions", "found", "noted", "is concerned", "called",
    "is worried", "concerned", "told", "complains", "explains", "who", "gave", "witnessed", "saw", "denies",
    "observed", "presents", "measured", "feels", "made", "insisted", "has noticed", "has seen", "had noticed",
    "wants", "asked", "complained", "wonders", "suspects", "believes", "heard", "fears", "felt", "describing",
)  # fmt: skip
ENDS = (
    "but", "however", "although", "though", "except", "apart from", "aside from", "yet", "still has", "now has",
    "whereas", "because", "otherwise", "just", "only", "instead", "while", "until", "then", "nevertheless",
    "nonetheless", "even though", "despite", "+ ve", "+ ve for", "positive for", "pos for", "remains", "still",
    "ongoing :", "current :", "persisting", "bar the", "bar my", "bar his", "bar her", "bar a",
)  # fmt: skip
# Words with which, after a comma, another statement begins.
NEW_CLAUSE = frozenset(
    {
        "a", "acknowledges", "admits", "admitted", "reported", "endorsed", "described", "describes", "also", "an",
        "awful", "bad", "began", "bp", "brought", "cannot", "cant",
        "complaining", "complains", "constant", "currently", "endorses", "examination", "feel", "feels", "for",
        "gets", "got", "had", "has", "have", "having", "he", "her", "his", "i", "is", "it", "keeps", "lately",
        "mild", "my", "notes", "now", "ongoing", "patient", "positive", "presenting", "presently", "presents",
        "pulse", "recently", "reporting", "reports", "severe", "she", "since", "some", "started", "still", "temp",
        "smoker", "smokes", "ex", "known", "lives", "works", "takes", "on", "drinks",
        "temperature", "terrible",
        "fine", "coarse", "soft", "perhaps", "very", "really", "extremely", "its", "hears",
        "collapsed", "fainted", "vomited", "fell", "coughs", "wheezes", "limps", "sees", "shakes", "passed", "woke",
        "bled", "marked", "persistent", "c", "there", "they", "today", "unable", "was", "we", "with", "wont",
    }
)  # fmt: skip
