"""Hashtags cut into their words."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from imgfit.captions.lexicon import is_known, split_tag


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("pelayananprima", "pelayanan prima"),
        ("PELAYANANPRIMA", "PELAYANAN PRIMA"),
        ("Pelayananprima", "Pelayanan prima"),
        ("hutri80", "hut ri 80"),
        ("17agustus1945", "17 agustus 1945"),
        ("banggamelayanibangsa", "bangga melayani bangsa"),
        ("sidangkelilingterpadu", "sidang keliling terpadu"),
        ("gotongroyongdanbersihdesa", "gotong royong dan bersih desa"),
        ("jumatberkah", "jumat berkah"),
        ("wilayahbebaskorupsi", "wilayah bebas korupsi"),
        ("pengadilannegericibinong", "pengadilan negeri cibinong"),
        ("zona_integritas", "zona integritas"),
        ("IndonesiaMaju", "Indonesia Maju"),
        ("PNSukamaju2026", "PN Sukamaju 2026"),
        ("covid19", "covid 19"),
        # Whole: a word, a name, an abbreviation.
        ("makanan", "makanan"),
        ("kemerdekaan", "kemerdekaan"),
        ("xyzzyqwert", "xyzzyqwert"),
        ("ptpn", "ptpn"),
        ("o2sn", "o2sn"),
        ("g20", "g20"),
        ("2026", "2026"),
    ],
)
def test_split_tag(tag: str, words: str) -> None:
    assert split_tag(tag) == words


@given(st.from_regex(r"[a-zA-Z0-9_]{1,120}", fullmatch=True))
def test_no_letter_of_a_tag_is_lost(tag: str) -> None:
    assert split_tag(tag).replace(" ", "") == tag.replace("_", "")


def test_the_list_knows_words_and_no_run_of_them() -> None:
    assert is_known("Pelayanan")
    assert not is_known("pelayananprima")
    assert not is_known("hutri")
