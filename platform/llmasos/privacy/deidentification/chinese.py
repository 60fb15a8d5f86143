"""Chinese: names by family name and the words around, addresses by their administrative suffixes."""

from __future__ import annotations

import re
from typing import Final

from llmasos.privacy.deidentification.patterns import Rule
from llmasos.privacy.deidentification.types import EntityType

_TWO = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|长孙|宇文|轩辕|南宫|司空|澹台|东郭"
_ONE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖葛詹蓝岳"
    "裴尤樊施倪娄柯梅童颜霍翟洪俞章鲁牛柳邢殷安齐聂管岑费虞卞凌盛屈温祝骆甘车辛包司艾阮游焦巩房褚祁左路臧窦项景"
)
_SURNAME = rf"(?:{_TWO}|[{_ONE}])"
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_HAN = r"[\u4e00-\u9fff]"
# What follows a name: punctuation, a title, a verb of speaking or being, or the end.
_BEHIND = (
    r"(?=$|[^\u4e00-\u9fff]|先生|女士|小姐|同学|老师|医生|大夫|护士|教授|主任|主管|经理|律师|法官|同志|师傅|阿姨|叔叔|奶奶|爷爷|"
    r"的|是|在|于|说|称|表示|认为|提出|来自|住|因|患|出生|电话|手机|联系|男|女|今年|和|与|及|已|将|从|对|向|有|将于|，|。|、)"
)
_SMALL = r"(?:姓名|名字|患者姓名|病人姓名|患者|病人|客户|用户|学生|家属|联系人|收件人|收货人|寄件人|申请人|监护人|负责人|户主|持卡人|投保人|签名|主治医师|主治医生|医师|医生|护士|老师|我叫|我是|他叫|她叫|名叫|叫做|本人)"


def _chinese(name: str, kind: EntityType, pattern: str, score: float) -> Rule:
    return Rule(name, kind, re.compile(pattern), score=score)


RULES: Final = (
    _chinese("cn.name.said", EntityType.PERSON, rf"{_SMALL}\s*[:：为是叫]?\s*(?P<it>{_SURNAME}{_GIVEN}(?:·{_GIVEN})?){_BEHIND}", 0.95),
    _chinese("cn.name.label", EntityType.PERSON, rf"(?:姓名|联系人|收件人|收货人|持卡人|监护人)\s*[:：为是]\s*(?P<it>{_HAN}{{2,4}}(?:·{_HAN}{{1,8}})?)", 0.9),
    _chinese("cn.name.title", EntityType.PERSON, rf"(?<!{_HAN})(?P<it>{_SURNAME}{_GIVEN})(?=先生|女士|小姐|同学|老师|医生|大夫|护士|教授|主任|经理|律师|师傅|阿姨|同志)", 0.9),
    _chinese("cn.name.family", EntityType.PERSON, rf"(?:(?<={_HAN})|(?<!{_HAN}))(?P<it>{_SURNAME})(?=先生|女士|小姐|同学|老师|医生|大夫|教授|阿姨|师傅)", 0.8),
    _chinese("cn.name.alone", EntityType.PERSON, rf"(?:(?<=^)|(?<=[\s，。、；：:（(“\"]))(?P<it>{_SURNAME}{_GIVEN})(?=[，,\s]{{0,2}}(?:男|女|\d{{1,3}}岁|出生于|身份证|手机|电话|住址|家住|住在|来自))", 0.9),
    _chinese("cn.name.verb", EntityType.PERSON, rf"(?:(?<=^)|(?<=[\s，。、；：:（(“\"]))(?P<it>{_SURNAME}{_GIVEN})(?=说|表示|认为|称|告诉|出生于|毕业于|就读于|任职于|住在|来自|购买|下单|报名|就诊|入院|出院)", 0.7),
    _chinese("cn.address", EntityType.ADDRESS, r"(?:[\u4e00-\u9fff]{2,7}?(?:省|自治区|特别行政区))?(?:[\u4e00-\u9fff]{2,7}?(?:市|自治州|地区|盟))?(?:[\u4e00-\u9fff]{1,7}?(?:区|县|旗))?(?:[\u4e00-\u9fff]{1,8}?(?:镇|乡|街道))?[\u4e00-\u9fff\d]{1,10}?(?:路|街|大道|巷|弄|胡同|里|村|道|苑|小区|花园|社区|广场)[\u4e00-\u9fffA-Za-z]{0,8}?[\dA-Za-z一二三四五六七八九十百-]+(?:号|弄|栋|幢|座|单元|室|楼|层|户|组|房)(?:[\dA-Za-z一二三四五六七八九十-]*(?:号|弄|栋|幢|座|单元|室|楼|层|户|组|房|院))*", 0.9),
    _chinese("cn.address.said", EntityType.ADDRESS, r"(?:住址|地址|家住|住在|现住|户籍|籍贯|寄到|送到)\s*[:：为是在]?\s*(?P<it>[\u4e00-\u9fff\dA-Za-z·\-（）()]*?(?:省|市|区|县|镇|乡|村|路|街|号|室|栋|小区)[\dA-Za-z\u4e00-\u9fff\-]*?)(?=[，。；,;\s]|$)", 0.85),
    _chinese("cn.place", EntityType.LOCATION, r"(?:(?<=来自)|(?<=住在)|(?<=出生于)|(?<=前往)|(?<=回到)|(?<=搬到))(?P<it>[\u4e00-\u9fff]{2,6}?(?:省|市|区|县|镇|村|州))", 0.75),
    _chinese("cn.organisation", EntityType.ORGANISATION, r"(?:(?<=就职于)|(?<=任职于)|(?<=就读于)|(?<=毕业于)|(?<=工作单位：)|(?<=工作单位:)|(?<=公司：))(?P<it>[\u4e00-\u9fffA-Za-z0-9（）()]{2,24}?(?:公司|集团|银行|医院|大学|学院|中学|小学|研究所|中心|局|厂|店|部))", 0.8),
    _chinese("cn.postcode", EntityType.POSTCODE, r"(?:邮编|邮政编码)\s*[:：为是]?\s*(?P<it>\d{6})(?!\d)", 0.95),
)  # fmt: skip
