"""Sign-offs and credits that Indonesian agencies put under every post, found in its text.

Patterns are anchored at the start of a sentence, so that "Foto bersama" and "salam dan senyum di
gerbang" stay. Credits count only if nothing but names follows, because "Foto: suasana sidang"
is a caption.
"""

from __future__ import annotations

import regex

from imgfit.captions.lexicon import is_known

# Stand in a text for pieces taken out of it: an address of any kind, and emoji. Both are
# private-use characters, which cleaning takes out of captions first.
HOLE = "\ue001"
GAP = "\ue002"

_ANY_CASE = regex.IGNORECASE
_LONGEST_SIGN_OFF = 30  # words; a longer sentence says more than good-bye
_LONGEST_CALL = 14
_LONGEST_CREDIT = 8

_OURS = (
    r"(?:media\s+sosial|sosial\s+media|medsos|sosmed|akun|instagram|ig|facebook|fb|fanpage|twitter|"
    r"tik\s?tok|you\s?tube|kanal|channel|website|situs|laman|whatsapp|wa|telegram|kami\s+(?:di|"
    r"melalui|lewat|via)\b)"
)
_PRAISE = r"(?:likes?|komen\w*|comments?|share|subscribe|follow|retweet|repost)"
_URGE = (
    r"(?:(?:yuk|ayo|mari|silakan|silahkan|jangan\s+lupa|kamu\s+bisa|please|"
    r"don'?t\s+forget\s+to)[,\s]+)?"
)

# Wherever they stand in a post.
_ANYWHERE = regex.compile(
    rf"(?:"
    rf"(?:(?:yuk|ayo|mari|dan|eits)[,!\s]+)*jangan\s+lupa\s+(?:untuk\s+|ya\s+|juga\s+|di\s?|"
    rf"klik\s+|tekan\s+|tombol\s+)*{_PRAISE}\b"
    rf"|don'?t\s+forget\s+to\s+{_PRAISE}\b"
    rf"|{_URGE}{_PRAISE}(?:\s*[,&/+|]+\s*|\s+(?:and|dan|n)\s+|\s+)+{_PRAISE}\b"
    rf"|{_URGE}(?:di-?\s?)?(?:ikuti|follow|kunjungi|pantau|simak|subscribe|cek|like|visit)\s+"
    rf"(?:(?:terus|juga|selalu|kami|our|us\s+on|update|info\w*|berita|kegiatan|semua|lainnya|di|"
    rf"dan|on)\s+)*{_OURS}"
    rf"|(?:untuk\s+)?(?:info|informasi|keterangan)\s+(?:(?:lebih\s+)?(?:lanjut|lengkap\w*|detail)|"
    rf"selengkapnya|selanjutnya)"
    rf"\s*(?:$|[:,{HOLE}({GAP}.]|(?:dapat|bisa|silakan|silahkan|hubungi|kunjungi|klik|cek|di|"
    rf"melalui|lewat|via|tentang|mengenai|dan|ada|ke)\b)"
    rf"|for\s+(?:more|further)\s+(?:info|information|details)\b"
    rf"|(?:baca|simak|lihat|tonton|berita)\s+juga\s*:"
    rf"|(?:baca|simak|lihat|cek|tonton)?\s*(?:berita\s+|info\w*\s+|video\s+)?selengkapnya\s*(?:$|"
    rf"[:.!{HOLE}{GAP}]|(?:di|dapat|bisa|klik|pada|melalui)\b)"
    rf"|(?:klik\s+|cek\s+|lihat\s+)?(?:link|tautan)\s+(?:(?:ada|di|dalam|pada|in|berikut|ini|"
    rf"selengkapnya)\s+)*(?:bio|profil|story|bawah)\b"
    rf"|(?:read|see)\s+more\b|link\s+in\s+bio|swipe\b|stay\s+tuned\b|geser\s+(?:untuk|ke\s+(?:kiri|"
    rf"kanan))\b"
    rf")",
    _ANY_CASE,
)

