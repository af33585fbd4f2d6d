"""Agreement between people who rate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError

from .base import measure


@measure(-1, 1)
def krippendorff_alpha(ratings: NDArray[Any], level: str = "nominal") -> float:
    """Krippendorff's alpha (2011). ratings: numbers [raters, units], NaN where a rater was silent.

    level: 'nominal', 'ordinal' or 'interval'.
    """
    x = np.asarray(ratings, np.float64)
    if x.ndim != 2 or level not in ("nominal", "ordinal", "interval"):
        raise InputError(
            f"ratings [raters, units] and level nominal, ordinal or interval are needed; got {x.shape}, '{level}'"
        )
    units = [column[~np.isnan(column)] for column in x.T]
    units = [u for u in units if len(u) > 1]
    if not units:
        raise InputError("no unit was rated by two people")
    values = np.unique(np.concatenate(units))
    together = np.zeros((len(values), len(values)))
    for unit in units:
        count = np.array([(unit == v).sum() for v in values], np.float64)
        together += (np.outer(count, count) - np.diag(count)) / (len(unit) - 1)
    margin = together.sum(0)
    if level == "nominal":
        apart = 1.0 - np.eye(len(values))
    elif level == "interval":
        apart = (values[:, None] - values) ** 2
    else:
        run = np.cumsum(margin)
        between = np.abs(run[:, None] - run) - np.where(run[:, None] > run, 1, -1) * (margin[:, None] - margin) / 2
        apart = between**2
        np.fill_diagonal(apart, 0)
    expected = float((np.outer(margin, margin) * apart).sum()) / (margin.sum() - 1)
    return 1.0 - float((together * apart).sum()) / expected if expected > 0 else 1.0
