"""The console's look (外观): names, colours, navigation; read by the settings, so nothing of Django here."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

_PRIMARY = {
    "50": "#eff6ff",
    "100": "#dbeafe",
    "200": "#bfdbfe",
    "300": "#93c5fd",
    "400": "#60a5fa",
    "500": "#2f7de1",
    "600": "#1b62bf",
    "700": "#17509c",
    "800": "#17457f",
    "900": "#173b69",
    "950": "#0f2647",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "社区e通 · 网格治理平台",
    "SITE_HEADER": "社区e通",
    "SITE_SUBHEADER": "网格治理平台",
    "SITE_SYMBOL": "grid_view",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "THEME": "light",
    "COLORS": {"primary": _PRIMARY},
    "BORDER_RADIUS": "6px",
    "LOGIN": {"form": "governance.console.signing.SignIn"},
    "STYLES": ["governance.console.assets.style"],
    "SCRIPTS": ["governance.console.assets.script", "governance.console.assets.signed_in"],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "governance.console.assets.icon"},
    ],
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": "governance.console.navigation.navigation",
    },
}
"""Settings of django-unfold."""


def maplibre_folder() -> Path:
    """Find the folder of the package ``maplibre`` that holds MapLibre GL's script and style.

    Raises
    ------
    RuntimeError
        If the package is not installed.
    """
    found = find_spec("maplibre")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("缺少 Python 包 maplibre，地图页需要它")
    return Path(found.submodule_search_locations[0]) / "srcjs"
