"""Word and character error rates as measures."""

from __future__ import annotations

from genstudio.signals import transcripts

from .base import INF, measure

wer = measure(0, INF, "lower")(transcripts.wer)
cer = measure(0, INF, "lower")(transcripts.cer)
