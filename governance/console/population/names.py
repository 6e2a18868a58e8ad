"""Names that look natural on a screen and yet are plainly invented.

Every given name carries 示, 例 or 样 ("sample"), such as 王示明 or 李芳样; every telephone number
begins with 1000 and a digit that no operator's short number continues with.
"""

from random import Random

MARKS = "示例样"
"""One of these stands in every name of a person, an estate, a road or a firm."""

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易"
)
_COMMON = "王李张刘陈杨黄周胡向谭田覃郑"
_MALE = "明军强伟波涛勇刚斌杰鹏辉峰亮平建林华松海宁宇恒健康庆安文武成德光国正义新春东山川"
_FEMALE = "芳丽敏静娟艳霞玲梅红兰英慧燕萍琴云洁雪琼月秀珍莲凤彩香玉琳蓉倩瑶婷怡欣悦佳宁安文"
_PLACE = "安和康乐福祥瑞丰泰宁春华明德清秀景云江岸峡桃橘松竹荷桂梧枫星辰晨曦锦绣"
_GIVEN = {
    sex: tuple(mark + one for mark in MARKS for one in syllables)
    + tuple(one + mark for mark in MARKS for one in syllables)
    for sex, syllables in (("1", _MALE), ("2", _FEMALE))
}
_PLACES = tuple(mark + one for mark in MARKS for one in _PLACE)


def surname(random: Random) -> str:
    """Draw a surname; those frequent around Yichang come more often."""
    if random.random() < 0.4:
        return _COMMON[int(random.random() * len(_COMMON))]
    return _SURNAMES[int(random.random() * len(_SURNAMES))]


def given(random: Random, sex: str) -> str:
    """Draw a two-character given name for a sex code of GB/T 2261.1."""
    names = _GIVEN[sex]
    return names[int(random.random() * len(names))]


def place_names(random: Random, count: int) -> list[str]:
    """Draw ``count`` different two-character names for roads, estates or firms (at most 90)."""
    return random.sample(_PLACES, count)


def phone(random: Random) -> str:
    """Draw an eleven-digit number that cannot be dialled, such as 10004123456.

    10000 and 10001 are operators' short numbers and therefore left out.
    """
    return f"1000{2 + int(random.random() * 8)}{int(random.random() * 1_000_000):06d}"
