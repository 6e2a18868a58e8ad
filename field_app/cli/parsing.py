"""argparse with Chinese headings and messages."""

import argparse
import re
from typing import NoReturn

_MESSAGES = (
    (r"the following arguments are required: (.*)", r"缺少参数 \1"),
    (r"argument (.*): expected one argument", r"\1 后面要有一个值"),
    (r"argument (.*): expected at least one argument", r"\1 后面要有值"),
    (r"argument (.*): invalid choice: (\S+).*choose from (.*)\)", r"\1 不能是 \2，可选 \3"),
    (r"argument (.*): invalid \S+ value: (.*)", r"\1 的值 \2 格式不对"),
    (r"argument (.*): not allowed with argument (.*)", r"\1 不能与 \2 同用"),
    (r"unrecognized arguments: (.*)", r"不认识的参数 \1"),
    (r"ambiguous option: (.*)", r"选项不明确 \1"),
)


_USAGE = "用法："


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help with the word 用法 before the usage line."""

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def] # noqa: D102
        super().add_usage(usage, actions, groups, _USAGE if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser whose help and errors are Chinese; errors end with exit code 2.

    Options of a command may stand before, between and behind its arguments.
    """

    def __init__(self, **kwargs: object) -> None:
        super().__init__(formatter_class=Formatter, add_help=False, allow_abbrev=False, **kwargs)  # type: ignore[arg-type]
        self.mixed = False
        self.arguments = self.add_argument_group("参数")
        self.options = self.add_argument_group("选项")
        self.options.add_argument("-h", "--help", action="help", help="显示这份说明")

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def] # noqa: D102
        if not self.mixed:
            return super().parse_known_args(args, namespace)
        self.mixed = False  # the mixed way parses twice in the plain one
        # Left to itself it cuts the English word off the usage line, and half of the program's name with it.
        self.usage = self.format_usage().removeprefix(_USAGE).rstrip().replace("%", "%%")
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.mixed, self.usage = True, None

    def error(self, message: str) -> NoReturn:
        """Say in Chinese what is wrong with the arguments and end with exit code 2."""
        for pattern, chinese in _MESSAGES:
            if re.fullmatch(pattern, message):
                message = re.sub(pattern, chinese, message)
                break
        self.exit(2, f"用法错误：{message}\n说明见 {self.prog} --help\n")