# The salaam that opens and ends a post; within a sentence it is what people say to one another.
SALAAM = regex.compile(
    rf"(?:^|(?<=[.!?{GAP}{HOLE}])|(?<=[.!?{GAP}{HOLE}]\s))(?:was+|"
    rf"as+)alamu\W{{0,2}}alaikum\b(?:\s+wa?\.?\s?r(?:ahmatullah\w*|\b)\.?"
    r"(?:\s+wa?\.?\s?b(?:arakatuh?|arokatuh?|\b)\.?)?)?[.,!]?",
    _ANY_CASE | regex.MULTILINE,
)

# Only in the last sentences of a post.
_AT_THE_END = regex.compile(
    r"(?:"
    r"salam\s+(?:sehat|hangat|hormat|sejahtera|literasi|presisi|lestari|sukses|olah\s?raga|budaya|"
    r"pancasila|wbk|"
    r"zona|integritas|adhyaksa|pramuka|merdeka|kompak|satu|juang|kebajikan|persatuan|kami|redaksi|"
    r"damai|bahagia|"
    r"waras|konstitusi|demokrasi|pengayoman|perubahan|semangat|tangguh|siaga|kemanusiaan|rahayu|"
    r"harmoni|toleransi|"
    r"moderasi|keadilan|peradilan|prima|perjuangan|inovasi|sinergi|"
    r"kolaborasi)\b(?:[\s,&]+[\w!]+){0,5}\W*$"
    r"|(?:demikian|sekian)\b(?:[\s,]+\w+){0,4}?[\s,]+(?:sampaikan|disampaikan|terima\s?kasih|"
    r"diketahui|maklum|perhatian\w*|"
    r"pengumuman|informasi|info|himbauan|imbauan)\b(?:[\s,]+\w+){0,8}\W*$"
    r"|semoga\s+bermanfaat\b(?:[\s,]+\w+){0,4}\W*$"
    r"|(?:sampai|sampe)\s+(?:jumpa|ketemu|bertemu)\b(?:[\s,]+\w+){0,6}\W*$"
    r"|(?:terima\s?kasih|makasih|thank\s+you|thanks)(?:[\s,]+(?:ya|atas|perhatian\w*|dukungan\w*|"
    r"kerja\s?sama\w*|semua\w*|"
    r"dan|banyak|sobat|sahabat|so|much|for|watching|reading|your|attention)\b){0,8}\W*$"
    r")",
    _ANY_CASE,
)

