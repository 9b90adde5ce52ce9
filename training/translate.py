"""Rule-based English -> Indonesian translation of photo captions.

Used only while training, to give photos that come with an English caption an
Indonesian one.  The words and phrases come from ``lexicon_en_id.tsv``; the
rules here put them in Indonesian order:

* longest phrase first, every inflected form of a lexicon entry is known;
* a left-to-right tagger decides between the readings of a word ("play" the
  noun or the verb);
* noun phrases are turned round ("a red wooden door" -> "sebuah pintu kayu
  merah"), get their classifier (seorang, seekor, sebuah) or possessor (-nya);
* verbs become plain, progressive ("sedang"), passive or relative ("yang ...");
* where Indonesian offers several renderings a seeded random one is taken, so
  that different seeds paraphrase.

Columns of the lexicon:

``en``     word or phrase in its base form
``id``     Indonesian renderings separated by ``|``, the most usual first
``pos``    det poss num quant noun wear adj color verb vt prep adv conj rel
           pron be there aux to  (``wear`` is a noun for something worn,
           ``vt`` the rendering of a verb that an object follows)
``extra``  of a noun its classifier (``-`` for none), of a verb its passive
``forms``  irregular forms: the plural, or past forms and an odd -ing or -s form
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

LEXICON_PATH = Path(__file__).with_name("lexicon_en_id.tsv")

TOKEN = re.compile(
    r"'s(?![A-Za-z])|n't(?![A-Za-z])|[^\W\d_]+(?:[-'.&][^\W\d_]+)*|\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th|s)?|[^\w\s]"
)
NOUNS = frozenset({"noun", "wear", "name", "unknown"})
ADJECTIVES = frozenset({"adj", "color"})
DETERMINERS = frozenset({"det", "poss", "num", "quant"})
NOMINAL = NOUNS | ADJECTIVES | DETERMINERS
LIVING = frozenset({"seorang", "seekor"})
PLAIN_NOUN_PHRASE_STARTS = NOMINAL | {"pron"}
SUFFIXED = frozenset({"nya", "mu", "ku"})
NEW_CLAUSE = frozenset(
    {"while", "whilst", "as", "but", "when", "because", "if", "whenever", "although", "so that"}
)
SAME_SUBJECT = frozenset({"while", "whilst", "sambil"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a word or phrase."""

    pos: str
    form: str
    renderings: tuple[str, ...]
    extra: str
    base: str


@dataclass(slots=True)
class Unit:
    """A matched stretch of the sentence and the reading chosen for it."""

    text: str
    words: int
    readings: tuple[Reading, ...]
    known: bool
    pos: str = ""
    reading: Reading | None = None

    @property
    def form(self) -> str:
        return self.reading.form if self.reading else ""

    @property
    def base(self) -> str:
        return self.reading.base if self.reading else self.text.lower()

    def can_be(self, *positions: str) -> bool:
        return any(reading.pos in positions for reading in self.readings)

    def take(self, *positions: str) -> None:
        """Settle on the first reading that has one of the parts of speech, in their order."""
        for position in positions:
            for reading in self.readings:
                if reading.pos == position:
                    self.pos, self.reading = position, reading
                    return
        self.reading = self.readings[0]
        self.pos = self.reading.pos


@dataclass(slots=True)
class NounPhrase:
    """A noun phrase taken apart."""

    determiner: str = ""
    possessor: str = ""
    quantity: Unit | None = None
    modifiers: list[str] = field(default_factory=list)
    colored: bool = False
    nouns: list[Unit] = field(default_factory=list)

    @property
    def head(self) -> Unit | None:
        return self.nouns[-1] if self.nouns else None

    @property
    def classifier(self) -> str:
        head = self.head
        return head.reading.extra if head and head.reading else ""

    @property
    def worn(self) -> bool:
        return self.head is not None and self.head.pos == "wear"


# ---------------------------------------------------------------- lexicon


