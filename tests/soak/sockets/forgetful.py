"""A known-wrong hub: it does not look whether it has answered a change before."""

from unittest.mock import patch

from governance.config.web import application

patch("governance.records.services.apply.answers", lambda _: {}).start()

__all__ = ["application"]
