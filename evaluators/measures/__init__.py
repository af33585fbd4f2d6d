"""Measures: pure functions with declared range and direction, each tested against an independent implementation.

    from genstudio.evaluators.measures import uar, ccc, bootstrap
    uar(["joy", "fear"], ["joy", "joy"])  # 0.5

`MEASURES` lists them by name; `measure.low`, `.high` and `.better` say how to read a number.
"""

from __future__ import annotations

from .agreement import krippendorff_alpha
from .base import MEASURES, Measure
from .classification import (
    accuracy,
    calibration_error,
    chance,
    confusion,
    macro_f1,
    majority,
    recalls,
    rogan_gladen,
    uar,
    weighted_f1,
)
from .distributions import diversity, frechet_distance, jensen_shannon, kullback_leibler
from .intervals import Interval, bootstrap, paired_difference, shuffled_labels
from .regression import ccc, control_linearity, pearson, rmse, sagr
from .table import Table, requested_vs_achieved
from .transcripts import cer, wer

__all__ = [
    "MEASURES",
    "Interval",
    "Measure",
    "Table",
    "accuracy",
    "bootstrap",
    "calibration_error",
    "ccc",
    "cer",
    "chance",
    "confusion",
    "control_linearity",
    "diversity",
    "frechet_distance",
    "jensen_shannon",
    "krippendorff_alpha",
    "kullback_leibler",
    "macro_f1",
    "majority",
    "paired_difference",
    "pearson",
    "recalls",
    "requested_vs_achieved",
    "rmse",
    "rogan_gladen",
    "sagr",
    "shuffled_labels",
    "uar",
    "weighted_f1",
    "wer",
]