def plural(word: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", word):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + "s"


def verb_forms(word: str, irregular: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (written form, kind) of a verb, kind being base, s, ing or ed."""
    yield word, "base"
    for written in irregular:
        yield (
            written,
            "ing"
            if written.endswith("ing")
            else "s"
            if written.endswith("es") or written == "has"
            else "ed",
        )
    yield plural(word), "s"
    stems = [word]
    if re.search(r"[^e]e$", word):
        stems = [word[:-1]]
    elif re.search(r"(^|[^aeiou])[aeiouy][bdgklmnprt]$", word) or re.search(
        r"(qui|wra|tra|ska)[ptd]$", word
    ):
        stems.append(word + word[-1])
    for stem in stems:
        yield stem + "ing", "ing"
        if not irregular or all(form.endswith(("ing", "es")) for form in irregular):
            yield re.sub(r"([^aeiou])y$", r"\1i", stem) + "ed", "ed"


@lru_cache(maxsize=1)
def rows_of_lexicon() -> list[dict[str, str]]:
    with LEXICON_PATH.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@lru_cache(maxsize=1)
def transitive() -> dict[str, tuple[str, ...]]:
    """Verb -> its renderings when an object follows."""
    return {
        row["en"]: tuple(row["id"].split("|")) for row in rows_of_lexicon() if row["pos"] == "vt"
    }


@lru_cache(maxsize=1)
def lexicon() -> tuple[dict[tuple[str, ...], tuple[Reading, ...]], int]:
    """Read the lexicon once: every written form -> its readings, and the longest phrase's length."""
    rows = [row for row in rows_of_lexicon() if row["pos"] != "vt"]
    irregular = {
        row["en"]: [form for form in row["forms"].split(",") if form]
        for row in rows
        if row["pos"] == "verb"
    }
    table: dict[tuple[str, ...], list[Reading]] = {}

    def add(written: str, row: dict[str, str], form: str) -> None:
        readings = table.setdefault(tuple(written.split()), [])
        if all((reading.pos, reading.base) != (row["pos"], row["en"]) for reading in readings):
            renderings = tuple(row["id"].split("|"))
            readings.append(Reading(row["pos"], form, renderings, row["extra"], row["en"]))

    for row in rows:
        written, pos = row["en"], row["pos"]
        if pos in ("noun", "wear"):
            add(written, row, "sg")
            stem, _, last = written.rpartition(" ")
            for form in (
                row["forms"].split(",") if row["forms"] else [f"{stem} {plural(last)}".strip()]
            ):
                add(form, row, "pl")
        elif pos == "verb":
            first, _, rest = written.partition(" ")
            if rest.endswith("ing") and first + " " + rest in ("rock climbing",):
                add(written, row, "ing")
                continue
            if first not in irregular or (not rest and re.search(r"[^e]ed$", first)):
                add(written, row, "state")
                continue
            if not rest and first.endswith("ing") and len(first) > 5:
                add(written, row, "ing")
                continue
            for form, kind in verb_forms(
                first, row["forms"].split(",") if row["forms"] else irregular[first]
            ):
                add(f"{form} {rest}".strip(), row, kind)
        else:
            add(written, row, "")
    return {words: tuple(readings) for words, readings in table.items()}, max(map(len, table))


# ---------------------------------------------------------------- matching


def tokenize(text: str) -> list[str]:
    text = text.replace("’", "'").replace("‘", "'")
    text = re.sub(r"\b([Tt]) - shirt", r"\1-shirt", text)
    text = re.sub(r"(?<=\w) ?'s(?![A-Za-z])", " 's", text)
    text = re.sub(r"(?<=s)'(?=\s)", "", text)
    return TOKEN.findall(text)


def match(tokens: Sequence[str]) -> list[Unit]:
    """Cut the tokens into lexicon entries, the longest first, and words the lexicon lacks."""
    table, longest = lexicon()
    lowered = [token.lower() for token in tokens]
    units: list[Unit] = []
    start = 0
    while start < len(tokens):
        found = longest_entry(table, longest, lowered, start)
        if found:
            words = found
            text = " ".join(tokens[start : start + words])
            units.append(Unit(text, words, table[tuple(lowered[start : start + words])], True))
            start += words
            continue
        token = tokens[start]
        if "-" in token and len(token) > 1 and token[0].isalpha():
            parts = [part for part in token.split("-") if part]
            tokens = [*tokens[:start], *parts, *tokens[start + 1 :]]
            lowered = [part.lower() for part in tokens]
            continue
        units.append(unlisted(token, start))
        start += 1
    return joined_names(units)


def longest_entry(
    table: dict[tuple[str, ...], tuple[Reading, ...]],
    longest: int,
    words: Sequence[str],
    start: int,
) -> int:
    """The length of the longest entry at start, 0 when there is none."""
    for length in range(min(longest, len(words) - start), 0, -1):
        readings = table.get(tuple(words[start : start + length]))
        if not readings:
            continue
        if length > 1 and readings[0].pos == "verb":
            # "sits in" must not break up "in front of".
            last = start + length - 1
            ahead = next(
                (
                    n
                    for n in range(min(longest, len(words) - last), 1, -1)
                    if tuple(words[last : last + n]) in table
                ),
                0,
            )
            if ahead and table[tuple(words[last : last + ahead])][0].pos in ("prep", "adv"):
                continue
        return length
    return 0


def unlisted(token: str, position: int) -> Unit:
    """A unit for a token that is not in the lexicon: number, name, punctuation or unknown word."""
    if token[0].isdigit():
        return Unit(token, 1, (Reading("num", "", (token,), "", token),), True)
    if token in ("'s", "n't") or not token[0].isalpha():
        return Unit(
            token,
            0,
            (Reading("possessive" if token == "'s" else "mark", "", (token,), "", token),),
            True,
        )
    lowered = token.lower()
    if token[0].isupper() and position:
        return Unit(token, 1, (Reading("name", "sg", (token,), "-", token),), True)
    if lowered.endswith("ly"):
        return Unit(token, 1, (Reading("adv", "", (token,), "", lowered),), False)
    readings = [
        Reading("unknown", "pl" if re.search(r"[^s]s$", lowered) else "sg", (token,), "", lowered)
    ]
    if lowered.endswith("ing") and len(lowered) > 5:
        readings.append(Reading("verb", "ing", (token,), "", lowered))
    elif lowered.endswith("ed"):
        readings.append(Reading("verb", "ed", (token,), "", lowered))
    return Unit(token, 1, tuple(readings), False)


def joined_names(units: Sequence[Unit]) -> list[Unit]:
    """Join neighbouring proper names so that they keep their order."""
    result: list[Unit] = []
    for unit in units:
        if result and unit.readings[0].pos == "name" == result[-1].readings[0].pos:
            text = f"{result[-1].text} {unit.text}"
            words = result[-1].words + 1
            result[-1] = Unit(text, words, (Reading("name", "sg", (text,), "-", text),), True)
        else:
            result.append(unit)
    return result


# ---------------------------------------------------------------- tagging


@dataclass(slots=True)
class Clause:
    """What the tagger remembers of the clause so far."""

    finite: str = ""
    plural: bool = False
    open_phrase: bool = False


def tag(units: Sequence[Unit]) -> None:
    """Choose a reading for every unit, from left to right."""
    clause = Clause()
    for index, unit in enumerate(units):
        before = units[index - 1] if index else None
        after = units[index + 1] if index + 1 < len(units) else None
        if len(unit.readings) == 1:
            unit.take(unit.readings[0].pos)
        else:
            choose(unit, before, after, clause)
        remember(unit, before, clause)


def remember(unit: Unit, before: Unit | None, clause: Clause) -> None:
    if unit.pos in NOUNS:
        joined = before is not None and before.base == "and"
        clause.open_phrase = False
        if not clause.finite:
            in_phrase = unit.form == "pl" or (before is not None and before.pos in ("num", "quant"))
            clause.plural = in_phrase or joined or unit.base in ("police", "crowd")
    elif unit.pos in DETERMINERS or unit.pos in ADJECTIVES:
        clause.open_phrase = True
    elif unit.pos == "verb":
        if clause.open_phrase and unit.form in ("ing", "ed", "state"):
            return
        if unit.form in ("s", "base") or (before is not None and before.pos == "be"):
            clause.finite = unit.form if unit.form in ("s", "base") else "ing"
        clause.open_phrase = False
    elif unit.pos == "rel" or unit.base in NEW_CLAUSE:
        clause.finite, clause.open_phrase = "", False
        if unit.pos != "rel":
            clause.plural = False
    elif unit.pos == "pron":
        clause.plural = unit.base in ("they", "we", "i", "you")
        clause.open_phrase = False
    elif unit.pos == "mark":
        clause.open_phrase = False
        if unit.text in ".;!?":
            clause.finite, clause.plural = "", False
    elif unit.pos == "be":
        clause.finite = "be"
        clause.open_phrase = False
    elif unit.base != "and":
        clause.open_phrase = False


def nominal(unit: Unit | None) -> bool:
    return unit is not None and unit.can_be(*NOMINAL) and not unit.can_be("be", "aux")


def choose(unit: Unit, before: Unit | None, after: Unit | None, clause: Clause) -> None:
    """Choose between several readings with the help of the neighbours."""
    noun_ahead = nominal(after)
    previous = before.pos if before else ""
    if unit.can_be("to"):
        infinitive = after is not None and any(
            r.pos == "verb" and r.form == "base" for r in after.readings
        )
        infinitive = infinitive or (after is not None and after.can_be("be"))
        return unit.take("to" if infinitive else "prep")
    if unit.can_be("rel"):
        if previous in NOUNS and after is not None and after.can_be("verb", "be", "aux", "pron"):
            return unit.take("rel")
        return unit.take("det" if noun_ahead else "pron", "rel")
    if unit.can_be("aux") and unit.can_be("noun", "adj"):
        return unit.take("noun" if clause.open_phrase or previous in ("prep", "verb") else "aux")
    if unit.can_be("conj"):
        return unit.take("conj")
    if unit.can_be("det", "poss", "num", "quant"):
        return unit.take(
            *(("det", "poss", "num", "quant") if noun_ahead else ("pron", "adv", "num", "quant"))
        )
    if unit.can_be("verb") and unit.can_be(
        "noun", "wear", "unknown", "adj", "color", "prep", "adv"
    ):
        if verb_here(unit, before, after, clause):
            return unit.take("verb")
        if unit.can_be("prep") and noun_ahead:
            return unit.take("prep")
    if unit.can_be("adj", "color") and unit.can_be("noun", "wear"):
        next_noun = after is not None and after.can_be("noun", "wear", "adj", "color", "unknown")
        next_noun = next_noun and not (
            after is not None and any(r.form == "s" for r in after.readings)
        )
        return unit.take(
            *(("adj", "color", "noun", "wear") if next_noun else ("noun", "wear", "color", "adj"))
        )
    if unit.can_be("noun") and unit.can_be("adv", "prep"):
        if clause.open_phrase or previous == "prep":
            return unit.take("noun")
        return unit.take(*(("prep", "adv") if noun_ahead else ("adv", "prep")))
    if unit.can_be("prep"):
        starts = after is not None and (
            after.can_be(*PLAIN_NOUN_PHRASE_STARTS)
            or (after.can_be("verb") and not unit.can_be("adv"))
        )
        if clause.open_phrase and unit.can_be("adj"):
            return unit.take("adj")
        return unit.take(*(("prep", "adv", "adj") if starts else ("adv", "adj", "prep")))
    if unit.can_be("adv") and unit.can_be("adj"):
        modifies = noun_ahead and (clause.open_phrase or previous in ("", "prep", "verb"))
        return unit.take(*(("adj", "adv") if modifies or previous == "be" else ("adv", "adj")))
    return unit.take("noun", "wear", "adj", "color", "adv", "verb")


def verb_here(unit: Unit, before: Unit | None, after: Unit | None, clause: Clause) -> bool:
    """Is a unit that may be a verb one in this place?"""
    form = next(reading.form for reading in unit.readings if reading.pos == "verb")
    previous = before.pos if before else ""
    noun_ahead = after is not None and after.can_be("noun", "wear")
    if previous in ("to", "aux", "rel"):
        return True
    if form in ("ing", "ed", "state"):
        if clause.open_phrase:
            return noun_ahead and not unit.can_be("adj", "color")
        if unit.can_be("adj", "color") and (previous in ("be", "prep") or noun_ahead):
            return False
        if previous == "prep":
            return after is not None and after.can_be("det", "poss", "prep")
        if previous == "verb" and form == "ing":
            return not unit.can_be("noun") or (
                after is not None and after.can_be("det", "poss", "prep")
            )
        return True
    if clause.open_phrase or previous == "prep":
        return False
    if previous == "pron":
        return True
    joined = before is not None and before.base in ("and", "or", ",")
    if form == "base":
        if joined:
            return clause.finite == "base" and (after is None or not after.can_be("verb"))
        if previous in NOUNS or previous == "adv":
            return clause.plural and not clause.finite
        return not before and after is not None and after.can_be("det", "poss")
    if joined:
        return clause.finite == "s" and (after is None or not after.can_be("verb"))
    return previous in NOUNS | {"adv", "verb"} and not clause.finite and previous != "verb"


# ---------------------------------------------------------------- generation


class Writer:
    """Writes the Indonesian sentence for tagged units."""

    def __init__(self, units: Sequence[Unit], rng: random.Random) -> None:
        self.units = units
        self.rng = rng
        self.output: list[str] = []
        self.index = 0
        self.finite = False
        self.last_living = False
        self.after_passive = False

    def write(self) -> str:
        while self.index < len(self.units):
            unit = self.units[self.index]
            if unit.pos in NOMINAL or (unit.pos == "verb" and self.prenominal(self.index)):
                self.noun_phrase_here()
            else:
                getattr(self, f"write_{unit.pos}", self.write_plain)(unit)
                self.index += 1
        return " ".join(piece for piece in self.output if piece)

    # helpers

    def pick(self, renderings: Sequence[str]) -> str:
        if len(renderings) == 1:
            return renderings[0]
        if self.rng.random() < 0.45:
            return renderings[0]
        return renderings[int(self.rng.random() * len(renderings))]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def peek(self, offset: int = 1) -> Unit | None:
        position = self.index + offset
        return self.units[position] if 0 <= position < len(self.units) else None

    def prenominal(self, index: int) -> bool:
        """Is the participle at index a modifier inside a noun phrase ("a running dog")?"""
        unit = self.units[index]
        if (
            unit.form not in ("ing", "ed", "state")
            or " " in unit.base
            or index + 1 >= len(self.units)
        ):
            return False
        before = self.units[index - 1] if index else None
        opened = before is not None and (before.pos in DETERMINERS or before.pos in ADJECTIVES)
        return opened and self.units[index + 1].pos in NOUNS | ADJECTIVES

    def finite_ahead(self) -> bool:
        """Does the clause still get a finite verb after this place?"""
        for unit in self.units[self.index + 1 :]:
            if unit.pos in ("rel",) or unit.base in NEW_CLAUSE or unit.text in (".", ";"):
                return False
            if unit.pos == "be" or (unit.pos == "verb" and unit.form in ("s", "base")):
                return True
            if unit.pos == "to":
                return False
        return False

    # noun phrases

    def collect(self) -> NounPhrase:
        """Take a noun phrase apart, from the current unit on."""
        phrase = NounPhrase()
        intensifier = ""
        while self.index < len(self.units):
            unit = self.units[self.index]
            pos = unit.pos
            if pos in DETERMINERS and (phrase.nouns or (phrase.modifiers and pos != "num")):
                break
            if pos == "det":
                phrase.determiner = (
                    unit.base
                    if not phrase.determiner or unit.base != "other"
                    else phrase.determiner + " other"
                )
            elif pos == "poss":
                phrase.possessor = self.pick(unit.reading.renderings)
            elif pos in ("num", "quant"):
                phrase.quantity = unit
            elif pos in ADJECTIVES:
                if phrase.nouns and not self.nominal_next():
                    break
                words = f"{intensifier} {self.adjective()}".strip()
                intensifier = ""
                phrase.modifiers.append(words)
                phrase.colored = pos == "color"
            elif pos == "verb" and self.prenominal(self.index):
                phrase.modifiers.append(self.participle(unit))
            elif pos in NOUNS:
                phrase.nouns.append(unit)
                following = self.peek()
                if following is not None and following.pos in NOUNS:
                    if (
                        unit.form == "pl"
                        and following.pos != "name"
                        and unit.base not in ("sports",)
                    ):
                        self.index += 1
                        break
                    if following.pos != "name":
                        phrase.modifiers.append(self.pick(unit.reading.renderings))
            elif (
                pos == "adv"
                and unit.base == "very"
                and (self.peek() is not None and self.peek().pos in ADJECTIVES)
            ):
                intensifier = self.pick(unit.reading.renderings)
            else:
                break
            self.index += 1
        return phrase

    def nominal_next(self) -> bool:
        following = self.peek()
        return following is not None and following.pos in NOUNS | ADJECTIVES

    def adjective(self) -> str:
        """The adjective here, with those joined to it by "and"; leaves the index on the last."""
        unit = self.units[self.index]
        words = self.pick(unit.reading.renderings)
        while True:
            joint, other = self.peek(1), self.peek(2)
            if (
                joint is None
                or other is None
                or joint.base not in ("and", ",")
                or other.pos not in ADJECTIVES
            ):
                return words
            if joint.base == "," and other.pos != unit.pos:
                return words
            colors = unit.pos == "color" == other.pos
            link = (
                ","
                if joint.base == ","
                else ""
                if colors and self.chance(0.3) and " " not in words
                else " dan"
            )
            words = f"{words}{link} {self.pick(other.reading.renderings)}"
            self.index += 2

    def participle(self, unit: Unit) -> str:
        reading = unit.reading
        if unit.form == "ing":
            head = self.peek()
            living = head is not None and head.reading is not None and head.reading.extra in LIVING
            words = self.pick(reading.renderings)
            return f"yang sedang {words}" if living else words
        if unit.form == "ed" and reading.extra:
            return f"yang {reading.extra}"
        return f"yang {self.pick(reading.renderings)}"

    def noun_phrase_here(self) -> None:
        start = self.index
        phrase = self.collect()
        if self.index == start:
            self.index += 1
            return
        text = self.render(phrase)
        following = self.units[self.index] if self.index < len(self.units) else None
        while following is not None and following.pos == "possessive":
            after = self.peek()
            if after is None or after.pos not in NOUNS | ADJECTIVES | {"num"}:
                break
            self.index += 1
            owner = re.sub(r"^(seorang|seekor|sebuah) ", "", text)
            phrase = self.collect()
            text = f"{self.render(phrase)} {owner}"
            following = self.units[self.index] if self.index < len(self.units) else None
        self.output.append(text)
        self.last_living = phrase.classifier in LIVING
        self.after_passive = False

    def render(self, phrase: NounPhrase) -> str:
        """Write a noun phrase in Indonesian order."""
        if phrase.head is None:
            return self.render_headless(phrase)
        head = phrase.head
        previous = self.output[-1] if self.output else ""
        subject = not previous
        many = head.form == "pl" or head.base == "people"
        noun = self.pick(head.reading.renderings)
        if head.pos == "name" and len(phrase.nouns) > 1:
            noun = f"{self.pick(phrase.nouns[-2].reading.renderings)} {noun}"
        classifier = head.reading.extra
        before = ""
        if phrase.quantity is not None:
            before = self.quantity(phrase.quantity, classifier)
        elif phrase.determiner in ("a", "another") and not phrase.possessor:
            before = self.article(phrase, classifier, subject)
        elif phrase.determiner == "each":
            before = "setiap"
        elif many and not phrase.quantity:
            noun = self.pluralize(noun, classifier)
        modifiers = list(reversed(phrase.modifiers))
        if (
            phrase.colored
            and phrase.modifiers
            and self.chance(0.25 if len(modifiers) == 1 else 0.5)
        ):
            color = modifiers.pop(0) if phrase.modifiers[-1] == modifiers[0] else ""
            if color and color.startswith(("ber", "warna")):
                modifiers.insert(0, color)
            elif color:
                modifiers.append(f"berwarna {color}")
        relative = [modifier for modifier in modifiers if modifier.startswith("yang ")]
        modifiers = [
            modifier for modifier in modifiers if not modifier.startswith("yang ")
        ] + relative
        text = " ".join(piece for piece in (before, noun, *modifiers) if piece)
        if phrase.possessor:
            text += phrase.possessor if phrase.possessor in SUFFIXED else f" {phrase.possessor}"
        if phrase.determiner in ("another", "other", "the other", "that other"):
            text += (
                " lain"
                if phrase.determiner != "the other"
                else self.pick((" lainnya", " yang lain"))
            )
        elif phrase.determiner in ("this", "these"):
            text += " ini"
        elif phrase.determiner in ("that", "those"):
            text += " itu"
        elif phrase.determiner == "the" and not phrase.possessor and head.pos != "name":
            if self.chance(0.5 if subject and classifier in LIVING else 0.06):
                text += " itu"
        return text

    def render_headless(self, phrase: NounPhrase) -> str:
        """Write adjectives or a number that stand without a noun."""
        pieces = list(phrase.modifiers)
        if phrase.quantity is not None:
            pieces.insert(0, self.pick(phrase.quantity.reading.renderings))
        if phrase.determiner in ("the", "a", "an") and pieces:
            pieces.insert(0, "yang")
        if phrase.determiner in ("another", "other"):
            pieces.append("yang lain")
        if phrase.possessor:
            pieces.append(phrase.possessor if phrase.possessor not in SUFFIXED else "dia")
        return " ".join(pieces)

    def article(self, phrase: NounPhrase, classifier: str, subject: bool) -> str:
        if classifier in ("-", ""):
            return ""
        if phrase.worn:
            return ""
        if classifier in LIVING:
            return classifier if self.chance(0.92) else ""
        return classifier if self.chance(0.85 if subject else 0.4) else ""

    def quantity(self, unit: Unit, classifier: str) -> str:
        number = self.pick(unit.reading.renderings)
        if unit.pos == "num" and classifier in LIVING and not unit.text[0].isdigit():
            if unit.base == "one":
                return classifier
            if self.chance(0.35 if classifier == "seekor" else 0.2):
                return f"{number} {classifier.removeprefix('se')}"
        return number

    def pluralize(self, noun: str, classifier: str) -> str:
        first, space, rest = noun.partition(" ")
        if noun == "orang":
            return "orang-orang"
        if noun.startswith("anak") and classifier == "seorang":
            return "anak-" + noun
        if "-" in first or not classifier or classifier == "-":
            return noun
        if classifier == "seorang":
            if self.chance(0.4):
                return f"para {noun}"
            return f"{first}-{first}{space}{rest}" if not rest and self.chance(0.2) else noun
        if (classifier == "seekor" and self.chance(0.5)) or (
            classifier == "sebuah" and self.chance(0.2)
        ):
            return f"{first}-{first}{space}{rest}" if first not in ("anak",) else f"anak-{noun}"
        return noun

    # other parts of speech

    def write_plain(self, unit: Unit) -> None:
        self.output.append(self.pick(unit.reading.renderings))

    def write_mark(self, unit: Unit) -> None:
        if unit.text in ".,;:!?" and self.output:
            self.output[-1] += unit.text
        elif unit.text not in "-–—":
            self.output.append(unit.text)
        if unit.text in ".;!?":
            self.finite = False

    def write_possessive(self, unit: Unit) -> None:
        """A "'s" that no noun follows is "is"; nothing is written for it."""

    def write_adv(self, unit: Unit) -> None:
        if unit.base == "very" or unit.text != unit.base or unit.known:
            self.output.append(self.pick(unit.reading.renderings))
        else:
            self.output.append(unit.text)

    def write_conj(self, unit: Unit) -> None:
        following = self.peek()
        if unit.base in SAME_SUBJECT:
            participle = following is not None and following.pos == "verb"
            self.output.append(
                "sambil" if participle else self.pick(("sementara", "sedangkan", "sementara"))
            )
            self.finite = participle
            return
        if (
            unit.base == "as"
            and following is not None
            and following.pos in NOUNS | {"det"}
            and not self.clause_ahead()
        ):
            self.output.append("sebagai")
            return
        if unit.base in NEW_CLAUSE:
            self.finite = False
        self.output.append(self.pick(unit.reading.renderings))

    def clause_ahead(self) -> bool:
        return any(unit.pos in ("verb", "be") for unit in self.units[self.index + 1 :])

    def write_rel(self, unit: Unit) -> None:
        self.finite = False
        self.output.append(self.pick(unit.reading.renderings))

    def write_pron(self, unit: Unit) -> None:
        text = self.pick(unit.reading.renderings)
        before = self.peek(-1)
        if (
            unit.base in ("him", "her", "it")
            and before is not None
            and before.pos in ("prep", "verb")
            and self.output
        ):
            last = self.output[-1].rpartition(" ")[2]
            if last.isalpha() and last not in ("di", "ke", "dari", "dengan", "untuk"):
                self.output[-1] += "nya"
                return
            if last in ("dengan", "untuk"):
                self.output[-1] += "nya"
                return
        self.output.append(text)
        self.last_living = True

    def write_be(self, unit: Unit) -> None:
        following = self.peek()
        while following is not None and following.pos in ("adv", "be"):
            if following.pos == "be":
                return
            following = self.peek(2)
            break
        direct = self.peek()
        if direct is None or following is None:
            return
        if direct.pos == "prep" or (direct.pos == "adv" and not (following.pos == "verb")):
            if not self.output or self.chance(0.6) or not direct.known:
                self.output.append("berada")
            self.finite = True
        elif direct.pos in NOUNS or direct.pos in DETERMINERS:
            self.output.append(self.pick(("adalah", "merupakan")))
            self.finite = True

    def write_there(self, unit: Unit) -> None:
        self.output.append(self.pick(("ada", "terdapat")))
        self.finite = True

    def write_aux(self, unit: Unit) -> None:
        self.output.append(self.pick(unit.reading.renderings))

    def write_to(self, unit: Unit) -> None:
        if self.output and self.output[-1] not in (
            "mencoba",
            "berusaha",
            "untuk",
            "hendak",
            "bersiap untuk",
        ):
            self.output.append("untuk")

    def write_prep(self, unit: Unit) -> None:
        following = self.peek()
        before = self.peek(-1)
        base = unit.base
        if following is None:
            self.write_plain(unit)
            return
        if base == "of":
            counted = before is not None and (
                before.pos in ("num", "quant", "pron") or before.text[-1:].isdigit()
            )
            if counted or self.chance(0.12):
                self.output.append("dari")
            return
        if base == "by" and self.after_passive:
            self.output.append("oleh")
            self.after_passive = False
            return
        if base in ("in", "on", "at") and following.text.isdigit() and len(following.text) == 4:
            self.output.append(self.pick(("pada tahun", "pada")))
            return
        if base in ("in", "with") and self.write_worn(base):
            return
        if base in ("by", "for", "without", "after", "before", "from") and following.pos == "verb":
            words = {"by": "dengan", "from": "dari"}.get(base) or self.pick(unit.reading.renderings)
            self.output.append(words)
            self.finite = True
            return
        text = self.pick(unit.reading.renderings)
        if before is not None and before.pos == "verb" and self.output:
            last = self.output[-1].rpartition(" ")[2]
            if last == text or last in ("di", "ke", "dari", "dengan", "pada"):
                return
        self.output.append(text)

    def write_worn(self, base: str) -> bool:
        """ "in a red shirt" -> "berkaus merah", "with blond hair" -> "berambut pirang"."""
        resume = self.index
        self.index += 1
        phrase = self.collect()
        stop = self.index
        self.index = resume
        head = phrase.head
        if head is None:
            if base == "in" and phrase.colored and self.last_living and not phrase.determiner:
                self.output.append(
                    self.pick(("berbaju", "berpakaian", "mengenakan baju", "memakai baju"))
                    + " "
                    + " ".join(phrase.modifiers)
                )
                self.index = stop - 1
                return True
            return False
        trait = (
            base == "with" and head.base in ("hair", "beard", "mustache") and not phrase.possessor
        )
        if not trait and not (phrase.worn and self.last_living):
            return False
        simple = not phrase.possessor and phrase.quantity is None and phrase.determiner in ("a", "")
        if simple and (trait or self.chance(0.5)):
            noun = self.render(phrase)
            self.output.append(("be" if noun.startswith("r") else "ber") + noun)
            self.last_living = False
            self.index = stop - 1
            return True
        verb = self.pick(("mengenakan", "memakai", "dengan"))
        self.output.append(verb if base == "in" or self.chance(0.5) else "dengan")
        return True

    def write_verb(self, unit: Unit) -> None:
        before = self.peek(-1)
        following = self.peek()
        reading = unit.reading
        previous = before.pos if before is not None else ""
        if previous == "adv" and self.index > 1:
            previous = (
                self.units[self.index - 2].pos
                if self.units[self.index - 2].pos in ("be", "aux")
                else previous
            )
        if (
            unit.base == "have"
            and following is not None
            and (
                following.pos == "be"
                or (following.pos == "verb" and following.form in ("ed", "state"))
            )
        ):
            self.output.append(self.pick(("telah", "sudah")))
            return
        passive = self.is_passive(unit, previous, following)
        renderings = reading.renderings
        if following is not None and following.pos in PLAIN_NOUN_PHRASE_STARTS:
            renderings = transitive().get(unit.base, renderings)
        words = reading.extra if passive else self.pick(renderings)
        if unit.form == "state" or passive:
            words = self.stative(words, unit, previous)
        elif unit.form == "ing":
            words = self.progressive(words, unit, previous)
        elif (
            unit.form in ("s", "base")
            and previous not in ("to", "aux", "conj")
            and not lasting(words)
        ):
            words = self.pick((words, words, words, f"sedang {words}", words, f"tengah {words}"))
        if unit.form in ("s", "base") or previous == "be":
            self.finite = True
        self.after_passive = passive
        if not passive and self.write_wearing(words):
            return
        self.output.append(words)

    def is_passive(self, unit: Unit, previous: str, following: Unit | None) -> bool:
        if unit.form != "ed" or not unit.reading.extra:
            return False
        if previous == "be":
            return True
        object_ahead = following is not None and following.pos in PLAIN_NOUN_PHRASE_STARTS
        return previous in NOUNS and not object_ahead

    def stative(self, words: str, unit: Unit, previous: str) -> str:
        if previous in NOUNS and not words.startswith(("di depan",)):
            return f"yang {words}" if self.chance(0.5) or self.finite_ahead() else words
        return words

    def progressive(self, words: str, unit: Unit, previous: str) -> str:
        static = lasting(words)
        if previous == "be":
            return (
                words
                if static
                else self.pick((f"sedang {words}", words, words, f"tengah {words}", words))
            )
        if previous in ("conj", "prep", "to"):
            return words
        if previous == "verb":
            return (
                f"sambil {words}"
                if not self.output[-1].endswith(("mulai", "berhenti", "pergi"))
                else words
            )
        if previous in NOUNS and self.finite_ahead() and not self.finite:
            return f"yang {words}" if static or self.chance(0.5) else f"yang sedang {words}"
        if self.finite:
            if previous in NOUNS and self.last_living:
                return f"yang {words}" if static or self.chance(0.5) else f"yang sedang {words}"
            return f"sambil {words}" if self.chance(0.8) else words
        if previous in NOUNS or previous in ("adv", "adj", "color"):
            if not static:
                self.finite = True
                return self.pick(
                    (f"sedang {words}", words, f"yang sedang {words}", words, f"tengah {words}")
                )
            return words if self.chance(0.65) else f"yang {words}"
        return words

    def write_wearing(self, words: str) -> bool:
        """Sometimes write "mengenakan topi merah" as "bertopi merah"."""
        lead, _, verb = words.rpartition(" ")
        if verb not in ("mengenakan", "memakai") or not self.chance(0.35):
            return False
        resume = self.index
        self.index += 1
        phrase = self.collect()
        stop = self.index
        self.index = resume
        if (
            not phrase.worn
            or phrase.possessor
            or phrase.quantity
            or phrase.determiner not in ("a", "")
        ):
            return False
        noun = self.render(phrase)
        self.output.append(f"{lead} {'be' if noun.startswith('r') else 'ber'}{noun}".strip())
        self.last_living = False
        self.index = stop - 1
        return True


def lasting(words: str) -> bool:
    """Verbs of lasting states, which take no "sedang"."""
    return words.startswith(
        (
            "mengenakan",
            "memakai",
            "memiliki",
            "mempunyai",
            "penuh",
            "tampak",
            "terlihat",
            "berada",
            "berpakaian",
            "berisi",
        )
    )


# ---------------------------------------------------------------- interface


def translate(text: str, *, seed: int | None = None) -> tuple[str, float]:
    """Translate an English caption into Indonesian.

    Returns the sentence and the share of the caption's words that were
    translated (0 to 1).  Names written with a capital inside the sentence are
    kept and count as translated.  The same seed gives the same sentence.
    """
    units = match(tokenize(text))
    words = sum(unit.words for unit in units)
    if not words:
        return "", 0.0
    tag(units)
    rng = random.Random(None if seed is None else f"{seed}:{text}")
    sentence = Writer(units, rng).write()
    covered = sum(unit.words for unit in units if unit.known)
    return polished(sentence), covered / words


def polished(sentence: str) -> str:
    """Repair what the joining of pieces leaves: doubled words, spaces, capitals."""
    sentence = re.sub(r"\s+([.,;:!?])", r"\1", sentence).strip()
    sentence = re.sub(
        r"\b(di|ke|dari|dengan|untuk|sambil|yang|sedang|tengah) (?=\1\b)", "", sentence
    )
    sentence = re.sub(r"\bdi (?=(di|ke) )", "", sentence)
    sentence = re.sub(r"\bseorang orang\b(?! dewasa)", "seseorang", sentence)
    return re.sub(r"(^|[.!?] )(\w)", lambda found: found[1] + found[2].upper(), sentence)


def main() -> None:
    for caption in (
        "A black dog is running through the snow with a red ball in its mouth .",
        "Two young girls wearing blue dresses play on a swing in the park .",
        "A man in a red shirt is riding a bike next to a red wooden door .",
    ):
        for seed in range(3):
            print(*translate(caption, seed=seed), sep="\t")


if __name__ == "__main__":
    main()
