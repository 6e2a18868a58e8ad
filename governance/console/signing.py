"""Signing in to the console (登录管理台)."""

from unfold.forms import AuthenticationForm


class SignIn(AuthenticationForm):
    """Says to whoever is at the wrong door where his own is; not whether the password was right."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": (
            "用户名或密码不对，或者这个账号不进管理台：网格员请用平板，志愿者请打开本站的 /help/。"
            "用户名和密码都区分大小写。"
        ),
    }
