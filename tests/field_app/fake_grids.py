"""Grids as the hub in memory tells of them."""

Json = dict[str, object]


def grid_id(code: str) -> str:
    """Give the id of a grid's own record."""
    return f"00000000-0000-5000-8000-{int(code[-12:]):012d}"


def grid_values(code: str, shift: int) -> Json:
    """Give a square of 0.01° with its code; the second lies east of the first."""
    west, south = 111.28 + shift * 0.01, 30.69
    east, north = west + 0.01, south + 0.01
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "code": code,
        "name": f"第{code[-3:]}网格",
        "kind": "urban",
        "households": 300,
        "label": [west + 0.005, south + 0.005],
        "polygon": {"type": "Polygon", "coordinates": [ring]},
    }
