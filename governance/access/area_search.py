"""Choosing an area or a grid by its name (区划、网格查找): what forms offer instead of codes to be typed."""

from typing import Any

from django.forms import Widget
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.widgets import INPUT_CLASSES

from gridmap.naming import area_names


class AreaSearch(Widget):
    """A search by name or code, of divisions and grids; its value is what all codes within begin with."""

    only = ""
    hint = "输入区划或网格名称、编码查找"

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Draw the search with what is chosen in words."""
        code = str(value or "")
        context = {
            "name": name,
            "choices": f"{reverse('admin:areas')}{self.only}",
            "hint": self.hint,
            "text": area_names({code} - {""}).get(code, code),
            "field": {"value": code},
            "css": " ".join(INPUT_CLASSES),
        }
        return render_to_string("console/search.html", context)


class GridSearch(AreaSearch):
    """A search of grids alone."""

    only = "?only=grid"
    hint = "输入网格、社区名称或编码查找"
