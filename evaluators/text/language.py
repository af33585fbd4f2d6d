"""Which language a text looks to be in, by its commonest words: enough to warn that English alone is read."""

from __future__ import annotations

import re

# The commonest words of each that are rarely English too: facts of any frequency list.
_COMMON = {
    "German": (
        "aber als alle am auch auf aus bei bin bist dann das dass dein dem den der dich die dir doch du durch "
        "ein eine einem einen einer er es für habe haben hat hatte ich ihm ihn ihr im immer ins ist ja jetzt "
        "kann kein keine mein meine mich mir mit nach nicht noch nur oder schon sehr sein seine sich sie sind "
        "so über um und uns vom von vor wie wieder wir wird wo war waren wurde zu zum zur zwei"
    ),
    "French": (
        "au aux avec ce cette dans de des du elle elles en est et être il ils je la le les leur lui ma mais "
        "moi mon ne nous où par pas plus pour que qui sa se ses si son suis sur très tu un une vous"
    ),
    "Spanish": (
        "al como con de del el ella en es esta este esto está estoy ha hay la las le lo los me mi mis muy más "
        "no nos para pero por porque que se ser sin sobre su sus también te tu un una yo"
    ),
    "Italian": (
        "al alla anche che chi ci con da dei del della di e ho il io in la le lei lo lui ma mi mia mio molto "
        "ne nel nella non per perché più questa questo se sei si sono su ti tu un una è"
    ),
    "Dutch": (
        "aan als bij dan dat de deze die dit een en er had heb hebben heeft het hij ik in is je kan maar me "
        "met mijn naar niet nog of om ook op te tot uit van veel voor was wat we wel wij zijn zo"
    ),
    "Portuguese": (
        "ao aos as com como da das de do dos e ela ele em essa esse esta este está eu foi mais mas me meu "
        "minha muito na nas no nos não o os ou para pela por que se sem seu sua também tem um uma você"
    ),
}
_ENGLISH = (
    "a about all am an and are as at be because been but by can could did do don't down for from get go had has "
    "have he her him his how i i'm if in into is it it's its just know like me more my never no not now of on one "
    "or our out over she so some such than that the their them then there they this to too up us was we were what "
    "when where which who why will with would you your"
)
_SETS = {
    name: frozenset(w for w in words.split() if len(w) > 1 or name == "English")  # single letters are spelt, too
    for name, words in {**_COMMON, "English": _ENGLISH}.items()
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LEAST = 2  # different common words that a language is known by
_READ = 2000  # characters looked at


def foreign(text: str) -> str | None:
    """The language of a text that is not English, or None: English, too short to tell, or none of those known.

    >>> foreign("Ich bin so wütend auf dich"), foreign("I am so angry at you"), foreign("bittersweet relief")
    ('German', None, None)
    """
    words = {w.lower().replace("’", "'") for w in _WORD.findall(text[:_READ])}
    counts = {name: len(words & known) for name, known in _SETS.items()}
    best = max(_COMMON, key=lambda name: counts[name])
    return best if counts[best] >= _LEAST and counts[best] > counts["English"] else None
