"""Which commands there are, and their arguments."""

import argparse
import os
from pathlib import Path

from field_app.cli.casework import ACTIONS
from field_app.cli.parsing import Parser

DESCRIPTION = """社区e通：网格员的移动端。不带命令时打开界面；带命令时以 JSON 输入输出，
结果写到标准输出（一个 JSON 文档，或每行一个），给人看的话写到标准错误。

退出码：0 完成；1 输入被拒绝，或没有做成（原因写到标准错误，本机数据不受影响）；2 用法错误。
环境变量：FIELD_APP_PIN、FIELD_APP_PASSWORD（代替 --pin、--password），FIELD_APP_DATA（代替 --data），
FIELD_APP_SECRET_DIR（设备密钥所在目录），FIELD_APP_CA（平台证书的颁发者文件），
FIELD_APP_EXCHANGE（界面上交换数据包的目录）。"""

_EXAMPLES = """例：
  save household '{"room": "<房屋id>", "kind": "1"}'
  save person --id <id> '{"phone": "10002345678"}'
  save person @people.jsonl        每行一条；行内带 "id" 的修改或以该编号新建
  ... | save person -"""

_TASK_EXAMPLES = """例：
  task attempt <id> --note "邻居说晚上在家"
  task done <id> --set person.phone=13800002222 --material 02 --photo 证件.jpg --signature 签名.png
  task hand-on <id> --note "转便民服务站办理"
  task return <id> --outcome moved --note "去年已搬走"
"""


def parser_make() -> Parser:
    """Make the whole parser."""
    parser = Parser(prog="python -m field_app", description=DESCRIPTION)
    _shared(parser.options, top=True)
    commands = parser.add_subparsers(
        dest="command", metavar="命令", title="命令", help="用“命令 --help”看各自的说明", parser_class=Parser
    )
    for add in (_session, _records, _photos, _tasks, _cases, _changes, _carrying):
        add(commands)
    return parser


def data_default() -> Path:
    """Give the data folder when none is named."""
    named = os.environ.get("FIELD_APP_DATA")
    return Path(named) if named else Path.home() / ".local" / "share" / "community-e-link"


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _add(commands: "argparse._SubParsersAction[Parser]", name: str, help: str, epilog: str = "") -> Parser:
    parser = commands.add_parser(name, help=help, description=help, epilog=epilog)
    _shared(parser.options)
    parser.mixed = True
    return parser


def _shared(options: "argparse._ArgumentGroup", *, top: bool = False) -> None:
    """Take the global options before and after the command alike."""
    absent = None if top else argparse.SUPPRESS
    options.add_argument("--data", type=Path, metavar="目录", default=absent, help="数据目录")
    options.add_argument(
        "--pin", metavar="PIN", default=absent, help="PIN，6位以上数字；最好用 FIELD_APP_PIN"
    )


def _session(commands: "argparse._SubParsersAction[Parser]") -> None:
    enrol = _add(commands, "enrol", "联网登记本机；停用后重新登记也用它，未送出的记录不受影响")
    enrol.options.add_argument(
        "--hub", required=True, metavar="地址", help="平台地址，如 http://127.0.0.1:8000"
    )
    enrol.options.add_argument("--username", required=True, metavar="用户名", help="平台用户名")
    enrol.options.add_argument("--password", metavar="密码", help="平台密码；最好用 FIELD_APP_PASSWORD")
    enrol.options.add_argument("--device", required=True, metavar="名称", help="本机名称，供人辨认")
    enrol.options.add_argument("--erase", action="store_true", help="先清空本机，未送出的记录也不保留")
    _add(commands, "status", "本机、网格员、网格、未送出和被退回的条数、上次同步")
    sync = _add(
        commands,
        "sync",
        "同步：先送出，再取回；有记录被退回时退出码仍为 0，它们列在 refused 中；连不上平台时为 1",
    )
    sync.options.add_argument("--quiet", action="store_true", help="不显示进度")
    listen = _add(commands, "listen", "守候平台的唤醒，一有变化就同步；每件事一行 JSON")
    listen.options.add_argument("--once", action="store_true", help="被唤醒并同步一次后结束")
    listen.options.add_argument("--seconds", type=float, metavar="秒", help="最多守候多久；默认不限")
    listen.options.add_argument(
        "--every", type=float, default=600.0, metavar="秒", help="没有唤醒时每隔多久同步一次，默认600"
    )
    pin = _add(commands, "pin", "更换 PIN；旧的由 --pin 或 FIELD_APP_PIN 给出")
    pin.options.add_argument("--new", metavar="PIN", help="新 PIN；最好用 FIELD_APP_NEW_PIN")


