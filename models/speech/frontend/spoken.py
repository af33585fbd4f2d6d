"""What abbreviations, symbols, letters and units are called, by language."""

from __future__ import annotations

ABBREVIATIONS = {
    "en": {
        "mr.": "mister", "mrs.": "missis", "ms.": "miss", "dr.": "doctor", "prof.": "professor", "st.": "saint",
        "vs.": "versus", "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "approx.": "approximately",
        "no.": "number", "jr.": "junior", "sr.": "senior", "a.m.": "ay em", "p.m.": "pee em", "u.s.": "you ess",
        "km": "kilometers", "kg": "kilograms", "cm": "centimeters", "mm": "millimeters", "mph": "miles per hour",
        "km/h": "kilometers per hour", "wwi": "world war one", "wwii": "world war two", "w/o": "without",
    },
    "de": {
        "z.b.": "zum Beispiel", "z. b.": "zum Beispiel", "d.h.": "das heißt", "d. h.": "das heißt", "usw.": "und so weiter",
        "dr.": "Doktor", "prof.": "Professor", "hr.": "Herr", "fr.": "Frau", "nr.": "Nummer", "str.": "Straße",
        "mio.": "Millionen", "mrd.": "Milliarden", "ca.": "circa", "bzw.": "beziehungsweise", "u.a.": "unter anderem",
        "st.": "Sankt", "km": "Kilometer", "kg": "Kilogramm", "cm": "Zentimeter", "mm": "Millimeter",
        "km/h": "Kilometer pro Stunde",
    },
}  # fmt: skip
SYMBOLS = {
    "en": {"&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "hash", "/": "slash", "°": "degrees",
           "€": "euros", "$": "dollars", "£": "pounds", "_": "underscore", "<": "less than", ">": "greater than",
           "¥": "yen", "¢": "cents", "×": "times", "÷": "divided by", "±": "plus or minus", "≈": "about", "²": "squared",
           "³": "cubed", "π": "pi"},
    "de": {"&": "und", "+": "plus", "=": "gleich", "@": "ät", "%": "Prozent", "#": "Raute", "/": "Schrägstrich",
           "°": "Grad", "€": "Euro", "$": "Dollar", "£": "Pfund", "_": "Unterstrich", "<": "kleiner als",
           ">": "größer als", "¥": "Yen", "¢": "Cent", "×": "mal", "÷": "geteilt durch", "±": "plus minus", "≈": "ungefähr",
           "²": "hoch zwei", "³": "hoch drei", "π": "Pi"},
}  # fmt: skip
FRACTIONS = {
    "en": {"1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter", "3/4": "three quarters",
           "1/5": "one fifth", "1/8": "one eighth", "24/7": "twenty four seven"},
    "de": {"1/2": "ein halb", "1/3": "ein Drittel", "2/3": "zwei Drittel", "1/4": "ein Viertel", "3/4": "drei Viertel",
           "1/5": "ein Fünftel", "1/8": "ein Achtel", "24/7": "vierundzwanzig sieben"},
}  # fmt: skip
LETTERS = {
    "en": {
        "a": "ay", "b": "bee", "c": "see", "d": "dee", "e": "ee", "f": "ef", "g": "jee", "h": "aitch", "i": "eye", "j": "jay",
        "k": "kay", "l": "ell", "m": "em", "n": "en", "o": "oh", "p": "pee", "q": "cue", "r": "are", "s": "ess", "t": "tea",
        "u": "you", "v": "vee", "w": "double-you", "x": "ex", "y": "why", "z": "zee",
    },
    "de": {
        "a": "ah", "b": "beh", "c": "zeh", "d": "deh", "e": "eh", "f": "eff", "g": "geh", "h": "hah", "i": "ih", "j": "jott",
        "k": "kah", "l": "ell", "m": "emm", "n": "enn", "o": "oh", "p": "peh", "q": "kuh", "r": "err", "s": "ess", "t": "teh",
        "u": "uh", "v": "vau", "w": "weh", "x": "iks", "y": "üpsilon", "z": "zett", "ä": "äh", "ö": "öh", "ü": "üh",
        "ß": "eszett",
    },
}  # fmt: skip

#: After these, a Roman numeral is a number.
COUNTED = frozenset({
    "act", "book", "chapter", "class", "part", "phase", "scene", "section", "type", "volume", "war", "band", "kapitel",
    "klasse", "teil",
})  # fmt: skip
#: After these, a Roman numeral is an ordinal.
RULERS = frozenset({
    "alexander", "benedict", "catherine", "charles", "edward", "elizabeth", "frederick", "george", "gregory", "henry", "james",
    "john", "leo", "louis", "napoleon", "nicholas", "paul", "peter", "philip", "pius", "richard", "william", "friedrich",
    "heinrich", "johannes", "karl", "ludwig", "otto", "wilhelm",
})  # fmt: skip

#: What is multiplied: '5 x 3'.
TIMES = {"en": "times", "de": "mal"}
#: Metres to the power of two and three, and prefixes: 'km²'.
SIZES = {
    "en": {"²": "square {}meters", "³": "cubic {}meters", "k": "kilo", "c": "centi", "m": "milli", "": ""},
    "de": {"²": "Quadrat{}meter", "³": "Kubik{}meter", "k": "kilo", "c": "zenti", "m": "milli", "": ""},
}
