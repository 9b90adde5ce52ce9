"""A photo's bytes, pixels and own description, and how photos are compared as pictures.

Limits on bytes, pixels and shape are checked before anything is decoded; a photo that cannot be
used is a `PhotoError`.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.photos.ahead import ByteBudget as ByteBudget, map_ahead as map_ahead
    from imgfit.photos.copies import (
        Copy as Copy,
        PhotoPrints as PhotoPrints,
        near_cosine as near_cosine,
    )
    from imgfit.photos.decoding import (
        DECODING_BYTES as DECODING_BYTES,
        OUT_OF_MEMORY as OUT_OF_MEMORY,
        PREPROCESSING_VERSION as PREPROCESSING_VERSION,
        SPECIAL_VERSION as SPECIAL_VERSION,
        decode_photo as decode_photo,
        decoding_bytes as decoding_bytes,
        use_large_blocks as use_large_blocks,
    )
    from imgfit.photos.description import (
        Standard as Standard,
        caption_missing as caption_missing,
        read_description as read_description,
    )
    from imgfit.photos.drawn import golden_photo as golden_photo, sample_photos as sample_photos
    from imgfit.photos.quality import (
        Quality as Quality,
        QualityMeasure as QualityMeasure,
        perceptual_hashes as perceptual_hashes,
    )
    from imgfit.photos.reading import (
        READING_BYTES as READING_BYTES,
        PhotoFile as PhotoFile,
        bytes_to_read as bytes_to_read,
        digest_of as digest_of,
        header_facts as header_facts,
        keep_files as keep_files,
        read_bytes as read_bytes,
        read_header as read_header,
        read_photo as read_photo,
        recall_header as recall_header,
    )
    from imgfit.photos.sources import (
        KeptSource as KeptSource,
        PhotoSource as PhotoSource,
        name_of as name_of,
        require_photo as require_photo,
        take_photo as take_photo,
    )
    from imgfit.photos.thumbnails import (
        BUDGET as BUDGET,
        STEPS as STEPS,
        Shown as Shown,
        make_thumbnails as make_thumbnails,
    )
else:
    __getattr__ = exported(
        __name__,
        {
            "ahead": ("ByteBudget", "map_ahead"),
            "copies": ("Copy", "PhotoPrints", "near_cosine"),
            "decoding": (
                "DECODING_BYTES",
                "OUT_OF_MEMORY",
                "PREPROCESSING_VERSION",
                "SPECIAL_VERSION",
                "decode_photo",
                "decoding_bytes",
                "use_large_blocks",
            ),
            "description": ("Standard", "caption_missing", "read_description"),
            "drawn": ("golden_photo", "sample_photos"),
            "quality": ("Quality", "QualityMeasure", "perceptual_hashes"),
            "reading": (
                "PhotoFile",
                "READING_BYTES",
                "bytes_to_read",
                "digest_of",
                "header_facts",
                "keep_files",
                "read_bytes",
                "read_header",
                "read_photo",
                "recall_header",
            ),
            "sources": ("name_of", "require_photo", "take_photo"),
            "thumbnails": ("BUDGET", "STEPS", "Shown", "make_thumbnails"),
        },
    )
