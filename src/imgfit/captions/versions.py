"""Which form of a caption is scored: versions and limits, apart from the code they stand for.

That code compiles long patterns when it is imported; a run whose captions are all known does
without it.
"""

# Change with anything that changes the text, the windows or how those are pooled; both stand in
# every signature. The word list, the sign-offs and the abbreviations count among them.
CLEANING_VERSION = 2
WINDOWS_VERSION = 3
# Change with the lists and rules of names and languages; they change no score, only whether there
# is one, so they stand in the cache's keys alone.
PICTURABLE_VERSION = 1

MAX_CHARACTERS = 50_000

# What captions are written in, as users bring them: ISO 639-1 codes.
CAPTION_LANGUAGES = frozenset({"id", "en"})


def text_versions() -> str:
    """Return the versions of cleaning and windows, as calibrations and signatures name them.

    Returns:
        Such as ``"1.1"``.
    """
    return f"{CLEANING_VERSION}.{WINDOWS_VERSION}"
