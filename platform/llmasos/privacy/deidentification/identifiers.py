"""Numbers that authorities, banks and makers give out: by check digit where there is one, else by form and words near.

Forms that only digits make up need a word near them unless two check digits or a date inside make a chance match rare.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from llmasos.privacy.deidentification import check_digits as checks
from llmasos.privacy.deidentification.patterns import Rule, words
from llmasos.privacy.deidentification.types import EntityType

_CARD = words(
    "cards?", "credit", "debit", "visa", "master ?card", "amex", "cc", "pan", r"卡号|信用卡|银行卡|储蓄卡|\w*卡"
)


def _national(
    name: str, pattern: str, check: Callable[[str], bool] | None, near: str = "", *, score: float = 0.85
) -> Rule:
    return Rule(
        name,
        EntityType.NATIONAL_ID,
        re.compile(rf"(?<![\w.])(?:{pattern})(?!\w|[.,]\d|-\d)", re.ASCII | re.IGNORECASE),
        check,
        words(near) if near else None,
        score,
    )


def _card(text: str) -> bool:
    found = checks.digits(text)
    return 12 <= len(found) <= 19 and found[0] in (2, 3, 4, 5, 6) and len(set(found)) > 1 and checks.luhn(text)


def _card_near(text: str) -> bool:
    found = checks.digits(text)
    return 12 <= len(found) <= 19 and checks.luhn(text)


NATIONAL: Final = (
    _national("us.ssn", r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}", checks.social_security),
    _national("us.ssn", r"\d{9}|\d{3}\.\d{2}\.\d{4}", checks.social_security, "ssn|social security.{0,20}"),
    _national("us.itin", r"9\d{2}[- ]?(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])[- ]?\d{4}", None, "itin|tax\\w*|ssn|individual"),
    _national("us.npi", r"[12]\d{9}", checks.provider_number, "npi|provider"),
    _national("us.dea", r"[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}", lambda text: checks.prescriber_number(text[2:])),
    _national("us.medicare", r"[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}", None),
    _national("gb.nhs", r"\d{3} \d{3} \d{4}|\d{3}-\d{3}-\d{4}|\d{10}", checks.weighted((*range(10, 1, -1), 1), 11), "nhs.{0,24}|health service"),
    _national("gb.nino", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", None),
    _national("ca.sin", r"\d{3}[- ]\d{3}[- ]\d{3}", checks.luhn, "sin|social insurance|assurance sociale|nas"),
    _national("cn.resident", r"\d{17}[\dX]", checks.resident_id),
    _national("cn.credit_code", r"9[1-3]\d{6}[0-9A-HJ-NPQRTUWXY]{10}", None, "统一社会信用代码|信用代码"),
    _national("hk.id", r"[A-Z]{1,2}\d{6} ?\([\dA]\)", checks.hong_kong_card),
    _national("tw.id", r"[A-Z][1289]\d{8}", checks.taiwan_card),
    _national("sg.nric", r"[STFGM]\d{7}[A-Z]", checks.singapore_card),
    _national("jp.my_number", r"\d{4}[- ]?\d{4}[- ]?\d{4}", checks.japanese_number, "my ?number|マイナンバー|個人番号"),
    _national("kr.rrn", r"\d{6}-[1-8]\d{6}", checks.korean_number),
    _national("kr.rrn", r"\d{6}-[1-8]\d{6}", None, "주민등록번호|resident|rrn"),
    _national("in.aadhaar", r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", checks.verhoeff, "aadhaa?r|uid(?:ai)?|आधार"),
    _national("in.aadhaar", r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", checks.verhoeff),
    _national("in.pan", r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]", None),
    _national("in.pan", r"[A-Z]{5}\d{4}[A-Z]", None, "pan|permanent account.{0,10}|income tax"),
    _national("in.abha", r"\d{2}-\d{4}-\d{4}-\d{4}", None, "abha|health id|ayushman"),
    _national("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", checks.cpf),
    _national("br.cpf", r"\d{9}-?\d{2}", checks.cpf, "cpf"),
    _national("br.cnpj", r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", checks.cnpj),
    _national("cl.rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", checks.rut),
    _national("cl.rut", r"\d{7,8}-[\dK]", checks.rut, "rut|run"),
    _national("mx.curp", r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", checks.curp),
    _national("mx.rfc", r"[A-ZÑ&]{4}\d{6}[A-Z\d]{3}", None, "rfc"),
    _national("ar.dni", r"\d{1,2}\.\d{3}\.\d{3}", None, "dni|documento"),
    _national("es.dni", r"\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]", checks.dni),
    _national("pt.nif", r"[123]\d{2} ?\d{3} ?\d{3}", checks.weighted((*range(9, 0, -1),), 11), "nif|contribuinte"),
    _national("it.fiscal_code", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", checks.codice_fiscale),
    _national("fr.nir", r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", checks.nir),
    _national("be.national", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", checks.belgian_number),
    _national("be.national", r"\d{11}", checks.belgian_number, "rijksregister\\w*|registre national|national number"),
    _national("nl.bsn", r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", checks.weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11), "bsn|burgerservice\\w*|sofi\\w*"),
    _national("de.tax", r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}", checks.mod11_10, "steuer\\w*|idnr|tax\\w*|tin"),
    _national("de.insurance", r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", None, "sozialversicherung\\w*|rentenversicherung\\w*|svnr"),
    _national("at.insurance", r"\d{4} ?\d{6}", checks.weighted((3, 7, 9, -1, 5, 8, 4, 2, 1, 6), 11), "sozialversicherung\\w*|svnr|sv-?nummer"),
    _national("ch.ahv", r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", checks.swiss_number),
    _national("se.personnummer", r"(?:19|20)?\d{6}[-+]\d{4}", checks.luhn_with_birthday),
    _national("se.personnummer", r"(?:19|20)?\d{10}", checks.luhn_with_birthday, "person(?:nummer|nr)|samordningsnummer"),
    _national("no.fodselsnummer", r"\d{6} ?\d{5}", checks.norwegian_number),
    _national("dk.cpr", r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}-\d{4}", None, "cpr.{0,12}|personnummer"),
    _national("fi.hetu", r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", checks.hetu),
    _national("is.kennitala", r"\d{6}-\d{4}", checks.weighted((3, 2, 7, 6, 5, 4, 3, 2, 1, 0), 11), "kennitala|kt"),
    _national("pl.pesel", r"\d{11}", checks.weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10), "pesel"),
    _national("pl.nip", r"\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3}", None, "nip"),
    _national("cz.birth_number", r"\d{6}/\d{4}", checks.czech_number),
    _national("ro.cnp", r"[1-8]\d{12}", checks.romanian_number),
    _national("bg.egn", r"\d{10}", checks.bulgarian_number, "egn|егн"),
    _national("hr.oib", r"\d{11}", checks.mod11_10, "oib"),
    _national("ee.isikukood", r"[1-6]\d{10}", checks.estonian_number, "isikukood|asmens kod\\w*|personal code"),
    _national("gr.amka", r"\d{11}", checks.luhn_with_birthday, "amka|αμκα"),
    _national("ie.pps", r"\d{7}[A-W][A-IW]?", checks.irish_number, "pps\\w*|personal public"),
    _national("tr.tckn", r"[1-9]\d{10}", checks.turkish_number),
    _national("il.id", r"\d{9}", checks.luhn, "teudat|israel\\w*|זהות"),
    _national("za.id", r"\d{6} ?\d{4} ?\d{3}", checks.luhn_with_birthday),
    _national("au.tfn", r"\d{3} ?\d{3} ?\d{3}", checks.weighted((1, 4, 3, 7, 5, 8, 6, 9, 10), 11), "tfn|tax file"),
    _national("au.medicare", r"[2-6]\d{3} ?\d{5} ?\d", checks.weighted((1, 3, 7, 9, 1, 3, 7, 9, -1, 0), 10), "medicare"),
    _national("ng.nin", r"\d{11}", None, "nin|national identification"),
    _national("th.id", r"\d-\d{4}-\d{5}-\d{2}-\d", None),
    _national("ua.passport", r"\d{10}", None, "рнокпп|інн|ідентифікаційний"),
    _national("ru.snils", r"\d{3}-\d{3}-\d{3} \d{2}", None),
)  # fmt: skip

_NUMBER = r"(?:\s*(?:number|numbers|no|nr|num|id|code|identifier)\b\.?|\s*#|\s*№)*"
_JOINED = r"\s*(?:\bis\b|\bwas\b|=|:|\uff1a|-|#|\u662f|\u4e3a)?\s*"
_VALUE = r"(?P<it>(?=[A-Za-z/_-]{0,14}\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-/_.](?=[A-Za-z0-9])|(?<=\d) (?=\d)){3,26})"


def _labelled(name: str, kind: EntityType, labels: str, *, joined: str = _JOINED, value: str = _VALUE) -> Rule:
    """An identifier that the words before it name. It holds a digit and is five characters long at least."""
    pattern = rf"(?<!\w)(?:{labels}){_NUMBER}{joined}{value}(?!\w)"
    return Rule(name, kind, re.compile(pattern, re.IGNORECASE), score=0.9)


_FIRM = r"\s*(?:\bis\b|\bwas\b|=|:|\uff1a|#)\s*"
LABELLED: Final = (
    _labelled("labelled.passport", EntityType.PASSPORT, "passport|护照号?码?"),
    _labelled("labelled.licence", EntityType.LICENCE, r"(?:driver'?s?'?|driving|professional|medical|nursing|pilot'?s?)[ _]licen[cs]e|dl|licen[cs]e|lic|certificate|驾驶证号?码?|驾照号?码?"),
    _labelled("labelled.record", EntityType.RECORD, r"mrn|emrn|(?:medical|patient|hospital|health|chart)[ _](?:record|file|chart|history|plan|card)(?:[ _]beneficiary)?|medical_record_number|health_plan_beneficiary_number|patient[ _]id|hospital|chart|case[ _](?:no|number|id)|accession|specimen|病历号?码?|住院号|门诊号|就诊卡号?|医保卡?号?码?|社保卡?号?码?", joined=_FIRM),
    _labelled("labelled.record", EntityType.RECORD, r"mrn|病历号|住院号|门诊号", value=r"(?P<it>[A-Z0-9]*\d[A-Z0-9-]{4,20})"),
    _labelled("labelled.member", EntityType.RECORD, r"(?:member|subscriber|beneficiary|policy|insurance|enrol+ee|group)(?:[ _](?:id|number|no))?", joined=_FIRM),
    _labelled("labelled.account", EntityType.ACCOUNT, r"acct|a/c|(?:bank|checking|savings|current|customer|billing|patient)?[ _]?account|routing|sort[ _]code|bsb|iban|swift|bic|账号|账户|帐号|银行账号", joined=_FIRM),
    _labelled("labelled.account", EntityType.ACCOUNT, r"account|acct|账号|账户|帐号", value=r"(?P<it>(?:ACCT-)?\d[\d -]{4,22}\d)"),
    _labelled("labelled.card", EntityType.CARD, r"(?:credit|debit|bank|payment)[ _]card", value=r"(?P<it>\d[\d -]{10,22}\d)", joined=_FIRM),
    _labelled("labelled.national", EntityType.NATIONAL_ID, r"ssn|social[ _]security(?:[ _]number)?|nhs|aadhaa?r|abha|pan|cpf|nino|national[ _](?:id|insurance)|tax[ _](?:id|file)|personal[ _](?:id|code)|identity[ _](?:card|number)|resident[ _]id|身份证号?码?|居民身份证号?码?|公民身份号码", joined=_FIRM),
    _labelled("labelled.vehicle", EntityType.VEHICLE, r"(?:licen[cs]e|number|registration)[ _]plate|plate|registration|vin|vehicle(?:[ _]identif\w+)?|车牌号?码?|车架号", joined=_FIRM),
    _labelled("labelled.device", EntityType.DEVICE, r"(?:device|equipment)(?:[ _](?:serial|identif\w+))?|serial|imei|imsi|udi|设备号|序列号", joined=_FIRM),
    _labelled("labelled.biometric", EntityType.RECORD, r"biometric(?:[ _]identif\w+)?|fingerprint|(?:full[ _])?face[ _]photo|photo|unique[ _]identifier|学号|工号|会员号", joined=_FIRM, value=r"(?P<it>[A-Za-z0-9][A-Za-z0-9_-]*\d[A-Za-z0-9_-]{0,24})"),
    _labelled("labelled.secret", EntityType.SECRET, r"password|passwd|passcode|pin|pass phrase|api[ _-]?key|access[ _]token|secret(?:[ _]key)?|密码|口令", joined=r"\s*(?:\bis\b|=|:|\uff1a|\u662f|\u4e3a)\s*", value=r"(?P<it>(?=[^\s;,。，]*\d)[^\s;,。，]{4,80})"),
)  # fmt: skip

OTHERS: Final = (
    Rule("card", EntityType.CARD, re.compile(r"(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w]|-\d|\.\d)"), _card),
    Rule("card.near", EntityType.CARD, re.compile(r"(?<![\w.])\d(?:[ -]?\d){11,18}(?![\w]|\.\d)"), _card_near, _CARD),
    Rule("iban", EntityType.ACCOUNT, re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![A-Za-z0-9])", re.IGNORECASE), checks.mod97),
    Rule("us.routing", EntityType.ACCOUNT, re.compile(r"(?<![\w-])\d{9}(?![\w-])"), checks.weighted((3, 7, 1) * 3, 10), words("routing", "aba", "rtn")),
    Rule("swift", EntityType.ACCOUNT, re.compile(r"(?<!\w)[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?!\w)"), None, words("swift", "bic")),
    Rule("gb.account", EntityType.ACCOUNT, re.compile(r"(?<![\w-])\d{2}-\d{2}-\d{2}(?![\w-])"), None, words("sort code", "account")),
    Rule("bitcoin", EntityType.ACCOUNT, re.compile(r"(?<!\w)(?:bc1[a-z0-9]{25,59}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)"), None, words("bitcoin", "btc", "wallet")),
    Rule("ethereum", EntityType.ACCOUNT, re.compile(r"(?<!\w)0x[0-9a-fA-F]{40}(?!\w)")),
    Rule("passport.form", EntityType.PASSPORT, re.compile(r"(?<!\w)(?:[A-Z]{1,2}\d{6,8}|[EGDS][A-Z]?\d{7,8}|\d{9})(?!\w)"), None, words("passport", "护照")),
    Rule("vin", EntityType.VEHICLE, re.compile(r"(?<!\w)(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{17}(?!\w)"), checks.vehicle_number),
    Rule("plate", EntityType.VEHICLE, re.compile(r"(?<!\w)(?:[A-Z]{1,3}[ -]?\d{2,4}[ -]?[A-Z]{0,3}|\d{1,4}[ -]?[A-Z]{2,3}[ -]?\d{0,4})(?!\w)"), None, words("licen[cs]e plates?", "number plates?", "registration (?:number|plate)", "plate (?:number|no\\.?)", "car registration", "kennzeichen", "matrícula")),
    Rule("cn.plate", EntityType.VEHICLE, re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•. ]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"), score=0.95),
    Rule("imei", EntityType.DEVICE, re.compile(r"(?<![\w-])\d{2}[ -]?\d{6}[ -]?\d{6}[ -]?\d(?![\w-])"), checks.luhn, words("imei", "device", "handset", "手机串号")),
    Rule("uuid", EntityType.DEVICE, re.compile(r"(?<![\w=/-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])", re.IGNORECASE), score=0.6),
    Rule("secret.key", EntityType.SECRET, re.compile(r"(?<!\w)(?:sk|pk|rk|ghp|gho|xox[abp]|llm)[-_](?:live|test|proj)?[-_]?[A-Za-z0-9_-]{8,}(?!\w)"), score=0.95),
    Rule("secret.aws", EntityType.SECRET, re.compile(r"(?<!\w)(?:AKIA|ASIA)[A-Z0-9]{16}(?!\w)"), score=0.95),
    Rule("secret.token", EntityType.SECRET, re.compile(r"(?<![\w.])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"), score=0.95),
)  # fmt: skip

RULES: Final = (*NATIONAL, *LABELLED, *OTHERS)
