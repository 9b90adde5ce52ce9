"""Signatures: one line that names everything a number depends on, and every rate once."""

from __future__ import annotations

import pickle

from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import Thresholds

FIELDS = {"imgfit": "0.1.0", "model": "mini@53087e", "null": "flickr8k-1"}


def test_a_signature_is_one_line_of_fields() -> None:
    signature = Signature.of(FIELDS, Thresholds())
    assert str(signature) == "imgfit:0.1.0|model:mini@53087e|null:flickr8k-1|far:0.05/0.25"
    assert signature.field("model") == "mini@53087e"
    assert signature.field("cohort") == ""
    assert signature == Signature.of(dict(FIELDS), Thresholds())
    assert hash(signature) == hash(Signature.of(dict(FIELDS), Thresholds()))
    assert pickle.loads(pickle.dumps(signature)) == signature  # noqa: S301 - made in this line


def test_other_thresholds_replace_those_it_names() -> None:
    signature = Signature.of(FIELDS, Thresholds())
    again = signature.with_thresholds(Thresholds(0.001, 0.3))
    assert str(again) == "imgfit:0.1.0|model:mini@53087e|null:flickr8k-1|far:0.001/0.3"
    assert again.with_thresholds(signature.thresholds) == signature


def test_a_second_opinion_names_both_models_and_one_rate() -> None:
    first = Signature.of(FIELDS, Thresholds())
    both = first.and_of(Signature.of(FIELDS | {"model": "base@1"}, Thresholds(0.2)))
    line = str(both.with_thresholds(Thresholds(0.01)))
    assert line == (
        "mean-of-2|imgfit:0.1.0|model:mini@53087e|null:flickr8k-1"
        "|and|imgfit:0.1.0|model:base@1|null:flickr8k-1|far:0.01/0.25"
    )
    assert both.field("model") == "mini@53087e"


def test_a_value_ends_neither_its_field_nor_the_line() -> None:
    forged = Signature.of({"model": "a|far:0.9\n\x1b[31m\u202e"}, Thresholds())
    line = str(forged)
    assert line.isprintable()
    assert line.count("|") == 1
    assert line.endswith("|far:0.05/0.25")


def test_a_result_made_by_hand_is_not_signed() -> None:
    assert str(Signature()) == ""
    assert Signature().field("model") == ""
