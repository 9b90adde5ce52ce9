"""Where sentences end in Indonesian and English posts.

`sentencex` finds the ends; this module adds the full stops of Indonesian honorifics, academic
degrees and office abbreviations, which do not end a sentence.
"""

from __future__ import annotations

import regex
import sentencex

# Stands for the full stop of an abbreviation while sentences are looked for: a private-use
# character of the same length, which no splitter knows.
_DOT = "\ue000"

# Before a name, a number or a place: a sentence never ends here.
_LEADING = (
    r"Drs|Dra|Dr|drg|dr|Ir|Prof|Hj|H|KH|K\.\s?H|Tgk|TGH|Ust|Ustz|Ustdz|Pdt|Rm|Ny|Tn|Nn|Sdr|Sdri|Bpk|"
    r"Mr|Mrs|Ms|St|Jend|Letjen|Mayjen|Brigjen|Irjen|Kombes|Kol|Letkol|May|Kapt|Lettu|Letda|Serma|"
    r"Serka|Sertu|Serda|Kopda|Kompol|AKP|AKBP|Ipda|Iptu|Aiptu|Aipda|Bripka|Laksda|Marsda|"
    r"Kab|Kec|Kel|Prov|Ds|Dsn|Jl|Jln|Gg|Blk|No|Nomor|Rp|Tgl|tgl|Telp|Tlp|Hlm|hlm|hal|Pkl|pkl|Plt|Plh|Pj|"
    r"a\.n|u\.p|d\.a|s\.d|e\.g|i\.e|vs|yth|Yth|Lt|Dok|Wr|wr"
)
# Part of a degree when a capital and a full stop stand before: S.Pd., M.Sy., S.H.I., Sp.OG., Ph.D.
_DEGREE = (
    r"H|Ag|Pd|Si|Sos|Kom|Ikom|IP|AP|STP|KM|Kes|Kep|Keb|Farm|Psi|Hum|Ak|Ars|Stat|Ling|Eng|Sc|Th|Fil|"
    r"Ked|Gz|Or|Tr|Par|SE|Sy|Ec|Md|Ikes|Pt|Hut|Pi|Kn|Pel|Mar|Han|Int|Phil|Ed|Div|Min|Bus|Des|Sn|"
    r"OG|PD|An|Rad|BA|THT"
)
# After a name or a list: a sentence may end here, and does if a usual opener follows.
_TRAILING = (
    r"Lc|Ph\.\s?D|Ph|Sp|SH|MH|SHI|MHI|SE|MM|MSi|\p{Lu}|Wb|wb|dll|dsb|dst|dkk|etc|Tbk|Kav|Thn|thn|Th"
)
_ABBREVIATION = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}])(?:(?<=\p{{Lu}}\.\s?)(?:{_DEGREE})|(?P<leading>{_LEADING})|(?:{_TRAILING}))\."
)
# Words that sentences of reports begin with, and names do not.
_OPENER = regex.compile(
    r"\s+[“\"(]?(?:Acara|Adapun|Agenda|Akhir|Aksi|Apel|Bahkan|Beliau|Bersama|Dalam|Dan|Dari|Demikian|"
    r"Dengan|Dia|Di|Diharapkan|Dimana|Hadir|Hal|Hari|Ia|Ini|Itu|Jika|Juga|Kami|Karena|Kedua|Kegiatan|"
    r"Kemudian|Kepada|Kini|Kunjungan|Lalu|Lebih|Melalui|Memasuki|Mengawali|Menurut|Mereka|Namun|Oleh|"
    r"Pada|Para|Peserta|Pelatihan|Pelantikan|Pembukaan|Penyerahan|Rapat|Rombongan|Saat|Sambutan|"
    r"Sebagai|Sebanyak|Sebelum|Sedangkan|Sehingga|Selain|Selama|Selamat|Selanjutnya|Seluruh|Semoga|"
    r"Semua|Sementara|Setelah|Setiap|Sidang|Sosialisasi|Tak|Tampak|Terima|Tidak|Tim|Tujuan|Turut|"
    r"Untuk|Upacara|Usai|After|And|At|He|In|It|On|She|The|They|This|We)\b(?!\.)"
)
# A full stop with no space after it ends a sentence, as in "di lapangan.Peserta", but not after a
# syllable of a register or an abbreviation, as in "Pid.Sus" and "DK.Serang".
_WITHIN_A_NUMBER = regex.compile(r"(?<!\p{L})(?:\p{L}{1,2}|\p{Lu}\p{Ll}{2})\.$")


def sentence_spans(line: str) -> list[tuple[int, int]]:
    """Find the sentences of a line.

    Args:
        line: Text without line breaks.

    Returns:
        Start and end of each, without the spaces around it; no letter lies outside a span.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for sentence in sentencex.segment("id", _shielded(line)):
        end = start + len(sentence)
        body = line[start:end]
        left = start + len(body) - len(body.lstrip())
        right = start + len(body.rstrip())
        start = end
        if left == right:
            continue
        if spans and spans[-1][1] == left and _WITHIN_A_NUMBER.search(line, max(left - 5, 0), left):
            left = spans.pop()[0]
        spans.append((left, right))
    return spans


def _shielded(line: str) -> str:
    """Hide the full stops that do not end a sentence; one pass, since matches only look back."""

    def shield(match: regex.Match[str]) -> str:
        piece = match.group()
        if not match.group("leading") and _OPENER.match(line, match.end()):
            return piece[:-1].replace(".", _DOT) + "."
        return piece.replace(".", _DOT)

    return _ABBREVIATION.sub(shield, line.replace(_DOT, " "))
