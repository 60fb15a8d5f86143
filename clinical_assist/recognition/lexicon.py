"""Classes of words that phrases name with ``@``, little words, frequent slips, and turns of speech."""

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
    "hard": (
        "hard|hardly|barely|difficult|difficulty|trouble|struggle|struggling|unable|cant|cannot|couldnt|problem|"
        "problems|awkward"
    ),
    "belly": "belly|stomach|tummy|abdomen|abdominal|abdo|abdominally|epigastric|epigastrium|gut|guts|midriff",
    "lump": "lump|lumps|bump|bumps|mass|nodule|nodules|knot|growth",
    "numb": "numb|numbness|tingle|tingling|tingly|paraesthesia|paresthesia|paraesthesiae|prickling",
    "weak": "weak|weakness|heavy|paralysed|paralyzed|=limp|powerless",
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
        "grandma|relative|cousin|nan|gran|granny|grandad|grandparents|sibling|siblings|twin|fhx|fh"
    ),
    "around": (
        "husband|wife|partner|son|daughter|children|kids|kid|colleague|colleagues|friend|friends|flatmate|"
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
    "ever", "completely", "totally", "absolutely", "awfully", "pretty", "rather", "too", "again", "still", "now",
    "kept", "lot", "lots", "slightly", "extremely", "terribly", "severe", "mild", "left", "right",
)  # fmt: skip

# Words that are often misspelt and that few ordinary words are near to; those are named below.
MISSPELT = (
    "abdomen", "abdominal", "anxiety", "anxious", "appetite", "arthritis", "asthma", "backache", "bleeding",
    "blisters", "bloated", "bloating", "breathing", "breathless", "breathlessness", "bruising", "collapsed",
    "confused", "confusion", "constipated", "constipation", "convulsion", "coughing", "depressed", "depression",
    "diabetes", "diabetic", "diarrhea", "diarrhoea", "discharge", "dizziness", "dysphagia", "dyspnoea", "dysuria",
    "earache", "eczema", "exhausted", "fainted", "fainting", "fatigue", "feverish", "forgetful", "haematuria",
    "haemoptysis", "haemorrhoids", "headache", "headaches", "heartburn", "hematuria", "hemorrhoids", "hypertension",
    "incontinence", "indigestion", "insomnia", "itching", "jaundice", "jaundiced", "melaena", "migraine",
    "migraines", "muscles", "nausea", "nauseated", "nauseous", "nosebleed", "nosebleeds", "numbness", "oedema",
    "painful", "palpitation", "palpitations", "phlegm", "pleuritic", "pregnancy", "pregnant", "psoriasis",
    "seizure", "seizures", "shivering", "shortness", "shoulder", "sputum", "stomach", "suicidal", "swallowing",
    "sweating", "swelling", "swollen", "temperature", "tenderness", "throat", "tingling", "tinnitus", "tired",
    "tiredness", "tongue", "tonsillitis", "tonsils", "toothache", "tremor", "unconscious", "urinating", "urine",
    "vertigo", "vomited", "vomiting", "weakness", "wheezing", "yellow",
)  # fmt: skip
NO_SLIPS = frozenset(
    {
        "accused", "breaching", "breeding", "caused", "collapses", "confession", "conversation", "conversion",
        "depressive", "diabetics", "discharged", "dressed", "dwelling", "fainter", "meeting", "preaching",
        "pregnancies", "reading", "selling", "smelling", "spelling", "stomachs", "sweeping", "sweetening", "threat",
        "tiered", "tirade", "treading", "tremors", "tried",
    }
)  # fmt: skip
# Turns of speech whose words are no findings.
IDIOMS = (
    "get fit", "getting fit", "keeping fit", "cough medicine", "cough mixture", "cough syrup", "to lose weight",
    "fit and well", "fit in", "keeps fit", "keep fit", "physically fit", "fit note", "fit for work", "shook hands",
    "shake hands", "shaking hands with", "nail on the head", "head office", "head teacher", "head of", "by heart",
    "comes back", "came back", "come back", "coming back", "go back", "went back", "goes back", "call back",
    "called back", "ring back", "back to work", "back to school", "back home", "behind his back", "behind her back",
    "behind my back", "sick note", "sick leave", "off sick", "sick pay", "sick of", "sick and tired", "tired of",
    "face to face", "on the spot", "spot on", "hot water", "hot drink", "hot drinks", "cold drink", "cold drinks",
    "hot meal", "light meal", "light duties", "second hand", "on the other hand", "on the one hand", "first hand",
    "hand out", "at the foot of", "on foot", "joint account", "joint decision", "heart to heart",
    "pain in the neck", "sight seeing", "eye test", "eye clinic", "chest clinic", "pain clinic", "pain relief",
    "pain killer", "pain killers", "rash decision", "high spirits", "for good measure", "back and forth",
    "set back", "blood bank", "ear marked", "cold call", "running late", "break in", "as of late",
    "nothing to worry about", "not to worry", "dry cleaning", "stomach for", "swallow her pride",
    "swallow his pride", "cough up money", "driving licence", "war time",
    "back garden", "fell in love", "fall in love", "falling in love", "stopped fitting", "no longer fit",
    "no longer fits", "do not fit", "don't fit", "doesn't fit", "fell out with", "fallen out with",
    "fell asleep", "falls asleep", "fall asleep", "falling asleep", "fallen asleep",
    "fell ill", "fallen ill",
    "falling apart", "fell apart", "fell through", "bites her nails", "bites his nails", "bite her nails",
    "bite his nails", "biting her nails", "biting his nails", "bite my nails", "like a football",
    "face full of", "fraud alert", "alert card", "medical alert",
    "like a bear with a sore head", "fit as a flea", "fit as a fiddle", "red flag", "red flags", "right as rain",
    "regular as clockwork", "nearly had a heart attack", "almost had a heart attack", "gave me a heart attack",
    "breaking my heart", "broke my heart", "itching to", "dying to", "dying for",
    "sick to my back teeth", "sick to the back teeth", "pain in the arse", "pain in the backside",
    "blood boil", "grown out of", "grow out of", "grew out of", "grows out of", "growing out of", "good as gold",
    "on the ball", "in a heartbeat", "dead on time", "drop of a hat", "over the moon", "hit the roof",
    "lost my temper", "lost his temper", "lost her temper", "lose my temper", "watch this space", "high time",
    "burning the candle", "burning question", "cold shoulder",
    "hot under the collar", "tongue in cheek", "sore point", "swelling the ranks", "shaking his head",
    "shaking her head", "shook her head", "shook his head", "head over heels", "scratching my head",
    "scratch my head", "weight off my shoulders", "wait and see", "bleeding edge",
)  # fmt: skip
# Vaccines name diseases that nobody has.
VACCINES = frozenset(
    {
        "vaccine", "vaccines", "vaccination", "vaccinations", "vaccinated", "immunisation", "immunisations",
        "immunised", "immunization", "immunizations", "immunized", "jab", "jabs", "booster", "boosters",
    }
)  # fmt: skip
VACCINATED = frozenset(
    {
        "measles", "mumps", "rubella", "flu", "influenza", "tetanus", "polio", "diphtheria", "whooping",
        "whooping cough", "pertussis", "chickenpox", "chicken", "chicken pox", "varicella", "shingles", "zoster",
        "hepatitis", "hepatitis a", "hepatitis b", "covid", "tb", "tuberculosis", "typhoid", "yellow", "yellow fever",
        "cholera", "rabies", "meningitis", "pneumonia", "pneumococcal", "rotavirus", "malaria",
    }
)  # fmt: skip
AGAINST = frozenset({"against", "for"})
