"""What is never personal: units, medicines, findings, anatomy and eponyms; and whether a text is a clinical one."""

from __future__ import annotations

import re
from typing import Final

from llmasos.privacy.deidentification.words import word_list

_ENDINGS: Final = re.compile(
    r"(?:itis|osis|oses|emia|emias|aemia|uria|pathy|pathies|ectomy|ostomy|otomy|oscopy|plasty|graphy|gram|algia|plegia|paresis|pnea|penia|philia|phobia|"
    r"rrhea|rrhoea|rrhage|megaly|trophy|trophic|plasia|oma|omas|cyte|cytes|cytic|blast|genic|lysis|lytic|ergic|tropic|stasis|static|sclerosis|stenosis|"
    r"mab|nib|vir|pril|sartan|olol|statin|azole|cillin|mycin|micin|floxacin|cycline|sporin|prazole|tidine|setron|triptan|dipine|zosin|thiazide|semide|"
    r"gliptin|gliflozin|glutide|glitazone|barbital|azepam|azolam|caine|curonium|dronate|fibrate|parin|xaban|grel|terol|tropium|sone|solone|onide|"
    r"amine|amide|idine|azine|oxetine|pamine|phylline|profen|oxicam|coxib|codone|morphone|orphan|mide|oin|ium|ine|ase|ases|ides|itide|platin|rubicin|taxel|"
    r"bacter|coccus|cocci|bacillus|virus|viruses|toxin|globulin|kinase|receptor|ology|ologist|iatric|iatry|opathy|ulin|gen|ate|itol|osterone|estrol|thyroid|"
    r"cardial|cardia|cardiac|renal|hepatic|gastric|enteric|neural|neuro|dermal|dermic|vascular|pulmonary|cranial|spinal|thoracic|ocular|febrile)s?$"
)
_STRONG: Final = re.compile(
    r"(?:itis|osis|emia|aemia|uria|pathy|ectomy|ostomy|oscopy|plasty|algia|plegia|pnea|penia|rrhea|rrhage|megaly|plasia|oma|omas|cyte|cytes|cytic|ergic|"
    r"mab|pril|sartan|olol|statin|azole|cillin|mycin|floxacin|cycline|prazole|dipine|azepam|azolam|caine|parin|xaban|profen|kinase|coccus|bacillus|"
    r"cardia|cardiac|renal|hepatic|gastric|vascular|pulmonary|thoracic|febrile|therapeutic|pharmac\w+|diagnos\w+|symptom\w*|inhibitor\w*|syndrome\w*|disease\w*|"
    r"disorder\w*|clinical\w*|medical\w*|hospital\w*|genetic\w*|mutation\w*|prescri\w+|infect\w+|chronic|acute|syndrom\w+|metabol\w+|immun\w+|surg\w+)$"
)
# Words that make the name before them a term: Crohn disease, Romberg's sign, Glasgow coma scale.
_TERM: Final = re.compile(
    r"^(?:['’]s?)?[ -](?:[a-z][\w-]* ){0,2}?(?:disease|syndrome|sign|test|scale|score|law|disorder|reaction|phenomenon|reflex|palsy|maneuver|manoeuvre|catheter|"
    r"procedure|operation|anemia|fever|fracture|virus|cell|cells|body|bodies|stain|criteria|index|equation|formula|effect|lymphoma|sarcoma|tumou?r|"
    r"classification|classes|class|stage|grade|rule|method|technique|triad|tetralogy|canal|gland|duct|node|nodes|ring|rings|spots?|nodes?|contraction|contractions|"
    r"position|splint|tube|drain|bag|line|block|pattern|breathing|respirations?|cyst|hernia|ulcer|esophagus|muscular|encephalopathy|ataxia|chorea|thyroiditis|"
    r"protein|factor|gene|antibody|antigen|receptor|toxin|bacteria|species|infection|trial|study|guidelines?|Disease|Syndrome|Test|Sign|Scale|Score|Criteria|Index|Act|Amendment)\b"
)
_WORD: Final = re.compile(r"[^\W\d_][\w'’-]*")
CLINICAL_SHARE: Final = 0.04
"""Share of words that are of medicine from which a text counts as clinical."""


def clinical_words() -> frozenset[str]:
    return word_list("clinical.txt")


def eponyms() -> frozenset[str]:
    return word_list("eponyms.txt")


def common_words() -> frozenset[str]:
    return word_list("common.txt")


def register_words() -> frozenset[str]:
    return word_list("register.txt")


def is_clinical(text: str) -> bool:
    """Whether a text is about medicine: then a capital is a weak sign of a name, and rules ask for more."""
    found = [word.casefold() for word in _WORD.findall(text)]
    terms = sum(1 for word in found if _is_term(word))
    return terms > 0 and terms >= CLINICAL_SHARE * len(found)


def is_allowed(text: str, start: int, end: int) -> bool:
    """Whether what stands there is a term rather than a name: each of its words is, or what follows makes it one."""
    behind = text[end : end + 60]
    if _TERM.match(behind):
        return True
    parts = [part.casefold().removesuffix("'s").removesuffix("’s") for part in _WORD.findall(text[start:end])]
    return bool(parts) and all(_is_word_of_medicine(part) or part in common_words() for part in parts)


def is_shouted(text: str) -> bool:
    """Whether it is an abbreviation rather than a name: one word, most of it capitals or with a digit, six letters at most."""
    words = text.split()
    plain = words[0].rstrip("s") if words else ""
    capitals = sum(character.isupper() or character.isdigit() for character in plain)
    return len(words) == 1 and len(plain) <= 6 and capitals >= 2 and not plain.startswith(("Mc", "O'", "O’", "D'"))


def is_eponym(text: str) -> bool:
    parts = [part.casefold().removesuffix("'s").removesuffix("’s") for part in _WORD.findall(text)]
    return bool(parts) and any(part in eponyms() for part in parts)


def _is_word_of_medicine(word: str) -> bool:
    return word in clinical_words() or (len(word) > 6 and _STRONG.search(word) is not None)


def is_medical_form(text: str) -> bool:
    """Whether all words have the form of a term of medicine, by their endings as well."""
    parts = [part.casefold() for part in _WORD.findall(text)]
    return bool(parts) and all(part in clinical_words() or (len(part) > 5 and _ENDINGS.search(part)) for part in parts)


def _is_term(word: str) -> bool:
    if len(word) <= 2:
        return word in _UNITS
    if word in word_list("ambiguous_terms.txt") or word in common_words():
        return False
    return word in clinical_words() or word in register_words() or (len(word) > 7 and _STRONG.search(word) is not None)


_UNITS: Final = frozenset({"mg", "ml", "dl", "iv", "im"})
