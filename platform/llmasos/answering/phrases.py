"""What is said without a model: courtesies, a question back, and that nothing was found. In the visitor's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from django.utils.translation import gettext, override

from llmasos.answering import words

ENGLISH = "en"
CHINESE = "zh-hans"
LONGEST_COURTESY = 60


class Courtesy(StrEnum):
    """A message that asks nothing of the documents."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    NATURE = "nature"
    PERSON = "person"


_FILLER = (
    r"(there|again|everyone|all|bot|assistant|robot|so|very|much|a lot|a bunch|for (your|the) help"
    r"|for that|you|to you"
    r"|please|okay|ok|great|team)"
)
_COURTESIES = (
    (
        Courtesy.GREETING,
        (
            r"(hi|hello|hey|hiya|greetings|good (morning|afternoon|evening"
            rf"|day))( {_FILLER})*( how are you( doing)?( today)?)?"
            r"|how are you( doing)?( today)?|(你好|您好|嗨|哈喽|早上好|下午好|晚上好|在吗|在么|有人吗)+[啊呀吗]?"
        ),
    ),
    (
        Courtesy.THANKS,
        (
            r"((ok|okay|great|perfect|alright|got it|cool) )?(thank you|thanks|thx|ty|cheers|many thanks"
            rf"|much appreciated)( {_FILLER})*"
            r"( that (helps|helped|is all)| this helps)?|(好的"
            r"|行|嗯)?(非常|太|十分)?(谢谢|感谢|多谢|谢了)(你|您)?(的帮助|了|啦|啊)?"
            r"|(好的|行)"
        ),
    ),
    (Courtesy.GOODBYE, rf"(good)?bye( bye)?( {_FILLER})*|see you( later| soon)?|good night|再见|拜拜|晚安|回头见"),
    (
        Courtesy.NATURE,
        (
            r"(are you|am i (talking|speaking|chatting) (to|with)) (an? )?(real |actual )?(human|person|robot"
            r"|bot|machine|ai|chatbot)( being)?"
            r"( or an? (human|person|robot|bot|machine|ai))?|(who"
            r"|what) are you|你是(谁|机器人|真人|人工|人|AI)(还是(真人|人工"
            r"|机器人))?[吗么]?"
        ),
    ),
    (
        Courtesy.PERSON,
        (
            r"((can|could|may) i |i (want|need|would like|wish|'d like) to |let me |please )?(talk|speak|chat"
            r"|connect me|transfer me|put me through)"
            r" (to|with) (an? |the |your )?(real |live |actual )?(human|person|agent|someone|somebody"
            r"|representative|operator|staff|manager)( please| now)*"
            r"|(human|real person|live agent|representative|operator|agent)( please)?|(请|我要|我想|帮我)?(转|找"
            r"|接)?(人工|真人)(客服|服务)?(谢谢)?"
        ),
    ),
)
_PATTERNS = tuple((courtesy, re.compile(pattern, re.IGNORECASE)) for courtesy, pattern in _COURTESIES)
_PUNCTUATION = re.compile(r"[\s,.!?;:，。！？、；：~～…)(\U0001F300-\U0001FAFF☺❤️]+")


def language_of(message: str, *, fallback: str = ENGLISH) -> str:
    """Return the language of a message: Chinese or English, else the fallback (a message of figures alone)."""
    if words.is_chinese(message):
        return CHINESE
    return ENGLISH if re.search(r"[A-Za-z]{2}", message) else (fallback or ENGLISH)


def courtesy(message: str) -> Courtesy | None:
    """Recognise a message that is nothing but a greeting, thanks and the like."""
    if len(message) > LONGEST_COURTESY:
        return None
    plain = _PUNCTUATION.sub(" ", words.normalise(message)).strip()
    for kind, pattern in _PATTERNS:
        if pattern.fullmatch(plain) or (words.is_chinese(plain) and pattern.fullmatch(plain.replace(" ", ""))):
            return kind
    return None


def reply_to_courtesy(kind: Courtesy, *, language: str) -> str:
    with override(language):
        match kind:
            case Courtesy.GREETING:
                return gettext("Hello! What would you like to know?")
            case Courtesy.THANKS:
                return gettext("You are welcome. Is there anything else you would like to know?")
            case Courtesy.GOODBYE:
                return gettext("Goodbye, and thank you for your visit.")
            case Courtesy.NATURE:
                return gettext(
                    "I am an automated assistant, not a person. I answer from this organisation's own documents."
                )
            case Courtesy.PERSON:
                return gettext(
                    "I am an automated assistant and cannot put you through to a person here. Please use the contact"
                    " details on this organisation's website, or ask me your question."
                )


def nothing_found(*, language: str) -> str:
    """Say that the documents do not answer, and offer what can be done next."""
    with override(language):
        return gettext(
            "I could not find the answer in the documents that I may use. You could ask in other words, or use the"
            " contact details on this organisation's website."
        )


def unavailable_knowledge(*, language: str) -> str:
    with override(language):
        return gettext(
            "I have no documents to answer from yet. Please use the contact details on this organisation's website."
        )


def which_one(subjects: Sequence[str], *, language: str) -> str:
    """Ask back which of the competing subjects is meant; without subjects, ask for more."""
    with override(language):
        if len(subjects) > 2:
            return gettext("Do you mean “%(first)s”, “%(second)s” or “%(third)s”?") % {
                "first": subjects[0],
                "second": subjects[1],
                "third": subjects[2],
            }
        if len(subjects) == 2:
            return gettext("Do you mean “%(first)s” or “%(second)s”?") % {
                "first": subjects[0],
                "second": subjects[1],
            }
        return gettext("Could you tell me a little more about what you need?")
