"""The digits: 10,000 in the repository, or the full MNIST training set fetched once.

Pixels are float32 from -1 (background) to 1 (ink), one row of 784 per digit. Tensors are shared by
all runs of a process: read them, never write into them.

The full set is torchvision's: its mirrors, checksums, place on disk, decoder. Only the way over the network
is ours: torchvision's can wait for ever, prints, and leaves half a file when it is stopped while unpacking.
So are the checksums of the unpacked files: a file of the right length may hold anything, and torchvision
looks at its header only.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.client
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Self

import torch

from gan_core.bundled import BUNDLED, BUNDLED_SHA256, CACHE, DataError, bundled_digits_and_classes, reason_of
from gan_core.data.sets import DataSet
from gan_core.settings import HELD_OUT

State = Literal["running", "ready", "failed"]


class Resource(NamedTuple):
    """One file of MNIST as the mirrors serve it."""

    name: str  # ends in .gz
    md5: str  # of the packed file
    packed: int  # bytes
    unpacked: int  # bytes
    sha256: str  # of the unpacked file

    def path(self, root: Path) -> Path:
        """Where the unpacked file lies, as torchvision has it."""
        return root / "MNIST" / "raw" / self.name.removesuffix(".gz")

    def is_whole(self, root: Path) -> bool:
        """Whether the unpacked file is there, and the right one. It is read once, and again if it changes."""
        path = self.path(root)
        try:
            found = os.stat(path)
            return found.st_size == self.unpacked and _sha256(path, found.st_mtime_ns) == self.sha256
        except OSError:
            return False


Report = Callable[[Resource, int], None]  # hears how many packed bytes of a file have come
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
RESOURCES = (
    Resource("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422, 47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    Resource("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28_881, 60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    Resource("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1_648_877, 7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    Resource("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4_542, 10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
PAUSES = (0.0, 2.0)  # seconds before each round over the mirrors; so many rounds for each file
TIMEOUT = 10.0  # seconds of silence after which a mirror is given up
DEADLINE = 900.0  # seconds the whole download may take


def load_digits(name: str, root: Path = CACHE, resources: Sequence[Resource] = RESOURCES) -> DataSet:
    """The digits called mnist_10k, or mnist_60k if they are already below `root`; else DataError."""
    if name == "mnist_10k":
        return bundled_digits()
    if name != "mnist_60k":
        raise DataError(f"There are no digits called {name!r}, only mnist_10k and mnist_60k.")
    for resource in resources:
        if not resource.is_whole(root):
            problem = "not the one of MNIST" if resource.path(root).exists() else "missing"
            raise DataError(
                f"The full MNIST set is not in {root / 'MNIST'}: download it first or use mnist_10k "
                f"({resource.path(root).name} is {problem})."
            )
    return _full(root)


def bundled_classes() -> tuple[torch.Tensor, torch.Tensor]:
    """Which digit each bundled one is, to train [8000] and held out [2000]. Raises DataError."""
    digits = bundled_digits()
    assert digits.train_classes is not None
    assert digits.held_out_classes is not None
    return digits.train_classes, digits.held_out_classes


def full_set_is_here(root: Path = CACHE, resources: Sequence[Resource] = RESOURCES) -> bool:
    """Whether every file of the full set lies below `root`, unchanged."""
    return all(resource.is_whole(root) for resource in resources)


@functools.cache
def bundled_digits(path: Path = BUNDLED, sha256: str = BUNDLED_SHA256) -> DataSet:
    """The 10,000 digits of the repository: 8,000 to train, the last 2,000 held out. Read once per process.

    Raises DataError as `bundled_digits_and_classes` does.
    """
    images, classes = (torch.from_numpy(array) for array in bundled_digits_and_classes(path, sha256))
    return _split("mnist_10k", images, classes, held_out=HELD_OUT)


def full_digits(
    root: Path = CACHE,
    mirrors: Sequence[str] = MIRRORS,
    resources: Sequence[Resource] = RESOURCES,
    report: Report = lambda resource, received: None,
) -> DataSet:
    """MNIST's 60,000 training digits; files missing or damaged below `root` are downloaded first.

    They are shuffled into one fixed order, whose last thirtieth (2,000) is held out while the others train,
    so the two never overlap; MNIST's own test digits stay unused. Blocks while it downloads, for DEADLINE
    seconds or little more (see `Download`). Raises DataError.
    """
    deadline = time.monotonic() + DEADLINE
    for resource in resources:
        if not resource.is_whole(root):
            _save(_fetch(resource, mirrors, deadline, report), resource.path(root))
        report(resource, resource.packed)
    return _full(root)


class Download:
    """Fetches the full set in a background thread; once failed, a new one is needed to try again."""

    def __init__(
        self, root: Path = CACHE, mirrors: Sequence[str] = MIRRORS, resources: Sequence[Resource] = RESOURCES
    ) -> None:
        self.state: State = "running"
        self.progress = 0.0  # share of the bytes that have come, 0 to 1; never falls
        self.error: str | None = None  # once failed, one sentence: why, and what is used instead
        self._received = dict.fromkeys(resources, 0)
        self._digits: DataSet | None = None
        self._work = functools.partial(full_digits, root, mirrors, resources, self._advance)
        self._thread = threading.Thread(target=self._run, name="mnist-download", daemon=True)

    def start(self) -> Self:
        """Begins; once only."""
        self._thread.start()
        return self

    def wait(self, seconds: float | None = None) -> State:
        """Blocks until the end, or for so many seconds; returns the state then."""
        self._thread.join(seconds)
        return self.state

    @property
    def result(self) -> DataSet:
        """The full set when ready, the bundled digits when failed (`name` tells); DataError while running."""
        if self.state == "running":
            raise DataError("The full MNIST set is still being downloaded.")
        return self._digits or bundled_digits()

    def _run(self) -> None:
        reason = "The download of the full MNIST set stopped unexpectedly."
        try:
            self._digits = self._work()
        except DataError as error:
            reason = str(error)
        finally:  # also after an error nobody foresaw, whose traceback still goes to stderr
            if self._digits is None:
                self.error = f"{reason.rstrip('.')}, so the bundled 10,000 digits are used instead."
            self.state = "ready" if self._digits else "failed"

    def _advance(self, resource: Resource, received: int) -> None:
        self._received[resource] = max(self._received[resource], min(received, resource.packed))
        self.progress = sum(self._received.values()) / sum(resource.packed for resource in self._received)


@functools.cache
def _full(root: Path) -> DataSet:
    try:
        from torchvision import datasets  # lazily: it costs a second
    except (ImportError, RuntimeError) as error:  # RuntimeError: it was built for another torch
        raise DataError(f"torchvision does not work here ({reason_of(error)}): install it anew.") from error
    try:
        whole = datasets.MNIST(root, train=True)
        images, classes = whole.data, whole.targets
    except (OSError, RuntimeError, ValueError, TypeError, AssertionError, KeyError) as error:
        problem = f"torchvision cannot read {root / 'MNIST'} ({reason_of(error)})"
        raise DataError(f"{problem}: delete the folder and try again.") from error
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))  # never change it
    return _split("mnist_60k", images[order], classes[order], held_out=len(images) // 30)


def _split(name: str, images: torch.Tensor, classes: torch.Tensor, held_out: int) -> DataSet:
    """From uint8 [n, 28, 28] and whole numbers [n]; byte 0 becomes exactly -1 and 255 exactly 1."""
    pixels = images.reshape(-1, 784).float().div_(127.5).sub_(1.0)
    train, kept = slice(len(pixels) - held_out), slice(len(pixels) - held_out, None)
    classes = classes.long()
    return DataSet(
        name, pixels[train], pixels[kept], train_classes=classes[train], held_out_classes=classes[kept]
    )


@functools.cache
def _sha256(path: Path, changed: int) -> str:
    """Of the file as it was at `changed`; half a second for all of MNIST. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(resource: Resource, mirrors: Sequence[str], deadline: float, report: Report) -> bytes:
    """The packed file, whole and checked; every mirror is asked once a round. Raises DataError."""
    failures: dict[str, str] = {}
    for pause in PAUSES:
        time.sleep(pause)
        for mirror in mirrors:
            try:
                return _receive(mirror, resource, deadline, report)
            except (OSError, http.client.HTTPException, DataError) as error:
                failures[mirror] = f"{mirror} {reason_of(error)}"
    raise DataError(f"Could not download {resource.name} ({'; '.join(failures.values())}).")


def _receive(mirror: str, resource: Resource, deadline: float, report: Report) -> bytes:
    """One attempt, in memory: nothing unchecked touches the disk."""
    content = bytearray()
    with urllib.request.urlopen(mirror + resource.name, timeout=TIMEOUT) as response:  # noqa: S310
        # read1, since read would wait until the chunk is full, however long that takes
        while len(content) <= resource.packed and (chunk := response.read1(1 << 16)):
            content += chunk
            if time.monotonic() > deadline:
                raise DataError("took too long")
            report(resource, len(content))
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != resource.md5:
        raise DataError("sent a damaged file")
    return bytes(content)


def _save(packed: bytes, target: Path) -> None:
    """Unpacks into `target`, which appears whole or not at all. Raises DataError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            part = Path(folder, target.name)
            part.write_bytes(gzip.decompress(packed))
            part.replace(target)
    except OSError as error:
        raise DataError(f"Could not save {target} ({reason_of(error)}).") from error