def _records(commands: "argparse._SubParsersAction[Parser]") -> None:
    listing = _add(commands, "list", "列出一种记录，每行一条；个人信息已脱敏")
    listing.arguments.add_argument("kind", metavar="种类", help="如 person、household、building")
    listing.options.add_argument("--household", metavar="ID", help="只列这一户的")
    listing.options.add_argument(
        "--under", metavar="ID", help="只列挂在这条记录下的（楼栋的房屋、房屋的户等）"
    )
    listing.options.add_argument(
        "--where", action="append", default=[], metavar="项=值", help="只列某项等于某值的；可多次"
    )
    listing.options.add_argument("--closed", action="store_true", help="已注销的也列出")
    listing.options.add_argument("--full", action="store_true", help="不脱敏")
    show = _add(commands, "show", "显示一条记录的全部内容和同步状态")
    show.arguments.add_argument("id", metavar="ID", help="记录编号")
    find = _add(commands, "find", "按姓名、拼音首字母、号码后四位或地址查找，每行一条")
    find.arguments.add_argument("text", metavar="文字", help="如 王小明、wxm、5678、3栋502")
    find.options.add_argument("--kind", action="append", default=[], metavar="种类", help="只找这种；可多次")
    find.options.add_argument(
        "--limit", type=_at_least_one, default=50, metavar="条数", help="最多几条，默认50"
    )
    save = _add(commands, "save", "新增或修改记录；JSON 从参数、@文件 或标准输入（-）读入", _EXAMPLES)
    save.arguments.add_argument("kind", metavar="种类", help="如 person、household、event")
    save.arguments.add_argument("json", nargs="?", default="-", metavar="JSON", help="对象、@文件 或 -")
    save.options.add_argument("--id", metavar="ID", help="修改这条已有的记录")
    save.options.add_argument("--under", metavar="ID", help="建在这条记录下（代替 JSON 中的上级编号）")
    save.options.add_argument("--position", metavar="经度,纬度[,精度]", help="采集时所在位置，作为佐证")
    close = _add(commands, "close", "注销记录（迁出、死亡、拆除、关闭等）")
    close.arguments.add_argument("id", metavar="ID", help="记录编号")
    close.options.add_argument("--reason", required=True, metavar="代码", help="注销原因代码")
    close.options.add_argument("--on", metavar="日期", help="注销日期，如 2026-01-31；默认今天")
    delete = _add(commands, "delete", "撤销误建的记录")
    delete.arguments.add_argument("id", metavar="ID", help="记录编号")
    codes = _add(commands, "codes", "列出代码表；给出表名时列出其代码，每行一条")
    codes.arguments.add_argument("list", nargs="?", metavar="代码表", help="如 residence_kind")
    fields = _add(commands, "fields", "列出一种记录要填的项目，每行一条；不给种类时列出可采集的种类")
    fields.arguments.add_argument("kind", nargs="?", metavar="种类", help="如 person")


def _photos(commands: "argparse._SubParsersAction[Parser]") -> None:
    photo = _add(commands, "photo", "照片：add 给记录加一张，list 列出，get 取到文件；照片在同步时随后送出")
    photo.arguments.add_argument(
        "action", choices=("add", "list", "get"), metavar="add|list|get", help="做什么"
    )
    photo.arguments.add_argument(
        "file", nargs="?", type=Path, metavar="文件", help="add 的照片（JPEG、PNG、WebP、PDF）；get 写到哪里"
    )
    photo.options.add_argument("--record", metavar="ID", help="记录编号；list 时只列这条的")
    photo.options.add_argument("--field", default="photos", metavar="项", help="照片项，默认 photos")
    photo.options.add_argument("--photo", metavar="照片编号", help="get 取哪一张，见 list 或记录的照片项")


