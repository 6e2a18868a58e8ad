"""Synthetic population (合成人口): seeded, plainly invented people, houses, things and firms.

No Django here but in ``load``; :func:`street` makes records in the contract's JSON forms.
"""

from governance.console.population.fill import grid_fill, street
from governance.console.population.site import ORDER, Batch, Site

__all__ = ["ORDER", "Batch", "Site", "grid_fill", "street"]
