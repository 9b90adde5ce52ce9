"""The account of a run's input: the drafts, the files passed over, and how tables were read."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from imgfit.drafts.draft import Draft
from imgfit.language import Phrase, fill, or_system
from imgfit.printable import json_text, one_line, shortened
from imgfit.remarks import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgfit.language import Language

# Names that the line about files passed over gives.
_SHOWN = 3

PASSED: dict[str, dict[Language, str]] = {
    "hidden": {
        "id": "{path}: tersembunyi (namanya diawali titik)",
        "en": "{path}: hidden (its name begins with a dot)",
    },
    "of_system": {
        "id": "{path}: buatan sistem atau server berkas, bukan draf",
        "en": "{path}: made by the system or a file server, no draft",
    },
    "leftover": {
        "id": "{path}: sisa program lain (sementara atau cadangan), bukan draf",
        "en": "{path}: left by another program (temporary or a backup), no draft",
    },
    "derivative": {
        "id": "{path}: versi lain dari {original}, yang sudah diperiksa",
        "en": "{path}: another size of {original}, which is checked",
    },
    "companion": {
        "id": "{path} adalah {kind} di samping {original}, yang sudah diperiksa",
        "en": "{path} is {kind} beside {original}, which is checked",
    },
    "unread": {
        "id": "{path} adalah {kind}, yang tidak dibaca imgfit: {mend}",
        "en": "{path} is {kind}, which imgfit does not read: {mend}",
    },
    "no_caption": {
        "id": "{path}: catatan tentang foldernya, bukan keterangan foto",
        "en": "{path}: a note on the folder, no caption",
    },
    "not_a_manifest": {
        "id": "{path} bukan manifes: {cause}",
        "en": "{path} is not used as a manifest: {cause}",
    },
    "unknown": {
        "id": "{path}: bukan foto, keterangan, atau tabel",
        "en": "{path}: not a photo, a caption or a table",
    },
}
NOTES: dict[str, dict[Language, str]] = {
    "manifest_used": {
        "id": "{path} dipakai sebagai manifes folder ini",
        "en": "{path} is used as the manifest of its folder",
    },
    "not_utf8": {
        "id": "{path} tidak disimpan sebagai UTF-8, jadi dibaca sebagai teks Windows (ANSI): "
        "periksa tanda kutip, tanda pisah, dan huruf beraksen. Agar pasti, simpan ulang: di "
        "Notepad, Save As lalu Encoding: UTF-8; di Excel, Save As lalu CSV UTF-8",
        "en": "{path} is not saved as UTF-8, so it was read as Windows text (ANSI): look at its "
        "quotes, dashes and accents. To be sure, save it again: in Notepad, Save As with Encoding: "
        "UTF-8; in Excel, Save As CSV UTF-8",
    },
    "sheets_left": {
        "id": "{path}: hanya lembar {sheet} yang dibaca; lembar lain: {others}",
        "en": "{path}: only the sheet {sheet} was read; others: {others}",
    },
}


@dataclass(frozen=True, slots=True)
class PassedOver(Reason):
    """A file or folder among the drafts that is none, and why.

    Attributes:
        code: Stable word for scripts, such as ``"derivative"``.
        facts: ``path``, from the checked folder, and what else the sentence names.
    """

    texts: ClassVar[Mapping[str, Mapping[Language, str]]] = PASSED

    @property
    def path(self) -> str:
        """Where it lies."""
        return str(self.facts["path"])


@dataclass(frozen=True, slots=True)
class Note(Reason):
    """How a table or a text was read, if a person should know.

    Attributes:
        code: Stable word for scripts, such as ``"not_utf8"``.
        facts: ``path``, and what else the sentence names.
    """

    texts: ClassVar[Mapping[str, Mapping[Language, str]]] = NOTES


class DraftList(list[Draft]):
    """The drafts that were read, and the account of all that lay beside them.

    Attributes:
        passed_over: Files and folders that are no drafts, in the order they were met.
        notes: How tables and texts were read, if a person should know.
    """

    __slots__ = ("notes", "passed_over")

    def __init__(
        self,
        drafts: Iterable[Draft] = (),
        passed_over: Iterable[PassedOver] = (),
        notes: Iterable[Note] = (),
    ) -> None:
        """Put the parts together."""
        super().__init__(drafts)
        self.passed_over = tuple(passed_over)
        self.notes = tuple(notes)


class Account:
    """What a reader of folders and tables writes down while it works."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.passed_over: list[PassedOver] = []
        self.notes: list[Note] = []

    def pass_over(self, path: object, code: str, **facts: Any) -> None:
        """Name a file that is no draft; a second remark of the same path is not kept."""
        remark = PassedOver(code, {"path": str(path), **facts})
        if remark not in self.passed_over[-1:]:
            self.passed_over.append(remark)

    def note(self, path: object, code: str, **facts: Any) -> None:
        """Say how a table or text was read, once."""
        remark = Note(code, {"path": str(path), **facts})
        if remark not in self.notes:
            self.notes.append(remark)


