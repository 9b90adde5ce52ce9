"""Versions and limits of the text that is scored, apart from the code that makes it.

That code compiles long patterns when it is imported; a run whose captions are all cached does not
need it.
"""

# Change these with anything that changes the text, the windows or how those are pooled; both stand
# in every signature. The word list, the sign-offs and the abbreviations count among them.
CLEANING_VERSION = 3
WINDOWS_VERSION = 4
# Change this with the lists and rules of names, and with the table and rules of languages; they
# change no score, only whether there is one, so it stands in the cache's keys alone.
PICTURABLE_VERSION = 2

MAX_CHARACTERS = 50_000

# Languages that users' captions are written in: ISO 639-1 codes.
CAPTION_LANGUAGES = frozenset({"id", "en"})


def text_versions() -> str:
    """Return the versions of cleaning and windows, as calibrations and signatures name them.

    Returns:
        Such as ``"1.1"``.
    """
    return f"{CLEANING_VERSION}.{WINDOWS_VERSION}"
