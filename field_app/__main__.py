"""``python -m field_app``: the tablet's command line, and without a command its screens."""

import sys

from field_app.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
