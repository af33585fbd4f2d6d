"""Emotion reached: asked beside read."""

from __future__ import annotations

from genstudio.protocols import Reading

from .card import Row

_NEAR = 0.25  # distance in VAD (0..1) that is still near


def rows(reading: Reading) -> list[Row]:
    """The emotion read, the strength of the one asked for, and the distance, of one modality."""
    who = {"face": "face", "speech": "voice", "image": "picture", "text": "text"}[reading.modality]
    beside = f"by {reading.recogniser} ({reading.ceiling})"
    target = reading.target
    out: list[Row] = []
    if reading.top is not None:
        read = f"{reading.top} {reading.categories[reading.top]:.2f}"
        if target is None:
            return [Row(f"{who}: emotion", read, "", beside, "told")]
        wanted = target.ekman()
        asked = max(wanted, key=lambda k: wanted[k])
        knows = asked in reading.categories
        verdict = ("good" if reading.top == asked else "look") if knows else "told"
        note = f"asked {asked} {wanted[asked]:.2f}" + ("" if knows else f", which {reading.recogniser} cannot tell")
        out.append(Row(f"{who}: emotion", read, "", f"{note}; {beside}", verdict))
        if knows:
            strength = reading.categories[asked]
            out.append(
                Row(
                    f"{who}: strength",
                    round(strength, 3),
                    f"P({asked})",
                    f"asked intensity {target.intensity:.2f}",
                    "told",
                )
            )
    else:
        read = ", ".join(
            f"{n} {x:+.2f}" for n, x in zip("VA", (reading.valence, reading.arousal), strict=True) if x is not None
        )
        note = f"asked V {target.valence:+.2f}, A {target.arousal:+.2f}; {beside}" if target else beside
        out.append(Row(f"{who}: emotion", read, "", note, "told"))
    distance = reading.distance
    if distance is not None:
        verdict = "good" if distance <= _NEAR else "look"
        out.append(Row(f"{who}: distance", round(distance, 3), "in VAD", f"0 to 1; near up to {_NEAR}", verdict))
    return out
