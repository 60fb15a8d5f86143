"""Orders hidden in documents: text that addresses the machine instead of the reader.

Such text is neither quoted nor put into a prompt nor accepted as support for a sentence. What follows an order in
the same passage goes with it, since that is where its payload stands.
"""

from __future__ import annotations

import re

from llmasos.answering import words

_ORDERS = (
    # Lifting earlier instructions.
    (
        r"\b(ignore|disregard|forget|override|bypass|overrule|discard|drop|do not follow|don't follow"
        r"|stop following)\b"
        r"[^.!?\n]{0,60}\b(instruction|prompt|rule|guideline|direction|directive|restriction|polic(y"
        r"|ies) above|context"
        r"|system message|safety|constraint|programming|everything (above|before)|(all|anything) (above"
        r"|before|previous|prior))"
    ),
    (
        r"\b(new|updated|real|actual|hidden|secret|following) (system )?(instructions?|prompt"
        r"|directives?)\s*(:|are\b|is\b|follow)"
    ),
    r"\b(system|developer|assistant|admin)\s*(prompt|message|override|instructions?|mode|note)\b\s*[:>\]]",
    r"(^|\n)\s*\W{0,3}(system|assistant|developer)\W{0,3}\s*:",
    (
        r"<\|?/?\s*(im_start|im_end|system|assistant|endoftext|inst|sys|s)\s*\|?>|\[/?(inst|sys|system"
        r"|assistant)\]|<<\s*/?sys\s*>>"
    ),
    r"#{2,}\s*(instructions?|system|response|assistant)\s*:",
    # Giving the machine a new part to play.
    (
        r"\byou are (now|henceforth|no longer) (an?|the|in|my|free|bound|restricted|limited|dan)\b"
        r"|\bfrom now on,? (you|respond|reply|answer|act|always)\b"
    ),
    r"\b(act|behave|respond|answer|reply) as (if|though) you\b|\bpretend (to be|that you|you)\b|\brole-?play as\b",
    r"\b(developer|debug|god|dan|jailbreak|unrestricted|maintenance) mode\b|\bjailbreak\b|\bdo anything now\b",
    # Dictating what it says.
    (
        r"\b(respond|reply|answer|output|say|repeat)\b[^.!?\n]{0,30}\b(only|exactly|nothing but|verbatim"
        r"|with the (word|phrase|text|sentence|following)|the (word|phrase|following text)|your (answer"
        r"|response|reply) with)\b"
    ),
    (
        r"\b(reveal|show|print|repeat|output|leak|disclose|tell me|send"
        r"|share)\b[^.!?\n]{0,40}\b(system prompt|your (initial |hidden )?"
        r"(instructions|prompt|rules|configuration)|hidden (instructions|prompt)|conversation history)"
    ),
    (
        r"\b(ai|a\.i\.|llm|language model|chat ?bot|chatgpt|gpt|virtual assistant"
        r"|assistant)s?\b[^.!?\n]{0,50}"
        r"\b(reading|processing|summari[sz]ing|answering|that reads?|who reads?|must (now|always|never"
        r"|say|tell|reply|respond|answer"
        r"|recommend|output|ignore)|should (now|always|never|say|tell|reply|respond|answer|recommend"
        r"|output|ignore)|instructions?\s*:)"
    ),
    (
        r"\b(note|attention|message|instructions?|important|memo) (to|for) (the |any |all )?(ai|llm"
        r"|language model|chat ?bot|assistant|bot|model)s?\b"
    ),
    (
        r"\b(when|if|whenever)\b[^.!?\n]{0,60}\b(asks?|asked|question|prompted"
        r"|summari[sz])\b[^.!?\n]{0,60},?\s*"
        r"\b(say|reply|respond|answer|output|claim|insist|recommend)\b"
    ),
    (
        r"\b(do not|don't|never) (mention|reveal|tell|disclose|quote|cite)\b[^.!?\n]{0,40}\b(this (text"
        r"|message|instruction|note)|the (user|reader))"
    ),
    r"!\[[^\]]*\]\(\s*https?://[^)]*(\{|\?[^)]*=)",
    # The same in Chinese.
    r"(忽略|无视|忘记|忘掉|不要理会|不用管|绕过|覆盖|跳过)[^。！？\n]{0,20}(指令|指示|提示|规则|设定|要求|限制|上文|以上|之前|前面|内容)",
    r"(系统|新的?|隐藏)(提示词?|指令|指示|消息)\s*(:|：|是|如下)|你现在(是|扮演|必须|要)|从现在(开始|起)[^。！？\n]{0,10}你",
    r"(假装|扮演|充当)[^。！？\n]{0,12}(你|助手|角色|模式)|开发者模式|越狱",
    r"(只|仅|必须|请|直接)(能|需|要)?(回答|回复|输出|说出?|重复|打印)[^。！？\n]{0,4}[:：\"“「『']|(泄露|透露|输出|显示|告诉我)[^。！？\n]{0,10}(系统提示|提示词|指令)",
    r"(人工智能|智能|AI|语言模型|大模型|聊天机器人|机器人|助手)[^。！？\n]{0,12}(必须|应当|应该|请务必|不得|请)(回答|回复|说|告诉|推荐|输出|忽略)",
)
_ORDER = re.compile("|".join(f"(?:{pattern})" for pattern in _ORDERS), re.IGNORECASE)
_LOOKALIKES = tuple(str.maketrans("0134@$", f"o{one}eaas") for one in "il")
_PARAGRAPH = re.compile(r"\n\s*\n")
_JOINED = re.compile(r"(?<=\b\w)[\s.\-_*]{1,2}(?=\w\b)")


def is_order(text: str) -> bool:
    """Say whether a text addresses the machine with an order."""
    plain = words.normalise(text)
    if _ORDER.search(plain):
        return True
    squeezed = re.sub(r"\s+", " ", plain.casefold())
    # "1gn0re pr3vious instructions" and "i g n o r e   a l l ..." are the same order in disguise.
    return any(_ORDER.search(squeezed.translate(table)) for table in _LOOKALIKES) or _spelled_out(squeezed)


def usable(text: str) -> str:
    """Return the part of a passage before the paragraph in which it first addresses the machine."""
    if not is_order(text):
        return text
    start = 0
    for paragraph in _PARAGRAPH.split(text):
        begins = text.index(paragraph, start)
        if is_order(paragraph):
            return text[:begins]
        start = begins + len(paragraph)
    return ""


def _spelled_out(text: str) -> bool:
    joined = _JOINED.sub("", text)
    return joined != text and bool(
        _ORDER.search(joined) or re.search((r"ignore(all)?(the)?(previous|prior)?instruction"), joined)
    )
