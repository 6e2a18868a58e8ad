"""Django's admin with the console's own site."""

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    """管理台站点."""

    default_site = "governance.console.site.ConsoleSite"
