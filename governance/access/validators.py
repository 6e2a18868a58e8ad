"""What a password must look like (密码规则)."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

SHORTEST = 10
CLASSES = 3

RULE = f"密码至少{SHORTEST}位，大写字母、小写字母、数字、其他符号中至少有{CLASSES}种，且不得包含用户名"


class StrongPassword:
    """At least ten characters of three of the four classes, no control characters, not the user name."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Check a password.

        Raises
        ------
        ValidationError
            With every broken rule in Chinese.
        """
        problems = []
        if not password.isprintable():
            problems.append(ValidationError("密码不得含有控制字符", "control"))
        if len(password) < SHORTEST:
            problems.append(ValidationError(f"密码至少{SHORTEST}位，现有{len(password)}位", "short"))
        if classes(password) < CLASSES:
            problems.append(
                ValidationError(f"密码须含大写字母、小写字母、数字、其他符号中的至少{CLASSES}种", "classes")
            )
        name = user.get_username().lower() if user else ""
        if name and name in password.lower():
            problems.append(ValidationError("密码不得包含用户名", "username"))
        if problems:
            raise ValidationError(problems)

    def get_help_text(self) -> str:
        """Give the rule for people."""
        return RULE


def classes(password: str) -> int:
    """Count the classes of characters (upper case, lower case, digit, other) in a password."""
    tests = (str.isupper, str.islower, str.isdigit)
    found = {next((n for n, test in enumerate(tests) if test(char)), len(tests)) for char in password}
    return len(found)