# With an address in it, a short sentence that begins so only points there.
_CALL = regex.compile(
    rf"{_URGE}(?:untuk\s+\w+\s+)?(?:(?:hubungi|kunjungi|klik|baca|simak|lihat|cek|tonton|ikuti|"
    rf"follow|pantau|unduh|"
    r"download|contact|register|read|visit|call|see)\b"
    r"|(?:kontak|selengkapnya|info\w*|pendaftaran|link|tautan|daftar\w*|sumber|layanan|pengaduan|"
    r"narahubung|more|"
    rf"website|instagram|alamat|source|via|cc|repost|(?:foto|video|photo)\s?(?:by|oleh|:|"
    rf"©))(?:[ \t]+[\w&]+){{0,3}}\W*?{HOLE}"
    r"(?:\W+\w+){0,3}\W*$)",
    _ANY_CASE,
)
LABELLED = regex.compile(
    r"(?<![\p{L}\p{N}])(?P<label>(?:no(?:mor)?\.?\s?)?(?:telp|tlp|telepon|phone|hp|handphone|wa|"
    r"whats\s?app|ig|instagram|fb|facebook|fanspage|"
    r"fanpage|twitter|tik\s?tok|you\s?tube|telegram|e-?mail|surel|website|web|situs(?:\sweb)?|"
    r"laman|info|link|"
    r"cp|contact\sperson|narahubung|hotline|call\scent(?:er|re)|fax|faks|faksimile|sms|maps|sumber|"
    r"source|kontak)"
    rf"(?:/(?:wa|telp|sms|hp|fax))?\.?\s?:?\s?)(?=[{HOLE}])",
    _ANY_CASE,
)
# A line that is nothing but an address.
_ADDRESS_LINE = regex.compile(
    r"\W*(?:alamat(?:\skantor)?|instagram|ig|facebook|fb|fanpage|you\s?tube|twitter|tik\s?tok|"
    r"website|web|situs|e-?mail|telp|"
    r"telepon|wa|whats\s?app|fax|hotline|call\scent(?:er|re)|jam\s(?:layanan|pelayanan|operasional|"
    r"kerja))\s?:.{0,120}",
    _ANY_CASE,
)
_CREDIT_ROLE = (
    r"(?:foto(?:grafer)?|photo(?:grapher)?|image|teks|naskah|tulisan|berita|narasi|sumber|source|"
    r"kontributor|contributor|"
    r"penulis|writer|author|editor|penyunting|redaktur|reporter|wartawan|peliput|pewarta|jurnalis|"
    r"desain(?:er)?|design(?:er)?|"
    r"videografer|video|kredit|credits?|courtesy|dok(?:umentasi)?|humas|publikasi|tim\s+(?:redaksi|"
    r"humas|media)|uploader|admin)"
)
_CREDIT = regex.compile(
    rf"{_CREDIT_ROLE}(?:\s?(?:[/&,+]|dan|and)\s?{_CREDIT_ROLE}){{0,3}}(?:\s+(?:oleh|by|berita|foto|"
    rf"gambar))?\s?[:©=]\s?(?P<who>.*)",
    _ANY_CASE,
)
# Words in a credit besides names.
_CREDITED = frozenset({
    "humas", "hms", "red", "redaksi", "tim", "dok", "dokumentasi", "dokumen", "istimewa",
    "ist", "pribadi", "media", "center", "dan", "and", "it", "adm", "admin", "ppid", "antara",
    "net", "internet", "google", "pa", "pn", "pta", "pt", "ma", "pengadilan", "agama",
    "negeri", "tinggi", "kantor", "kabupaten", "kota", "desa", "dinas", "kominfo",
    "diskominfo", "polres", "polsek", "kodim", "kejari", "kejaksaan", "kemenag", "sekolah",
    "kampus", "foto", "sekretariat", "kepaniteraan", "panitia",
})  # fmt: skip
# Words of the list that are also people's names.
_ALSO_NAMES = frozenset({
    "agung", "ahad", "air", "bakti", "bintang", "budi", "cahaya", "catur", "cinta", "damai",
    "dewi", "dwi", "fajar", "hidayah", "iman", "indah", "intan", "jaya", "juli", "kartini",
    "lestari", "mawar", "maju", "melati", "merdeka", "mega", "muda", "mulia", "natal", "nuzul",
    "permata", "pertiwi", "prima", "putra", "putri", "rahmat", "ramadan", "ramadhan", "ratu",
    "raya", "restu", "rizki", "sabar", "sari", "satria", "setia", "sri", "sudirman", "surya",
    "syukur", "tulus", "unggul", "utama", "wahyu",
})  # fmt: skip
_BRACKETED = regex.compile(
    r"(?:(?<=[.!?”\"])|(?<=[.!?”\"]\s)|^)[(\[](?P<who>[\p{L}*][^()\[\]\n]{0,40})[)\]]\.?",
    regex.MULTILINE,
)
# With no full stop before it, only clear credits: "Hubungan Masyarakat (Humas)" stays.
_BRACKETED_END = regex.compile(
    r"[(\[]\s?(?:\*+\s?/?\s?red(?:aksi)?|(?:humas|hms|red|redaksi|\p{L}{2,4})\s?/\s?(?:humas|hms|"
    r"red|redaksi|dok|foto)\w{0,6}|red|redaksi)\s?[)\]](?=[\s.]*$)",
    _ANY_CASE | regex.MULTILINE,
)
_BRACKET_CREDIT = regex.compile(
    r"[*\s]*(?:humas|hms|red|redaksi|adm|admin|rilis|rls|kontributor|reporter|editor|dok|ppid|"
    r"jurnalis|jurdil|"
    r"ist|istimewa|tim\s?(?:it|humas|redaksi|media|red))(?![\p{L}\p{N}-]).*|"
    r"[\p{L}*]{1,6}(?:/[\p{L}*]{1,6})+|\*+",
    _ANY_CASE,
)
_WORD = regex.compile(r"\p{L}+")
_AFTER_MARK = regex.compile(rf"[{HOLE}{GAP}]\W*+")


