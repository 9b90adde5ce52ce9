"""Score a Parquet manifest on a Ray cluster, so that the same command goes on where it broke off.

Run on the cluster's head: ``python ray_job.py s3://bucket/posts s3://bucket/photos s3://bucket/out
s3://bucket/checkpoint --actors 48``; on one machine, paths do as well. The manifest has a photo,
a caption and an ``id`` column. Ids are text without spaces at its ends and must all differ, for Ray
notes by them what is done.
"""

from __future__ import annotations

import argparse
from typing import Any

import ray.data
from ray.data.checkpoint import CheckpointConfig

import imgfit


def run(manifest: str, root: str, out: str, checkpoint: str, **settings: Any) -> None:
    """Score and write; what an earlier run wrote is neither scored nor written again.

    Args:
        manifest: A Parquet file or a folder of them.
        root: Folder or address that photos lie in.
        out: Folder for Parquet files of scores.
        checkpoint: Folder for Ray's notes, which the whole cluster can reach.
        settings: As in `imgfit.score_dataset`.
    """
    context = ray.data.DataContext.get_current()
    context.checkpoint_config = CheckpointConfig(id_column="id", checkpoint_path=checkpoint)
    try:
        drafts = ray.data.read_parquet(manifest)
        scores = imgfit.score_dataset(drafts, root=root, **settings)
        scores.write_parquet(out)
    finally:
        context.checkpoint_config = None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("manifest", "root", "out", "checkpoint"):
        parser.add_argument(name)
    parser.add_argument("--actors", type=int, default=1)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--runtime", default="onnx")
    run(**vars(parser.parse_args()))
