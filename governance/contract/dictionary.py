"""The data dictionary (数据字典) as Markdown, made from the kinds and the code lists.

``python -m governance.contract.dictionary`` prints it; ``--check FILE`` compares it with a file.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from governance.contract.codes import CodeList, read_code_lists
from governance.contract.fields import Field, Owner, Sensitivity, Type
from governance.contract.kind import Kind
from governance.contract.kinds import KINDS

CODES_FOLDER = Path(__file__).parents[2] / "fixtures" / "codes"
"""Where the code lists lie in the repository."""

_TYPES = {
    Type.TEXT: ("文字", "字符串，不含控制字符；长度500及以上的可以换行"),
    Type.CODE: ("代码", "字符串，代码表中未停用的代码"),
    Type.CODES: ("代码（多选）", "代码的数组"),
    Type.DATE: ("日期", "`YYYY-MM-DD`，亚洲/上海的日期，不早于1850年"),
    Type.MOMENT: ("时间", "`YYYY-MM-DDTHH:MM:SSZ`；可带其他时区提交，存为 UTC、整秒"),
    Type.INTEGER: ("整数", "JSON 数字，在所列范围内"),
    Type.NUMBER: ("数字", "JSON 数字，在所列范围内"),
    Type.FLAG: ("是/否", "`true` 或 `false`"),
    Type.REF: ("引用", "所指记录的 UUID，带连字符"),
    Type.CITIZEN: (
        "公民身份号码",
        "18位，GB 11643-1999 校验码；历史行政区划前缀有效；空格、全角、小写 x 自动规整",
    ),
    Type.CREDIT: ("统一社会信用代码", "18位，GB 32100-2015 校验码"),
    Type.PHONE: ("电话号码", "5至20位数字，可以 + 开头；空格和连字符自动去掉"),
    Type.AREA: ("行政区划代码", "6位数字，GB/T 2260"),
    Type.GRID: ("网格编码", "15位数字：社区（村）12位统计用区划代码＋3位顺序号"),
    Type.LON: ("经度", "JSON 数字，度，保留7位小数"),
    Type.LAT: ("纬度", "JSON 数字，度，保留7位小数"),
    Type.FILES: ("照片、文件", "文件编号（UUID）的数组，先后有序；文件本身另行上传"),
}
_SENSITIVITIES = {
    Sensitivity.PUBLIC: "一般",
    Sensitivity.PERSONAL: "个人信息",
    Sensitivity.SENSITIVE: "敏感个人信息",
}
_INTRODUCTION = """\
# 数据字典 Data dictionary

本文件由 `governance/contract` 生成（`python -m governance.contract.dictionary`），数据项只在契约中定义。

* 类型 type：括号内是类型名，传输形式见下表；后面是数值范围和单位。坐标存储为 EPSG:4490。
* 长度 length：字符数上限。
* 敏感级别 sensitivity：一般 public；个人信息 personal，列表中脱敏；
  敏感个人信息 sensitive，逐项说明用途后查看。
* 数源 owner：该项以谁的值为准；其他来源的不同值成为差异，不覆盖。数源为平台（hub）的项只由平台填写。
* 必填 required：✔ 表示新建时必填、不得清空；“推导”表示由所列的项推出，不再询问。
* 开关 switched：✔ 表示本市依法启用后才可采集，且不进入列表。
"""


def render(kinds: Iterable[Kind], lists: dict[str, CodeList]) -> str:
    """Give the whole dictionary as Markdown.

    Parameters
    ----------
    kinds : iterable of Kind
    lists : dict
        Code lists by id, as :func:`read_code_lists` gives them.
    """
    kinds = tuple(kinds)
    lines = [
        _INTRODUCTION,
        "## 类型 Types",
        "",
        *_types(),
        "",
        "## 数据种类 Record kinds",
        "",
        *_overview(kinds),
    ]
    for kind in kinds:
        lines += ["", *_kind(kind, lists)]
    lines += ["", "## 代码表 Code lists", "", *_code_lists(kinds, lists)]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the dictionary, or compare it with a file.

    Returns
    -------
    int
        0; 1 if the file to check is missing or differs.
    """
    parser = argparse.ArgumentParser(
        prog="python -m governance.contract.dictionary", description="生成数据字典"
    )
    parser.add_argument("--check", metavar="FILE", type=Path, help="与文件比较；不同则退出码为1")
    parser.add_argument("--codes", metavar="DIR", type=Path, default=CODES_FOLDER, help="代码表所在目录")
    options = parser.parse_args(arguments)
    text = render(KINDS.values(), read_code_lists(options.codes))
    if options.check is None:
        sys.stdout.write(text)
        return 0
    if options.check.is_file() and options.check.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{options.check} 与契约不一致，请重新生成\n")
    return 1


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _types() -> Iterator[str]:
    return _table(
        ("类型 type", "名称", "JSON 形式"), ((f"`{one}`", name, form) for one, (name, form) in _TYPES.items())
    )