def _tasks(commands: "argparse._SubParsersAction[Parser]") -> None:
    tasks = _add(commands, "tasks", "列出任务，每行一条")
    tasks.options.add_argument(
        "--state",
        choices=("open", "done", "all"),
        default="open",
        help="open 未完成（默认）、done 已完成、all 全部",
    )
    task = _add(commands, "task", "任务：看要办什么、接受，或报告办得怎样", _TASK_EXAMPLES)
    task.arguments.add_argument(
        "action",
        choices=("show", "accept", "attempt", "done", "hand-on", "return"),
        metavar="show|accept|attempt|done|hand-on|return",
        help="看、接受、上门未办成、办结、转交、退回",
    )
    task.arguments.add_argument("id", metavar="任务ID", help="任务编号")
    task.options.add_argument("--outcome", metavar="代码", help="办理结果代码，见 codes task_outcome")
    task.options.add_argument("--note", default="", metavar="文字", help="办理说明")
    task.options.add_argument(
        "--set", action="append", default=[], metavar="种类.项=值", help="补登要求的一项；可多次"
    )
    task.options.add_argument(
        "--material",
        action="append",
        default=[],
        metavar="代码",
        help="已收材料，见 codes case_material；可多次",
    )
    task.options.add_argument(
        "--photo", action="append", default=[], type=Path, metavar="文件", help="办理照片；可多次"
    )
    task.options.add_argument(
        "--signature", action="append", default=[], type=Path, metavar="文件", help="居民签名的图片"
    )
    task.options.add_argument("--at", metavar="经度,纬度", help="所在位置，作为佐证")
    route = _add(commands, "route", "今天要走的门：一行一户，按路程、楼层和缓急排好")
    route.options.add_argument("--at", metavar="经度,纬度", help="从哪里出发；默认从最急的一户开始")


def _cases(commands: "argparse._SubParsersAction[Parser]") -> None:
    services = _add(commands, "services", "列出可以代办的事项及其材料，每行一项")
    services.options.add_argument("--item", metavar="事项", help="只列能办这种任务事项的")
    cases = _add(commands, "cases", "列出代办件，轮到本人的在前，每行一件")
    cases.options.add_argument("--ended", action="store_true", help="列出已办结的")
    cases.options.add_argument("--person", metavar="ID", help="只列这个人的")
    case = _add(
        commands,
        "case",
        "代办：start 提出，show 详情，paper 登记材料，sign 委托签名，hand-in 提交站点，"
        "deliver 送达结果，tell 告知不予办理，withdraw 居民撤回，receipt 回执",
    )
    case.arguments.add_argument("action", choices=ACTIONS, metavar="做什么", help="|".join(ACTIONS))
    case.arguments.add_argument("id", nargs="?", metavar="代办件ID", help="见 cases；start 不用")
    case.options.add_argument("--service", metavar="代码", help="start 的事项，见 services")
    case.options.add_argument("--person", metavar="ID", help="start 的办理对象")
    case.options.add_argument("--task", metavar="任务ID", help="start 时由哪项任务而来")
    case.options.add_argument("--material", metavar="代码", help="paper 的材料，见 codes case_material")
    case.options.add_argument("--number", metavar="号码", help="paper 的证件号码；身份证号已登记的不必再填")
    case.options.add_argument("--valid-to", metavar="日期", help="paper 的有效期")
    case.options.add_argument(
        "--file", type=Path, metavar="文件", help="paper 的照片；sign、deliver 的签名图片"
    )
    case.options.add_argument("--by", metavar="姓名", help="sign 的委托人、deliver 的签收人")
    case.options.add_argument("--relation", metavar="代码", help="sign 的委托人身份，见 codes relation")
    case.options.add_argument("--note", default="", metavar="文字", help="说明")


def _changes(commands: "argparse._SubParsersAction[Parser]") -> None:
    outbox = _add(commands, "outbox", "列出还没有了结的修改及其状态，每行一条")
    outbox.options.add_argument("--all", action="store_true", help="最近已到平台的也列出")
    retry = _add(commands, "retry", "把被退回的修改原样重送（换新的修改编号）")
    retry.arguments.add_argument("change", metavar="修改编号", help="见 outbox")
    dismiss = _add(commands, "dismiss", "放下被退回或有争议的修改；平台仍留有底档")
    dismiss.arguments.add_argument("change", metavar="修改编号", help="见 outbox")


def _carrying(commands: "argparse._SubParsersAction[Parser]") -> None:
    export = _add(commands, "export", "没有网络时：把未送出的修改写成加密的数据包，可由U盘或另一台平板带走")
    export.arguments.add_argument("out", type=Path, metavar="文件", help="要写的文件，或已有的目录")
    hand_in = _add(commands, "hand-in", "代交数据包（本机或别人的），回执写在它旁边；需要网络")
    hand_in.arguments.add_argument("files", nargs="+", type=Path, metavar="文件", help="export 写出的文件")
    receipt = _add(commands, "receipt", "读入带回来的回执，了结数据包里的修改")
    receipt.arguments.add_argument("files", nargs="+", type=Path, metavar="文件", help="hand-in 写出的回执")
