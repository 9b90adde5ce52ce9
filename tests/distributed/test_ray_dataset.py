"""Ray Data: rows as on one machine, bad rows kept, workers killed, jobs gone on with.

One local Ray of two workers serves all tests; it listens on this machine only.
"""

from __future__ import annotations

import json
import logging
import os
import runpy
import secrets
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import jsonschema
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet
from typer.testing import CliRunner

import imgfit
from imgfit.cache.embeddings import EmbeddingCache
from imgfit.checker import Checker
from imgfit.cli.app import app
from imgfit.distributed.ray_dataset import own_cache, score_dataset
from imgfit.distributed.scorer import DraftScorer
from imgfit.drafts.reading import read_drafts
from imgfit.encoders.model import ModelEncoder
from imgfit.errors import (
    ArgumentError,
    ManifestColumnError,
    ModelUnknownError,
    PackageMissingError,
    WorkerLostError,
)
from tests.conftest import (
    Another,
    FakeEncoder,
    fake_calibration,
    fake_cohort,
    own_drafts,
    save_photo,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from ray.data import Dataset

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "drafts"
MOST_KILLED = 8


@pytest.fixture(scope="module")
def ray_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Lend ``ray.data`` over a Ray of two workers."""
    settings = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",  # of this cluster alone: without one, Ray keeps one at home
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_memory_monitor_refresh_ms": "0",  # other programs' memory is not the tests' matter
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        import ray  # noqa: PLC0415 - slow, and it reads the environment
        import ray.data  # noqa: PLC0415

        ray.init(
            address="local",
            # Two workers, one to read, one to filter what is done already. The job that fails has one
            # worker, which Ray may be late to end, and so has the one that goes on.
            num_cpus=4,
            include_dashboard=False,
            object_store_memory=100_000_000,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _node_ip_address="127.0.0.1",
        )
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        yield ray.data
        ray.shutdown()


class Worker(FakeEncoder):
    """A fake encoder that notes its process, and may die or fail at the photo that is told."""

    def __init__(self, folder: Path, act: str) -> None:
        super().__init__()
        self.folder, self.act = folder, act
        (folder / f"started-{os.getpid()}").touch()

    def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.act == "die" and len(list(self.folder.glob("batch-*"))) >= 2 and self._first():
            os.kill(os.getpid(), signal.SIGKILL)
        if self.act == "fail" and len(list(self.folder.glob("batch-*"))) >= 3:
            self._await_checkpoint()
            raise RuntimeError("stopped in the middle")
        (self.folder / f"batch-{secrets.token_hex(8)}-{len(pixels)}").touch()
        return super().encode_photos(pixels)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        killed = len(list(self.folder.glob("killed-*")))
        # Not for ever, so that a worker that is not careful fails the test instead of holding it.
        if self.act == "die" and killed < MOST_KILLED and any("mematikan" in t for t in texts):
            (self.folder / f"killed-{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_texts(texts)

    def _await_checkpoint(self) -> None:
        """Wait until something that was scored is written and noted."""
        for _ in range(200):
            noted = [p for p in (self.folder.parent / "checkpoint").rglob("*") if p.is_file()]
            if any(".pending" not in path.name for path in noted):
                return
            time.sleep(0.1)

    def _first(self) -> bool:
        """Tell one of all workers that it is the first to ask."""
        try:
            (self.folder / "done once").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def fake_checker(folder: Path, act: str = "") -> Checker:
    """Make a worker's checker; what the cohort takes to embed counts for nothing."""
    plain = FakeEncoder()
    cohort = fake_cohort(plain)
    return Checker(Worker(folder, act), fake_calibration(plain, cohort), cohort, decode_threads=1)


def scored(
    ds: Dataset, folder: Path, act: str = "", *, workers: int = 2, **settings: Any
) -> Dataset:
    """Score by fake workers, four drafts at a time."""
    from ray.data import ActorPoolStrategy  # noqa: PLC0415 - as above

    return ds.repartition(target_num_rows_per_block=4).map_batches(
        DraftScorer,
        fn_constructor_args=(partial(fake_checker, folder, act),),
        fn_constructor_kwargs=settings,
        batch_format="pyarrow",
        batch_size=4,
        compute=ActorPoolStrategy(size=workers),
        num_cpus=1,
    )


def photos_encoded(folder: Path) -> int:
    return sum(int(path.name.rpartition("-")[2]) for path in folder.glob("batch-*"))


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Hold a row to another, numbers to the last digit printed but one unit."""
    assert found.keys() >= expected.keys()
    for name, value in expected.items():
        if name == "windows":
            assert len(found[name]) == len(value)
            for one, other in zip(found[name], value, strict=True):
                assert_same(one, other)
        elif name == "evidence_ratio" and value is not None:  # four digits that count
            assert found[name] == pytest.approx(value, rel=1e-3)
        elif isinstance(value, float):
            assert found[name] == pytest.approx(value, abs=2e-6), name
        else:
            assert found[name] == value, name


@pytest.mark.loopback
def test_rows_equal_those_of_a_checker(
    ray_data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = read_drafts(EXAMPLES)
    table = pa.table(
        {
            "id": [f"draf {number}" for number in range(len(drafts) + 1)],
            "foto": [Path(str(draft.photo)).name for draft in drafts] + ["tidak-ada.jpg"],
            "keterangan": [draft.caption for draft in drafts] + ["Mobil merah"],
            "nomor": range(len(drafts) + 1),
            "verdict": ["kolom sendiri"] * (len(drafts) + 1),
        }
    )
    parquet.write_table(table, tmp_path / "m.parquet")
    ds = ray_data.read_parquet(str(tmp_path / "m.parquet"))
    with pytest.raises(ArgumentError, match="at most 3, since Ray has 4 cores"):
        score_dataset(ds, root=EXAMPLES, actors=4)
    job = runpy.run_path(str(ROOT / "examples" / "ray_job.py"))["run"]
    places = [
        str(tmp_path / "m.parquet"),
        str(EXAMPLES),
        str(tmp_path / "out"),
        str(tmp_path / "c"),
    ]
    job(*places, actors=2, drafts_per_task=3, cache=tmp_path / "caches")
    written = [parquet.read_table(path) for path in (tmp_path / "out").glob("*.parquet")]
    rows = sorted(pa.concat_tables(written).to_pylist(), key=lambda row: row["nomor"])
    checker = Checker.load("mini")
    alone = [
        checker.check_drafts([draft], alone=True)
        for draft in read_drafts(tmp_path / "m.parquet", root=EXAMPLES)
    ]
    expected = [batch.to_arrow().to_pylist()[0] for batch in alone]
    assert {"weak", "silent", "failed"} <= {row["verdict"] for row in rows}
    assert rows[-1]["error"].startswith("PhotoMissingError")
    assert len(rows) == len(expected) == len(drafts) + 1
    for row, wanted in zip(rows, expected, strict=True):
        assert_same(row, wanted)
        assert row["input_verdict"] == "kolom sendiri"
    single = checker.check(drafts[0].photo, drafts[0].caption or "")  # type: ignore[arg-type]
    assert rows[0]["fit"] == pytest.approx(single.fit, abs=2e-6)
    assert rows[0]["signature"] == str(single.signature)
    assert_nothing_is_embedded_anew(tmp_path, monkeypatch, rows)


def assert_nothing_is_embedded_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    """Merge what each worker kept, and run once more on one machine, without towers."""
    caches = sorted((folder / "caches").glob("*.sqlite"))
    assert [path.name for path in caches] == ["worker-000.sqlite", "worker-001.sqlite"]
    held = []
    for path in caches:
        with EmbeddingCache(path) as cache:
            held.append(len(cache))
    assert all(held)  # both were at work
    command = ["cache", "merge", str(folder / "all.sqlite"), *map(str, caches)]
    assert CliRunner().invoke(app, command).exit_code == 0

    def no_towers(*_: object) -> NoReturn:
        raise AssertionError("something was embedded anew")

    checker = Checker.load("mini", cache=folder / "all.sqlite")
    for name in ("encode_photos", "encode_texts"):
        monkeypatch.setattr(ModelEncoder, name, no_towers)
    again = checker.check_drafts(read_drafts(folder / "m.parquet", root=EXAMPLES), alone=True)
    for score, row in zip(again, rows, strict=True):
        assert score.fit == (None if row["fit"] is None else pytest.approx(row["fit"], abs=2e-6))


@pytest.mark.loopback
def test_killed_workers_and_bad_rows_cost_no_other_row(ray_data: Any, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 24)
    rows: list[dict[str, Any]] = [
        {
            "image": {"bytes": Path(str(d.photo)).read_bytes(), "path": None},
            "caption": d.caption,
            "id": str(n),
        }
        for n, d in enumerate(drafts)
    ]
    rows[5]["image"] = {"bytes": b"rusak", "path": None}
    rows[9]["caption"] = None
    rows[13]["image"] = {"bytes": None, "path": "/etc/passwd"}
    rows[17]["image"] = {"bytes": None, "path": None}
    rows[18]["caption"] = "Foto yang mematikan"  # whoever scores it
    struct = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    schema = pa.schema([("image", struct), ("caption", pa.string()), ("id", pa.string())])
    ds = ray_data.from_arrow(
        [pa.Table.from_pylist(rows[n : n + 4], schema=schema) for n in range(0, 24, 4)]
    )
    found = {row["id"]: row for row in scored(ds, tmp_path, "die").take_all()}
    assert (tmp_path / "done once").exists()
    # At most both workers died, of the first kill and of the draft that kills. Beside them are a
    # process each, and for the draft that kills two more.
    assert 4 <= len(list(tmp_path.glob("started-*"))) <= 6
    assert len(found) == 24
    errors = {name: row["error"].partition(":")[0] for name, row in found.items() if row["error"]}
    assert errors == {
        "5": "PhotoUnreadableError",
        "9": "CaptionEmptyError",
        "13": "PhotoRootlessError",
        "17": "PhotoCellError",
        "18": "WorkerLostError",
    }
    assert "worked on 18 died (signal SIGKILL)" in found["18"]["error"]
    checker = fake_checker(tmp_path)
    for number, draft in enumerate(drafts):
        if str(number) not in errors:
            score = checker.check(draft.photo, draft.caption or "")  # type: ignore[arg-type]
            assert found[str(number)]["fit"] == pytest.approx(score.fit, abs=2e-6)


@pytest.mark.loopback
def test_an_interrupted_job_goes_on_from_rays_checkpoint(ray_data: Any, tmp_path: Path) -> None:
    from ray.data.checkpoint import CheckpointConfig  # noqa: PLC0415 - as above

    drafts = own_drafts(tmp_path, 32)
    for part in range(8):
        own = drafts[part * 4 : part * 4 + 4]
        names = [Path(str(draft.photo)).name for draft in own]
        table = pa.table({"id": names, "photo": names, "caption": [d.caption for d in own]})
        (tmp_path / "in").mkdir(exist_ok=True)
        parquet.write_table(table, tmp_path / "in" / f"{part}.parquet")
    context = ray_data.DataContext.get_current()
    context.checkpoint_config = CheckpointConfig(
        id_column="id", checkpoint_path=str(tmp_path / "checkpoint")
    )
    try:
        for act in ("fail", ""):
            (tmp_path / f"run-{act}").mkdir()
            ds = ray_data.read_parquet(str(tmp_path / "in"))
            out = scored(ds, tmp_path / f"run-{act}", act, workers=1, root=tmp_path)
            if act:
                with pytest.raises(Exception, match="stopped in the middle"):
                    out.write_parquet(str(tmp_path / "out"))
            else:
                out.write_parquet(str(tmp_path / "out"))
    finally:
        context.checkpoint_config = None
    written = [
        row
        for path in (tmp_path / "out").glob("*.parquet")
        for row in parquet.read_table(path).to_pylist()
    ]
    assert sorted(row["id"] for row in written) == sorted(Path(str(d.photo)).name for d in drafts)
    assert all(row["error"] is None for row in written)
    assert 0 < photos_encoded(tmp_path / "run-") < 32


# --- without Ray -------------------------------------------------------------------------------

NO_DATASET: Any = None


def test_the_class_works_on_any_table(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png")
    scorer = DraftScorer(
        partial(fake_checker, tmp_path),
        root=tmp_path,
        columns={"photo": "Berkas", "id": "n"},
        far=0.5,
    )
    table = pa.table({"n": [7], "berkas": ["a.png"], "caption": ["Mobil merah"], "photo": ["lain"]})
    (row,) = scorer(table).to_pylist()
    assert (row["id"], row["photo"], row["input_photo"]) == ("7", str(tmp_path / "a.png"), "lain")
    assert row["signature"].endswith("far:0.5/0.5")
    with pytest.raises(ManifestColumnError, match="berkas"):
        scorer(table.drop_columns(["berkas"]))


def other_checker() -> Checker:
    encoder = Another()
    cohort = fake_cohort(encoder)
    return Checker(encoder, fake_calibration(encoder, cohort), cohort)


def test_a_second_opinion(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png")
    first = partial(fake_checker, tmp_path)
    table = pa.table({"photo": ["a.png"] * 2, "caption": ["Mobil merah", "Laut biru"]})
    rows = DraftScorer(first, second=other_checker, root=tmp_path)(table).to_pylist()
    alone = [DraftScorer(load, root=tmp_path)(table).to_pylist() for load in (first, other_checker)]
    for row, one, other in zip(rows, *alone, strict=True):
        assert row["fit"] == pytest.approx((one["fit"] + other["fit"]) / 2, abs=2e-6)
        assert row["signature"].startswith("mean-of-2|")
    with pytest.raises(ArgumentError, match="another model"):
        DraftScorer(first, second=first, root=tmp_path)(table)


def test_a_model_without_a_calibration_scores_rows_as_if_alone(tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 14)
    table = pa.table(
        {
            "photo": [Path(str(draft.photo)).name for draft in drafts],
            "caption": [draft.caption for draft in drafts],
        }
    )
    checker = Checker.from_encoder(FakeEncoder())
    rows = DraftScorer(lambda: checker, root=tmp_path)(table).to_pylist()
    # On one machine so many drafts are a null by themselves; here none may change another's row.
    assert checker.check_drafts(drafts).null_kind == "batch"
    for row, draft in zip(rows, drafts, strict=True):
        single = checker.check(draft.photo, draft.caption or "")  # type: ignore[arg-type]
        assert row["fit"] == pytest.approx(single.fit, abs=2e-6)
        assert row["signature"] == str(single.signature)
        assert "|null:cohort|" in row["signature"]
        assert "uncalibrated" in {reason["code"] for reason in row["reasons"]}


def test_captions_in_a_language_that_the_model_never_learned(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png")
    plain = FakeEncoder()
    cohort = fake_cohort(plain)
    null = fake_calibration(plain, cohort)
    caption = "Puluhan warga memadati halaman kantor untuk mengikuti sidang keliling hari ini"
    table = pa.table({"photo": ["a.png"], "caption": [caption]})
    for allowed in (False, True):
        checker = Checker(plain, null, cohort, languages=["en"], any_language=allowed)
        (row,) = DraftScorer(partial(_same, checker), root=tmp_path)(table).to_pylist()
        refused = (row["error"] or "").startswith("CaptionLanguageError")
        assert refused is not allowed
        assert ("|languages:any|" in row["signature"]) is allowed


def _same(checker: Checker) -> Checker:
    return checker


def test_a_model_that_kills_whoever_loads_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_photo(tmp_path / "a.png")
    monkeypatch.setattr("imgfit.distributed.scorer._was_restarted", lambda: True)
    table = pa.table({"photo": ["a.png"], "caption": ["Mobil merah"]})
    with pytest.raises(WorkerLostError, match=r"worked on the model died \(signal SIGKILL\)"):
        DraftScorer(die, root=tmp_path)(table)


def die() -> Checker:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"actors": 0}, ArgumentError),
        ({"actors": (3, 2)}, ArgumentError),
        ({"drafts_per_task": 0}, ArgumentError),
        ({"batch_size": 0}, ArgumentError),
        ({"num_cpus": 0}, ArgumentError),
        ({"num_gpus": -1}, ArgumentError),
        ({"num_gpus": 1, "runtime": "onnx"}, ArgumentError),
        ({"decode_threads": 0}, ArgumentError),
        ({"runtime": "tpu"}, ArgumentError),
        ({"far": 2}, ArgumentError),
        ({"columns": {"label": "x"}}, ArgumentError),
        ({"root": "http://host/"}, ArgumentError),
        ({"model": "no such model"}, ModelUnknownError),
        ({"second": "no such model"}, ModelUnknownError),
        ({"second": "mini"}, ArgumentError),
    ],
)
def test_bad_arguments_are_told_before_anything_runs(
    arguments: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        score_dataset(NO_DATASET, **arguments)


class Planned:
    """A dataset that keeps what its workers would be made of."""

    def repartition(self, **_: Any) -> Planned:
        return self

    def map_batches(self, *_: Any, fn_constructor_args: Any, **__: Any) -> Any:
        return fn_constructor_args[0].keywords


@pytest.mark.parametrize(
    ("arguments", "runtime", "device"),
    [
        ({}, None, "cpu"),
        ({"num_gpus": 0.5}, "torch", None),  # a GPU that was set aside is used
        ({"runtime": "torch"}, "torch", "cpu"),
    ],
)
def test_what_workers_run_the_model_in(
    arguments: dict[str, Any], runtime: str | None, device: str | None
) -> None:
    plan: Any = score_dataset(Planned(), **arguments)
    assert (plan["runtime"], plan["device"]) == (runtime, device)


@pytest.mark.parametrize("package", ["ray.data", "pyarrow"])
def test_without_the_extra_it_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PackageMissingError, match="score_dataset needs"):
        imgfit.score_dataset(NO_DATASET)


def test_importing_imgfit_loads_none_of_it() -> None:
    code = (
        "import sys, imgfit, imgfit.cli.app; print({'ray', 'pyarrow', 'fsspec'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_each_worker_has_a_cache_of_its_own(tmp_path: Path) -> None:
    first, second = own_cache(tmp_path), own_cache(tmp_path)
    assert isinstance(first, EmbeddingCache)
    assert [first.path.name, second.path.name] == ["worker-000.sqlite", "worker-001.sqlite"]
    first.close()
    second.close()


def test_the_cluster_file_is_one_that_ray_takes() -> None:
    from ray import autoscaler  # noqa: PLC0415 - slow

    schema = json.loads(Path(autoscaler.__file__).with_name("ray-schema.json").read_text("utf-8"))
    config = yaml.safe_load((ROOT / "docs" / "ray-cluster.yaml").read_text("utf-8"))
    jsonschema.validate(config, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**config, "provider": {"kind": "local"}}, schema)
