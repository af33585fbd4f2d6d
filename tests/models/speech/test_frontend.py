"""The text front end: what is said, where it came from, what is refused."""

from __future__ import annotations

import pytest

from genstudio.errors import TextError

pytest.importorskip("gruut")

from genstudio.models.speech.frontend import read
from genstudio.models.speech.frontend.inventory import CLASS_OF, SYMBOLS
from genstudio.models.speech.frontend.normalize import tokenize


def said(text: str, language: str = "en") -> str:
    return " ".join(w for t in tokenize(text, language) for w in t.words).lower()


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It costs $3.50.", "it costs three dollars fifty"),
        ("$2 million", "two million dollars"),
        ("€3.5m in Jan. 2021", "three point five million euros in january twenty twenty one"),
        ("$5 more on Sept. 3", "five dollars more on september three"),
        ("at 10:30 pm", "at ten thirty pee em"),
        ("6pm, in the '90s", "six pee em in the nineties"),
        ("1990-2000, COVID-19", "nineteen ninety to two thousand see oh vee eye dee nineteen"),
        ("call (555) 123-4567", "call five five five one two three four five six seven"),
        ("1/2 or ½ at -3°C", "one half or one half at minus three degrees celsius"),
        ("in 1999", "in nineteen ninety nine"),
        ("the 1990s", "the nineteen nineties"),
        ("2021-01-05", "january fifth twenty twenty one"),
        ("1,234.5 or -3", "one thousand two hundred and thirty four point five or minus three"),
        ("20% off", "twenty percent off"),
        ("the 3rd", "the third"),
        ("Dr. Smith vs. Mrs. Jones", "doctor smith versus missis jones"),
        ("www.foo.com", "double you double you double you dot foo dot com"),
        ("a@b.org", "a at b dot org"),
        ("the FBI", "the ef bee eye"),
        ("yes 😀 no", "yes no"),
        ("¥100, $0.99 and 5¢", "one hundred yen ninety nine cents and five cents"),
        ("2×3 at 100 km/h, 24/7", "two times three at one hundred kilometers per hour twenty four seven"),
        (
            "call 555-0199, 900-1100 people",
            "call five five five zero one nine nine nine hundred to eleven hundred people",
        ),
        ("5 x 3 m² or 2km³", "five times three square meters or two cubic kilometers"),
        ("he is 5'10\"", "he is five foot ten"),
        ("+44 20 7946 0958", "four four two zero seven nine four six zero nine five eight"),
        ("978-3-16", "nine seven eight three one six"),
        ("No. 5 of the U.S.A.", "number five of the you ess ay"),
        ("12 Main St. We met at Mount St. Helens", "twelve main street we met at mount saint helens"),
        ("Henry VIII, Chapter IV, an IV", "henry the eighth chapter four an eye vee"),
        ("café", "cafe"),
    ],
)
def test_english_words(text: str, spoken: str) -> None:
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("um 12:30 Uhr", "um zwölf uhr dreißig"),
        ("3,5 Mio. Leute", "drei komma fünf millionen leute"),
        ("20 €", "zwanzig euro"),
        ("€2 Mrd. am 5. Dez. 2020", "zwei milliarden euro am fünfter dezember zweitausendzwanzig"),
        ("z.B. heute", "zum beispiel heute"),
        ("Ludwig XIV. kam", "ludwig der vierzehnte kam"),
        ("4 x 5 km²", "vier mal fünf quadratkilometer"),
        ("5.1.2021", "fünfter januar zweitausendeinundzwanzig"),
    ],
)
def test_german_words(text: str, spoken: str) -> None:
    assert said(text, "de") == spoken


def test_an_initial_ends_no_sentence() -> None:
    assert len(read("J. K. Rowling met George W. Bush. We saw.", "en")) == 2


def test_spans_point_into_the_text() -> None:
    text = "He paid $3.50, didn't he?"
    (sentence,) = read(text, "en")
    assert [text[w.start : w.end] for w in sentence.words] == ["He", "paid", "$3.50", "didn't", "he"]
    assert sentence.kind == 1
    for word in sentence.words:
        assert word.last > word.first
        assert all(CLASS_OF[i] for i in sentence.ids[word.first : word.last])


def test_every_sentence_is_framed_by_pauses() -> None:
    for sentence in read("One. Two, three! Four?", "en"):
        assert sentence.symbols[0] == "_" and sentence.symbols[-1] == "."
        assert len(sentence.ids) == len(sentence.stress) == len(sentence.place) == len(sentence.word)


def test_homographs_are_told_apart() -> None:
    (past,) = read("I read it yesterday.", "en")
    assert "ɛ" in past.symbols or "i" in past.symbols


def test_german_diphthongs_are_one_phone() -> None:
    (sentence,) = read("weiter heute Haus", "de")
    assert {"aɪ", "ɔʏ", "aʊ"} <= set(sentence.symbols)


def test_word_of_no_dictionary_is_spoken() -> None:
    (sentence,) = read("The snorgalump flibbed.", "en")
    assert len(sentence.words) == 3


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "...", "привет", "日本語", "مرحبا"])
def test_refused_in_one_line(text: str) -> None:
    with pytest.raises(TextError) as error:
        read(text, "en")
    assert "\n" not in str(error.value)


def test_long_text_is_split() -> None:
    sentences = read("word " * 300, "en")
    assert len(sentences) > 5
    assert max(len(s.words) for s in sentences) <= 40


def test_symbols_are_unique() -> None:
    assert len(set(SYMBOLS)) == len(SYMBOLS)


def test_any_thread_may_read_the_lexicons():
    from concurrent.futures import ThreadPoolExecutor

    from genstudio.models.speech.frontend.phonemes import phonemize

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(lambda word: phonemize([word], "en"), ("thread", "needle", "cotton")))
    assert all(phones for (phones,) in said)