_LINE = Phrase(
    id="{count} berkas atau folder dilewati ({kinds}): {names}{more}",
    en="{count} {count:file or folder was|files or folders were} passed over ({kinds}): "
    "{names}{more}",
)
_KINDS: dict[str, Phrase] = {
    "hidden": Phrase(id="{n} tersembunyi", en="{n} hidden"),
    "of_system": Phrase(id="{n} buatan sistem", en="{n} of the system"),
    "leftover": Phrase(id="{n} sisa program", en="{n} left by programs"),
    "derivative": Phrase(id="{n} ukuran lain", en="{n} other sizes"),
    "companion": Phrase(id="{n} pendamping", en="{n} beside a photo"),
    "unread": Phrase(id="{n} format yang tidak dibaca", en="{n} in formats not read"),
    "no_caption": Phrase(id="{n} catatan folder", en="{n} notes on a folder"),
    "not_a_manifest": Phrase(id="{n} tabel lain", en="{n} other tables"),
    "unknown": Phrase(id="{n} lain", en="{n} others"),
}


def account_line(passed_over: Iterable[PassedOver], language: Language | None = None) -> str:
    """Say in one line how many files were passed over, of which kinds, and some of their names.

    Args:
        passed_over: n remarks, n at least 1; those on unread pictures are named first.
        language: ``"id"`` or ``"en"``; the system's if None.

    Returns:
        One line.
    """
    language = or_system(language)
    said = sorted(passed_over, key=lambda remark: remark.code != "unread")
    kinds = Counter(remark.code for remark in said)
    facts = {
        "count": len(said),
        "kinds": ", ".join(
            fill(_of(_KINDS[code], language), language, {"n": n}) for code, n in kinds.items()
        ),
        "names": ", ".join(shortened(remark.path) for remark in said[:_SHOWN]),
        "more": " …" if len(said) > _SHOWN else "",
    }
    return one_line(fill(_of(_LINE, language), language, facts))


def _of(phrase: Phrase, language: Language) -> str:
    return phrase.id if language == "id" else phrase.en


def account_json(drafts: DraftList, language: Language | None = None) -> str:
    """Write the account as JSON.

    Args:
        drafts: As `read_drafts` returns them.
        language: Of the sentences; the system's if None.

    Returns:
        An object: ``account_version``, ``drafts`` (how many), ``passed_over`` and ``notes``, each
        remark with its ``code``, its facts and its sentence ``said``.
    """
    whole = {
        "account_version": 1,
        "drafts": len(drafts),
        "passed_over": [_row(remark, language) for remark in drafts.passed_over],
        "notes": [_row(remark, language) for remark in drafts.notes],
    }
    return json_text(json.dumps(whole, ensure_ascii=False, indent=1)) + "\n"


def _row(remark: Reason, language: Language | None) -> dict[str, Any]:
    return {**remark.row(), "said": remark.say(language)}
