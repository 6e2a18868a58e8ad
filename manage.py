#!/usr/bin/env python
"""Run the hub's commands: ``python manage.py help``."""

import os
import signal
import sys

from django.core.management import execute_from_command_line

INTERRUPTED = 128 + signal.SIGINT

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings")
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.stderr.write("已中断 · interrupted\n")
        sys.exit(INTERRUPTED)
