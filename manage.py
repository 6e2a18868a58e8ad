#!/usr/bin/env python
"""Run the hub's commands: ``python manage.py help``."""

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

INTERRUPTED = 128 + signal.SIGINT

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.stderr.write("已中断 · interrupted\n")
        sys.exit(INTERRUPTED)
    except ImproperlyConfigured as error:
        sys.exit(f"配置有误：{error}")
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"数据库不能用，请检查是否已启动、DATABASE_URL 是否正确、是否已执行 migrate：{error}")
