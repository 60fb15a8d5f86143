"""Names of people, occupations, organisations and places, by the words before and around them and by lists of names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from llmasos.privacy.deidentification.gazetteer import ambiguous, names
from llmasos.privacy.deidentification.patterns import Rule
from llmasos.privacy.deidentification.types import EntityType, Finding

_CAPITAL = r"[^\W\d_a-zà-öø-ÿāăąćĉċčďđēĕėęěğģħīıķłńņňōőœŕřśŝşšţťŧūůűźżžα-ωά-ώа-яё]"
_NAME = rf"{_CAPITAL}[\w'’-]*"
_PARTICLE = r"(?:van|von|de|del|della|di|da|dos|der|den|ten|ter|la|le|el|al|bin|ibn|zu|af|av|du)"
_FULL = rf"{_NAME}(?:[ \t]+(?:{_CAPITAL}\.?|{_PARTICLE}|{_NAME})(?=[ \t]|[^\w]|$)){{0,4}}"
# The words that introduce a name may be written in any case; what follows must look like one.
_HONORIFIC = r"(?:M[rsx]|Mrs|Dr|Prof|Sr|Sra|Rev|Hon|Capt|Sgt|Lt|Col|Gen|mr|mrs|ms|dr|prof)"
TITLES: Final = (
    r"(?:miss|professor|sir|madam|mister|herr|frau|monsieur|madame|mme|señor|señora|signor|signora|nurse|doctor)"
)
_ANY = r"[^\W\d_][\w'’-]*(?:[ \t]+[^\W\d_]\.?(?=[ \t])|[ \t]+[^\W\d_][\w'’-]+){0,3}"


def _after(
    name: str, words: str, value: str = _FULL, *, score: float = 0.85, kind: EntityType = EntityType.PERSON
) -> Rule:
    return Rule(name, kind, re.compile(rf"(?<!\w)(?i:{words})[ \t]*(?P<it>{value})(?!\w)"), score=score)


PEOPLE: Final = (
    Rule("name.title", EntityType.PERSON, re.compile(rf"(?<![\w.])(?<!\d[ ])(?:{_HONORIFIC}\.?|(?i:{TITLES}))[ \t]+(?P<it>{_FULL})(?!\w)"), score=0.9),
    _after("name.said", r"(?:(?:my|his|her|their|your|the|maiden|last|first|full|given|family) )*(?:name|surname|nickname) (?:is|was|'s)|(?:last|first|maiden|family|full|your|my|sur|given) ?name\?", score=0.95),
    _after("name.said_small", r"\bmy (?:full |first |last )?name is|people call me|what's your (?:last |first )?name\?", _ANY.replace("{0,3}", "{0,2}").replace("[ \\t]+[^\\W\\d_][\\w'’-]+", "[ \\t]+(?!but\\b|and\\b|i\\b|from\\b)[^\\W\\d_][\\w'’-]+"), score=0.7),
    _after("name.label", r"(?:^|\b)(?:(?:patient|customer|client|student|full|first|last|family|given|user|contact|guardian|insured|account holder|next of kin|mother|father|doctor|physician|provider|signed by|attending|author|dear|attn|cc|from|to|user|name)\b[ \w]{0,12}\s?[:=])|(?:dear|hi|hello|hey)(?= \w+ ?\w* ?[,!])", score=0.85),
    _after("name.called", r"(?:is|was|are|been|am|were) called|calls? (?:me|him|her)|known as|named|(?:call|ask|asked|speak|spoke|talk|talked|meet|met|chat|follow up|signed up|married) (?:for|to|with)|this is|I'm|I am|it's under|under(?: the)? name(?: of)?|remember me,|regards,?|sincerely,?|signed,?|tribute to|sung by|written by|directed by:?|starring|featuring|by the name of", score=0.7),
    _after("name.relation", r"(?:(?:my|his|her|their|our|your) )(?:\w+ )?(?:kid|child|son|daughter|husband|wife|spouse|partner|mother|father|mom|mum|dad|brother|sister|uncle|aunt|cousin|friend|neighbou?r|colleague|boss|manager|teacher|tutor|student|doctor|nurse|lawyer|agent|name|partner's name|boyfriend|girlfriend|fianc[eé]+|grand(?:son|daughter|mother|father)),?", score=0.8),
    Rule("name.of_relation", EntityType.PERSON, re.compile(rf"(?<!\w)(?P<it>{_FULL})(?=['’]s? (?:daughter|son|kid|child|wife|husband|mother|father|brother|sister|family|account|address|phone|birthday|record|file|chart)\b)"), score=0.75),
    Rule("name.initial", EntityType.PERSON, re.compile(rf"(?<![\w.])(?P<it>{_CAPITAL}\w+ {_CAPITAL}\. {_CAPITAL}[\w'’-]+)"), score=0.6),
    Rule("name.speaker", EntityType.PERSON, re.compile(rf"^(?P<it>{_NAME})(?=: ?[\"“A-Z])", re.MULTILINE), score=0.45),
)  # fmt: skip

OCCUPATIONS: Final = (
    Rule("occupation.title", EntityType.OCCUPATION, re.compile(rf"(?<!\w)(?P<it>{_HONORIFIC}\.?|(?i:miss|professor|mister|sir))(?= {_NAME})"), score=0.6),
    _after("occupation.said", r"(?:(?:work|works|worked|working) (?:for|at) [^.,\n]{2,60}|employed|hired|job|works?|worked|position) as (?:an? )?", r"[^\W\d_][\w'’-]*(?:[ ,]+(?:and )?[a-z][\w'’-]*){0,5}", kind=EntityType.OCCUPATION, score=0.7),
    Rule("occupation.apposition", EntityType.OCCUPATION, re.compile(r"(?<=, the )(?P<it>[A-Z][\w'’-]*(?:[ ,]+(?:and )?[a-z][\w'’-]*){0,5})(?=, (?:said|told|says|asked|who))"), score=0.7),
)  # fmt: skip

_FIRM = r"(?:Inc|Incorporated|LLC|LLP|Ltd|Limited|Corp|Corporation|Company|Co|PLC|plc|GmbH|AG|SA|S\.A|NV|N\.V|BV|B\.V|AB|ApS|A/S|AS|Oy|Oyj|KG|SE|SpA|S\.p\.A|Srl|SARL|Pty|Holdings?|Partners|Associates|Enterprises|Industries|Ventures|Consulting|Technologies|Solutions|Foundation|Bank|Insurance|Airlines|University|College|School|Institute)"
ORGANISATIONS: Final = (
    Rule("organisation.form", EntityType.ORGANISATION, re.compile(rf"(?<!\w)(?P<it>(?:{_NAME}(?:[ ,]+(?:and|&|of)?[ ]?)){{1,5}}(?:Inc|Incorporated|LLC|LLP|Ltd|Limited|Corp|Corporation|PLC|GmbH|Pty|Oyj?|ApS|SpA|S\.p\.A|SARL|B\.?V|N\.?V)\b\.?)"), score=0.8),
    Rule("organisation.partners", EntityType.ORGANISATION, re.compile(rf"(?<!\w)(?P<it>{_NAME}, {_NAME} and {_NAME})(?!\w)"), score=0.45),
    _after("organisation.work", r"(?:work|works|worked|working) (?:for|at)|employed (?:by|at)|employer is|looking to support|(?:office|address) of|invoice from|company,?|customer of", rf"{_NAME}(?:[ \t]+(?:{_NAME}|of|and|&)){{0,5}}", kind=EntityType.ORGANISATION, score=0.75),
    Rule("organisation.office", EntityType.ORGANISATION, re.compile(rf"(?<=The )(?P<it>{_NAME}(?:[, ]+(?:and |& )?{_NAME}){{0,4}})(?= (?:office|orchestra|headquarters|branch|store|Orchestra))"), score=0.7),
    _after("organisation.of_person", rf"{_FULL} (?:is )?from(?= [A-Z].* (?:is|are|was)\b)", _FULL, kind=EntityType.ORGANISATION, score=0.5),
)  # fmt: skip

PLACES: Final = (
    _after("place.said", r"(?:originally from|moved (?:here )?(?:from|to)|grew up in|live[sd]? in|living in|resid(?:es?|ing) in|based in|born in|travel(?:l?ing)? to|flew to|flying to|fly to|coming to|trip to|returned to|(?:I'?m|I am|we are|we're) in|arrived (?:at|in|from)|moving to|am from|i'm from|is from|are from|came from|visiting|home ?city|home ?town(?: is| of)?|city of|town of|village of|university of)", rf"{_FULL}", kind=EntityType.LOCATION, score=0.75),
)  # fmt: skip

NATIONS: Final = (
    "afghan albanian algerian american andorran angolan argentin(?:e|ian) armenian australian austrian azerbaijani bahamian bahraini bangladeshi "
    "barbadian belarus(?:ian)? belgian beli[sz]ian beninese bhutanese bolivian bosnian botswanan brazilian british bruneian bulgarian burmese burundian "
    "cambodian cameroonian canadian chadian chilean chinese colombian congolese costa[ ]rican croat(?:ian)? cuban cypriot czech dane danish dominican "
    "dutch(?:m[ae]n)? ecuador(?:ean|ian) egyptian emirati english(?:m[ae]n)? eritrean estonian ethiopian fijian filipino finn finnish french(?:m[ae]n)? gabonese "
    "gambian georgian german ghanaian greek greenland(?:er|ic) grenadian guatemalan guinean guyanese haitian honduran hungarian icelander icelandic indian "
    "indonesian iranian iraqi irish(?:m[ae]n)? israeli italian ivorian jamaican japanese jordanian kazakh kenyan korean kosovar kuwaiti kyrgyz lao laotian "
    "latvian lebanese liberian libyan lithuanian luxembourg(?:er|ish) macedonian malagasy malawian malaysian maldivian malian maltese mauritanian mauritian "
    "mexican moldovan mongolian montenegrin moroccan mozambican namibian nepal(?:ese|i) new[ ]zealander nicaraguan nigerian norwegian omani pakistani "
    "palestinian panamanian paraguayan peruvian pole polish portuguese qatari romanian russian rwandan salvador(?:ean|an) samoan saudi scot scottish senegalese "
    "serb(?:ian)? singaporean slovak(?:ian)? slovene slovenian somali spaniard spanish sudanese surinamese swede swedish swiss syrian taiwanese tajik "
    "tanzanian thai togolese tongan tunisian turk turkish turkmen ugandan ukrainian uruguayan uzbek venezuelan vietnamese welsh(?:m[ae]n)? yemeni zambian "
    "zimbabwean catholic protestant muslim sunni shi(?:a|i|ite) jew(?:ish)? hindu buddhist sikh christian mormon kurd(?:ish)? roma basque catalan"
)
NATIONALITIES: Final = (
    Rule("nationality", EntityType.NATIONALITY, re.compile(rf"(?<![\w-])(?P<it>(?:{'|'.join(NATIONS.replace('[ ]', '~').split()).replace('~', ' ')})(?:s|es)?)(?![\w-])", re.IGNORECASE), score=0.5),
)  # fmt: skip

_SEQUENCE: Final = re.compile(
    rf"(?<![\w.@-]){_CAPITAL}[\w'’-]*\.?(?:[ \t]+(?:{_CAPITAL}\.|{_PARTICLE}|{_NAME})(?=\W|$)){{0,4}}"
)
_POSSESSIVE: Final = re.compile(r"['’]s?$")
RULES: Final = (*PEOPLE, *OCCUPATIONS, *ORGANISATIONS, *PLACES, *NATIONALITIES)


def listed(text: str) -> Iterator[Finding]:
    """Find names that begin with a listed given name: before another capitalised word surely, alone perhaps."""
    known = names()
    for match in _SEQUENCE.finditer(text):
        parts = list(re.finditer(r"[^\s]+", match.group()))
        for place, part in enumerate(parts):
            word = _POSSESSIVE.sub("", part.group()).strip(".")
            if word.casefold() not in known.given or word.isupper():
                continue
            last = parts[-1]
            start = match.start() + part.start()
            end = match.start() + last.start() + len(_POSSESSIVE.sub("", last.group()).rstrip("."))
            if place + 1 < len(parts):
                score = 0.85 if last.group().casefold().strip("'’s") in known.family else 0.65
                yield Finding(start, end, EntityType.PERSON, score, "name.listed")
            elif len(word) > 2:
                yield Finding(start, end, EntityType.PERSON, 0.45, "name.given")
            break


def repeated(text: str, found: list[Finding]) -> Iterator[Finding]:
    """Find the other places where a part of a name that was found stands."""
    parts: set[str] = set()
    for finding in found:
        if finding.type is EntityType.PERSON and finding.score >= 0.6:
            for part in re.findall(r"[^\W\d_][\w'’-]{2,}", _POSSESSIVE.sub("", text[finding.start : finding.end])):
                if part[0].isupper() and part.casefold() not in ambiguous():
                    parts.add(part)
    if parts:
        pattern = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text):
            yield Finding(match.start(), match.end(), EntityType.PERSON, 0.6, "name.repeated")
