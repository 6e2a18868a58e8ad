"""Django's admin with the console's own site."""

from django.contrib.admin.apps import SimpleAdminConfig


class ConsoleAdminConfig(SimpleAdminConfig):
    """管理台站点.

    The pages are looked for where routes are made, in ``governance.config.urls``: a command, the task worker
    and the open lines show none, and without them start in half the time with half the memory.
    """

    default_site = "governance.console.site.ConsoleSite"
