"""The report card of one take: what was reached, what was kept, what is wrong, each figure beside what it should be."""

from __future__ import annotations

from .card import ReportCard, Row
from .files import report_card
from .page import page

__all__ = ["ReportCard", "Row", "page", "report_card"]