def _overview(kinds: Iterable[Kind]) -> Iterator[str]:
    titles = ("种类 kind", "名称", "要素", "所在网格由 anchor", "权限 right", "平板可新建", "数据项")
    rows = (
        (
            f"`{kind.name}`",
            kind.label,
            kind.element,
            f"`{kind.anchor}`" if kind.anchor else "自身定位",
            f"`{kind.right}`" if kind.right else "",
            "是" if kind.writable else "否",
            str(len(kind.fields)),
        )
        for kind in kinds
    )
    return _table(titles, rows)


def _kind(kind: Kind, lists: dict[str, CodeList]) -> Iterator[str]:
    yield f"### {kind.label} {kind.name}"
    yield ""
    if kind.standard:
        yield f"依据：{kind.standard}"
        yield ""
    titles = (
        "名称 name",
        "数据项 label",
        "类型 type",
        "长度",
        "代码表",
        "标准",
        "敏感级别",
        "数源",
        "必填",
        "开关",
    )
    owners = lists["source"].items
    yield from _table(titles, (_field(item, owners[item.owner].label) for item in kind.fields))


def _field(item: Field, owner: str) -> tuple[str, ...]:
    kind = f"{_TYPES[item.type][0]} ({item.type})"
    if item.target:
        kind = f"引用 ({item.type} → `{item.target}`)"
    return (
        f"`{item.name}`",
        item.label,
        kind + _bounds(item),
        str(item.length or ""),
        f"`{item.codes}`" if item.codes else "",
        item.standard,
        _SENSITIVITIES[item.sensitivity],
        owner if item.owner is not Owner.HUB else f"{owner}（hub）",
        _presence(item),
        "✔" if item.switched else "",
    )


def _bounds(item: Field) -> str:
    unit = f" {item.unit}" if item.unit else ""
    if item.minimum is None and item.maximum is None:
        return unit
    low = 0.0 if item.minimum is None else item.minimum
    return f" {low:.16g}–{'' if item.maximum is None else format(item.maximum, '.16g')}{unit}"


def _presence(item: Field) -> str:
    if item.derived_from:
        return f"推导 ← `{item.derived_from}`"
    return "✔" if item.required else ""


def _code_lists(kinds: Iterable[Kind], lists: dict[str, CodeList]) -> Iterator[str]:
    yield "代码见 `fixtures/codes/codes.csv`，管理员可在平台上增补、停用。“待确认”的表由本市核对后确认。"
    yield ""
    used: dict[str, list[str]] = {}
    for kind in kinds:
        for item in kind.fields:
            if item.codes:
                used.setdefault(item.codes, []).append(f"`{kind.name}.{item.name}`")
    titles = ("代码表 id", "名称", "来源", "代码数", "停用", "状态", "使用处")
    rows = (
        (
            f"`{one.id}`",
            one.label,
            one.standard or "本平台",
            str(len(one.items)),
            str(sum(item.retired for item in one.items.values()) or ""),
            "已确认" if one.confirmed else "待确认",
            "、".join(_shortened(used.get(one.id, []))),
        )
        for one in lists.values()
    )
    yield from _table(titles, rows)


def _shortened(places: list[str]) -> list[str]:
    return places if len(places) <= 4 else [*places[:3], f"等{len(places)}处"]


if __name__ == "__main__":
    sys.exit(main())