def bracketed_credits(text: str) -> list[tuple[int, int]]:
    """Find credits in brackets after a sentence, such as ``(Humas/Red)``.

    Args:
        text: Text of any length.

    Returns:
        Start and end of each.
    """
    spans = [m.span() for m in _BRACKETED.finditer(text) if _BRACKET_CREDIT.fullmatch(m["who"])]
    taken = {start for start, _ in spans}
    spans += [m.span() for m in _BRACKETED_END.finditer(text) if m.start() not in taken]
    return sorted(spans)


def sign_off_start(sentence: str) -> int | None:
    """Find where a sentence turns into a sign-off, whatever its place in the post.

    Args:
        sentence: One sentence; addresses and emoji in it are `HOLE` and `GAP`.

    Returns:
        0 for the whole sentence, a later index if the first part is worth keeping, None if there is
        no sign-off.
    """
    if _ANYWHERE.match(sentence):
        return 0 if _words(sentence) <= _LONGEST_SIGN_OFF else None
    # Within a sentence only after emoji or an address: people put those where a full stop belongs.
    for mark in _AFTER_MARK.finditer(sentence):
        if _ANYWHERE.match(sentence, mark.end()):
            rest = sentence[mark.end() :]
            return mark.end() if _words(rest) <= _LONGEST_SIGN_OFF else None
    return None


def is_call(sentence: str) -> bool:
    """Tell whether a sentence only points to an address that was in it.

    Args:
        sentence: One sentence, with `HOLE` and `GAP` in it.

    Returns:
        Whether it begins as such sentences do, had an address, and is short.
    """
    return HOLE in sentence and bool(_CALL.match(sentence)) and _words(sentence) <= _LONGEST_CALL


def is_closing(sentence: str) -> bool:
    """Tell whether the last sentence of a post is a greeting, or a credit with names.

    Args:
        sentence: One sentence, with `HOLE` and `GAP` in it.

    Returns:
        Whether nothing in it belongs to the message.
    """
    return bool(_AT_THE_END.match(sentence)) or is_credit(sentence)


def is_credit(sentence: str) -> bool:
    """Tell whether a sentence is a credit: a role, a colon and names.

    Args:
        sentence: One sentence, with `HOLE` and `GAP` in it.

    Returns:
        Whether each word after the colon is a capitalised name or an office; ``Foto: Budi Santoso``
        but not ``Foto: Suasana sidang``.
    """
    match = _CREDIT.match(sentence.strip(" -–—*|•"))
    if match is None:
        return False
    who = _WORD.findall(match["who"])
    return len(who) <= _LONGEST_CREDIT and all(
        word.lower() in _CREDITED or _is_name(word) for word in who
    )


def _is_name(word: str) -> bool:
    return word[0].isupper() and (word.lower() in _ALSO_NAMES or not is_known(word))


def is_address_line(line: str) -> bool:
    """Tell whether a line is nothing but an address or hours of service.

    Args:
        line: One whole line of a caption.

    Returns:
        Whether it begins with such a label and a colon.
    """
    return _ADDRESS_LINE.fullmatch(line) is not None


def _words(text: str) -> int:
    return len(_WORD.findall(text))
