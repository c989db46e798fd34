"""DataSet from the repository and from (local) mirrors, whole, damaged, slow and absent."""

from __future__ import annotations

import ast
import gzip
import hashlib
import itertools
import queue
import socket
import sys
import threading
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from gan_core import settings
from gan_core.bundled import BUNDLED, DataError
from gan_core.data import DataSet, Download, Resource
from gan_core.data import digits as data

IMAGES = "train-images-idx3-ubyte.gz"
PATIENCE = 60.0  # seconds after which a test gives up; importing torchvision takes 10 on a busy machine


# --- A small MNIST and a mirror that serves it


def _packed(array: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(head + array.tobytes(), compresslevel=1, mtime=0)


PIXELS = np.random.default_rng(7).integers(0, 256, (300, 28, 28), dtype=np.uint8)
PIXELS[:, 0, 0] = np.arange(300) // 256  # each image starts with its own number
PIXELS[:, 0, 1] = np.arange(300) % 256
PIXELS[:, 0, 2], PIXELS[:, 0, 3] = 0, 255
FILES = {
    IMAGES: _packed(PIXELS),
    "train-labels-idx1-ubyte.gz": _packed(np.zeros(300, np.uint8)),
    "t10k-images-idx3-ubyte.gz": _packed(PIXELS[:30]),
    "t10k-labels-idx1-ubyte.gz": _packed(np.zeros(30, np.uint8)),
}
RESOURCES = tuple(
    Resource(
        name, hashlib.md5(file, usedforsecurity=False).hexdigest(), len(file), len(gzip.decompress(file)),
        hashlib.sha256(gzip.decompress(file)).hexdigest(),
    )
    for name, file in FILES.items()
)  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Mirror)
        self.server.reply(self)

    def log_message(self, *_: object) -> None:
        pass


class Mirror(ThreadingHTTPServer):
    """Serves FILES; the replies in `odd` come first, each once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.odd: defaultdict[str, list[Callable[[BaseHTTPRequestHandler], None]]] = defaultdict(list)
        self.asked: list[str] = []

    def reply(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.lstrip("/")
        self.asked.append(name)
        (self.odd[name].pop(0) if self.odd[name] else send(FILES[name]))(handler)


def send(body: bytes, announced: int | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body) if announced is None else announced))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def busy(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(503)


@pytest.fixture
def mirrors() -> Iterator[tuple[Mirror, Mirror]]:
    servers = Mirror(), Mirror()
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in servers]
    for thread in threads:
        thread.start()
    yield servers
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _direct_and_without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(data, "PAUSES", (0.0, 0.0))


class Watched(Download):
    """Puts every progress it makes into a queue."""

    seen: queue.Queue[float]

    def _advance(self, resource: Resource, received: int) -> None:
        super()._advance(resource, received)
        self.seen.put(self.progress)


def watched(root: Path, *servers: Mirror) -> Watched:
    download = Watched(root, [server.url for server in servers], RESOURCES)
    download.seen = queue.Queue()
    return download


def as_bytes(pixels: torch.Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return ((pixels.double() + 1) * 127.5).round().to(torch.uint8).numpy()


def numbers(pixels: torch.Tensor) -> list[int]:
    return [int(row[0]) * 256 + int(row[1]) for row in as_bytes(pixels)]


def assert_is_small_mnist(digits: DataSet) -> None:
    both = torch.cat([digits.train, digits.held_out])
    assert np.array_equal(as_bytes(both), PIXELS.reshape(300, 784)[numbers(both)])
    assert sorted(numbers(both)) == list(range(300))  # nothing twice, so nothing in both parts
    assert (len(digits.train), len(digits.held_out)) == (290, 10)
    assert (both.min().item(), both.max().item(), both.dtype) == (-1.0, 1.0, torch.float32)


def assert_failed_gracefully(download: Download, *words: str) -> None:
    assert download.wait(PATIENCE) == "failed"
    assert download.error is not None
    assert download.error.endswith(", so the bundled 10,000 digits are used instead.")
    assert "\n" not in download.error
    assert "Traceback" not in download.error
    assert "urlopen" not in download.error
    for word in words:
        assert word in download.error
    assert download.result is data.bundled_digits()


def files_below(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.name not in ("MNIST", "raw"))


UNPACKED = sorted(name.removesuffix(".gz") for name in FILES)


# --- The full set


def test_download_then_offline(
    tmp_path: Path, mirrors: tuple[Mirror, Mirror], capfd: pytest.CaptureFixture[str]
) -> None:
    assert not data.full_set_is_here(tmp_path, RESOURCES)
    download = Download(tmp_path, [mirrors[0].url], RESOURCES).start()
    assert download.wait(PATIENCE) == "ready"
    assert (download.error, download.progress, download.result.name) == (None, 1.0, "mnist_60k")
    assert_is_small_mnist(download.result)
    assert files_below(tmp_path) == UNPACKED
    assert mirrors[0].asked == list(FILES)
    assert data.load_digits("mnist_60k", tmp_path, RESOURCES) is download.result
    assert data.full_digits(tmp_path, [mirrors[0].url], RESOURCES) is download.result
    again = Download(tmp_path, [mirrors[0].url], RESOURCES).start()
    assert (again.wait(PATIENCE), again.progress) == ("ready", 1.0)
    assert mirrors[0].asked == list(FILES)  # nothing was asked for again
    assert data.full_set_is_here(tmp_path, RESOURCES)
    assert capfd.readouterr() == ("", "")


def test_the_split_is_the_same_everywhere(tmp_path: Path, mirrors: tuple[Mirror, Mirror]) -> None:
    one, two = (data.full_digits(tmp_path / name, [mirrors[0].url], RESOURCES) for name in "ab")
    assert torch.equal(one.train, two.train)
    assert torch.equal(one.held_out, two.held_out)
    assert numbers(one.held_out)[:5] == [237, 232, 42, 106, 176]


def test_second_mirror_steps_in(tmp_path: Path, mirrors: tuple[Mirror, Mirror]) -> None:
    mirrors[0].odd[IMAGES] = [busy]
    assert_is_small_mnist(data.full_digits(tmp_path, [mirror.url for mirror in mirrors], RESOURCES))
    assert mirrors[0].asked == list(FILES)
    assert mirrors[1].asked == [IMAGES]


@pytest.mark.parametrize(
    "bad",
    [
        send(FILES[IMAGES][:999]),
        send(FILES[IMAGES][:999], announced=len(FILES[IMAGES])),
        send(FILES[IMAGES] + b"more"),
        send(b"<html>Please sign in to the school network</html>"),
        send(b""),
        busy,
        lambda handler: handler.connection.close(),
        lambda handler: handler.wfile.write(b"220 this is no web server\r\n\r\n") and None,
    ],
    ids=["short", "cut off", "long", "captive portal", "empty", "503", "hung up", "no HTTP"],
)
def test_retry_after_a_bad_reply(
    bad: Callable[[BaseHTTPRequestHandler], None], tmp_path: Path, mirrors: tuple[Mirror, Mirror]
) -> None:
    mirrors[0].odd[IMAGES] = [bad]
    download = watched(tmp_path, mirrors[0])
    assert download.start().wait(PATIENCE) == "ready"
    assert_is_small_mnist(download.result)
    assert mirrors[0].asked == [IMAGES, *FILES]
    progress = list(download.seen.queue)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_an_endless_reply_is_cut_off(tmp_path: Path, mirrors: tuple[Mirror, Mirror]) -> None:
    cut_off = threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(bytes(1 << 16))
        except OSError:
            cut_off.set()

    mirrors[0].odd[IMAGES] = [endless]
    assert_is_small_mnist(data.full_digits(tmp_path, [mirrors[0].url], RESOURCES))
    assert cut_off.wait(PATIENCE)


def test_pause_before_the_retry(
    tmp_path: Path, mirrors: tuple[Mirror, Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(data, "PAUSES", (0.0, 2.5))
    mirrors[0].odd[IMAGES] = [busy]
    data.full_digits(tmp_path, [mirrors[0].url], RESOURCES)
    assert [pause for pause in slept if pause] == [2.5]


def test_wrong_checksum_for_ever_leaves_nothing(tmp_path: Path, mirrors: tuple[Mirror, Mirror]) -> None:
    forged = bytes(FILES[IMAGES][:-1]) + b"!"
    for mirror in mirrors:
        mirror.odd[IMAGES] = [send(forged), send(forged)]
    urls = [mirror.url for mirror in mirrors]
    download = Download(tmp_path, urls, RESOURCES).start()
    assert_failed_gracefully(download, IMAGES, "damaged", *urls)
    assert [mirror.asked for mirror in mirrors] == [[IMAGES, IMAGES]] * 2
    assert files_below(tmp_path) == []
    assert Download(tmp_path, urls, RESOURCES).start().wait(PATIENCE) == "ready"


def test_a_file_cut_short_on_disk_is_fetched_again(tmp_path: Path, mirrors: tuple[Mirror, Mirror]) -> None:
    data.full_digits(tmp_path / "whole", [mirrors[0].url], RESOURCES)
    cut = RESOURCES[0].path(tmp_path)
    (tmp_path / "whole" / "MNIST").rename(tmp_path / "MNIST")
    cut.write_bytes(cut.read_bytes()[:5000])
    assert not data.full_set_is_here(tmp_path, RESOURCES)
    mirrors[0].asked.clear()
    with pytest.raises(DataError, match=r"not in .*MNIST: download it first"):
        data.load_digits("mnist_60k", tmp_path, RESOURCES)
    assert_is_small_mnist(data.full_digits(tmp_path, [mirrors[0].url], RESOURCES))
    assert mirrors[0].asked == [IMAGES]


def test_progress_follows_the_bytes(tmp_path: Path, mirrors: tuple[Mirror, Mirror]) -> None:
    body, go = FILES[IMAGES], threading.Semaphore(0)
    ends = [0, 1000, 2000, 100_000, len(body)]

    def in_pieces(handler: BaseHTTPRequestHandler) -> None:
        send(b"", announced=len(body))(handler)
        for start, end in itertools.pairwise(ends):
            assert go.acquire(timeout=PATIENCE)
            handler.wfile.write(body[start:end])

    mirrors[0].odd[IMAGES] = [in_pieces]
    download = watched(tmp_path, mirrors[0])
    assert download.progress == 0.0
    download.start()
    for end in ends[1:-1]:
        expected = end / sum(resource.packed for resource in RESOURCES)
        go.release()
        while (progress := download.seen.get(timeout=PATIENCE)) < expected:
            pass
        assert (progress, download.progress, download.state) == (expected, expected, "running")
        workers = [thread for thread in threading.enumerate() if thread.name == "mnist-download"]
        assert [thread.daemon for thread in workers] == [True]  # the process may end meanwhile
        with pytest.raises(DataError, match="still being downloaded"):
            _ = download.result
    go.release()
    assert download.wait(PATIENCE) == "ready"
    assert download.progress == 1.0


def test_no_network(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as deaf:  # bound but not listening: connections are refused
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        assert_failed_gracefully(Download(tmp_path, [url], RESOURCES).start(), IMAGES, "Connection refused")
    assert files_below(tmp_path) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("started", [False, True], ids=["no answer", "stops in the middle"])
def test_a_silent_mirror_is_given_up(
    started: bool, tmp_path: Path, mirrors: tuple[Mirror, Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "TIMEOUT", 0.1)
    end = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        if started:
            send(FILES[IMAGES][:999], announced=len(FILES[IMAGES]))(handler)
        end.wait(PATIENCE)

    mirrors[0].odd[IMAGES] = [silent, silent]
    assert_failed_gracefully(Download(tmp_path, [mirrors[0].url], RESOURCES).start(), IMAGES, "timed out")
    end.set()


def test_a_slow_mirror_is_given_up(
    tmp_path: Path, mirrors: tuple[Mirror, Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "DEADLINE", -1.0)
    assert_failed_gracefully(Download(tmp_path, [mirrors[0].url], RESOURCES).start(), IMAGES, "took too long")


def test_nowhere_to_save(tmp_path: Path, mirrors: tuple[Mirror, Mirror]) -> None:
    (tmp_path / "MNIST").write_text("a file where the folder should be")
    download = Download(tmp_path, [mirrors[0].url], RESOURCES).start()
    assert_failed_gracefully(download, "Could not save", str(tmp_path))


def test_files_that_are_no_images(tmp_path: Path) -> None:
    zeros = [r._replace(sha256=hashlib.sha256(bytes(r.unpacked)).hexdigest()) for r in RESOURCES]
    for resource in zeros:
        resource.path(tmp_path).parent.mkdir(parents=True, exist_ok=True)
        resource.path(tmp_path).write_bytes(bytes(resource.unpacked))
    with pytest.raises(DataError, match=r"cannot read .*MNIST .*delete the folder"):
        data.load_digits("mnist_60k", tmp_path, zeros)


def all_black(unpacked: bytes) -> bytes:
    return unpacked[:16] + bytes(len(unpacked) - 16)  # a right header


def packed(unpacked: bytes) -> bytes:
    return gzip.compress(unpacked, mtime=0)[: len(unpacked)].ljust(len(unpacked), b"\0")


@pytest.mark.parametrize("damage", [all_black, packed])
def test_a_file_of_the_right_length_that_is_not_mnist_is_refused_and_fetched_again(
    damage: Callable[[bytes], bytes], tmp_path: Path, mirrors: tuple[Mirror, Mirror]
) -> None:
    # In another folder than the digits that torchvision has read once, which are kept in memory.
    for resource, file in zip(RESOURCES, FILES.values(), strict=True):
        resource.path(tmp_path).parent.mkdir(parents=True, exist_ok=True)
        resource.path(tmp_path).write_bytes(gzip.decompress(file))
    images = RESOURCES[0].path(tmp_path)
    assert data.full_set_is_here(tmp_path, RESOURCES)
    images.write_bytes(damage(images.read_bytes()))
    assert images.stat().st_size == RESOURCES[0].unpacked
    assert not data.full_set_is_here(tmp_path, RESOURCES)
    with pytest.raises(DataError, match=r"download it first .*train-images-idx3-ubyte is not the one"):
        data.load_digits("mnist_60k", tmp_path, RESOURCES)
    assert_is_small_mnist(data.full_digits(tmp_path, [mirrors[0].url], RESOURCES))
    assert mirrors[0].asked == [IMAGES]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_even_a_bug_ends_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(data, "_fetch", bug)
    assert_failed_gracefully(Download(tmp_path, [], RESOURCES).start(), "stopped unexpectedly")


@pytest.mark.parametrize("error", [ImportError("not there"), RuntimeError("operator nms does not exist")])
def test_torchvision_that_does_not_load(
    error: Exception, tmp_path: Path, mirrors: tuple[Mirror, Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(types.ModuleType):
        def __getattr__(self, name: str) -> object:
            raise error

    monkeypatch.setitem(sys.modules, "torchvision", Broken("torchvision"))
    download = Download(tmp_path, [mirrors[0].url], RESOURCES).start()
    assert_failed_gracefully(download, f"torchvision does not work here ({error})")


def test_files_and_mirrors_are_those_of_torchvision() -> None:
    from torchvision import datasets

    assert [(resource.name, resource.md5) for resource in data.RESOURCES] == datasets.MNIST.resources
    assert list(data.MIRRORS) == datasets.MNIST.mirrors


def test_the_checksums_of_the_unpacked_files_tell_four_files_apart() -> None:
    assert {len(resource.sha256) for resource in data.RESOURCES} == {64}
    assert len({resource.sha256 for resource in data.RESOURCES}) == 4


# --- The bundled digits


def test_bundled_digits() -> None:
    digits = data.bundled_digits()
    with np.load(BUNDLED, allow_pickle=False) as arrays:
        images = arrays["images"].reshape(10_000, 784)
    assert digits.name == "mnist_10k"
    assert np.array_equal(as_bytes(digits.train), images[:8000])
    assert np.array_equal(as_bytes(digits.held_out), images[8000:])
    for part in (digits.train, digits.held_out):
        assert (part.min().item(), part.max().item(), part.dtype) == (-1.0, 1.0, torch.float32)
    assert data.load_digits("mnist_10k") is data.bundled_digits() is digits  # one copy for all runs
    assert digits != DataSet(digits.name, digits.train.clone(), digits.held_out)  # compared as objects


def test_every_prefix_is_a_fair_sample() -> None:
    with np.load(BUNDLED, allow_pickle=False) as arrays:
        labels = arrays["labels"]
    everything = np.bincount(labels)
    assert everything.tolist() == [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]
    for part in (labels[:1000], labels[:8000], labels[8000:]):
        assert np.abs(np.bincount(part) / len(part) - everything / 10_000).max() < 0.03


def test_one_flipped_byte(tmp_path: Path) -> None:
    content = bytearray(BUNDLED.read_bytes())
    content[len(content) // 2] ^= 1
    copy = tmp_path / "flipped.npz"
    copy.write_bytes(content)
    with pytest.raises(
        DataError, match=r"flipped.npz .*SHA-256.*restore data/mnist_10k.npz from the repository"
    ):
        data.bundled_digits(copy)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent.npz \(No such file.*restore data/mnist_10k.npz"):
        data.bundled_digits(tmp_path / "absent.npz")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _Bomb:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., object], tuple[Path]]:
        return Path.touch, (self.marker,)


def test_a_pickle_inside_is_not_opened(tmp_path: Path) -> None:
    path, marker = tmp_path / "bomb.npz", tmp_path / "went off"
    bomb = np.empty(1, dtype=object)
    bomb[0] = _Bomb(marker)
    np.savez(path, images=bomb)
    with pytest.raises(DataError, match=r"bomb.npz .*pickle"):
        data.bundled_digits(path, _sha256(path))
    assert not marker.exists()
    with np.load(path, allow_pickle=True) as arrays:  # the bomb is real
        _ = arrays["images"]
    assert marker.exists()


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (np.zeros((10_000, 28, 28), np.float32), "float32"),
        (np.zeros((9_999, 28, 28), np.uint8), "9999"),
        (np.zeros((10_000, 784), np.uint8), "784"),
    ],
)
def test_other_contents(
    images: np.ndarray[tuple[int, ...], np.dtype[np.generic]], complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, images=images, labels=np.zeros(10_000, np.uint8))
    with pytest.raises(DataError, match=f"other.npz .*{complaint}"):
        data.bundled_digits(path, _sha256(path))


def test_no_images_inside(tmp_path: Path) -> None:
    path = tmp_path / "labels.npz"
    np.savez(path, labels=np.zeros(3, np.uint8))
    with pytest.raises(DataError, match=r"labels.npz .*images"):
        data.bundled_digits(path, _sha256(path))


# --- Names


def test_load_knows_the_names_of_the_settings(tmp_path: Path) -> None:
    digits = [name for name in get_args(settings.Data) if settings.sample_of(name) == "digits"]
    assert digits == ["mnist_10k", "mnist_60k"]
    with pytest.raises(DataError, match="'mnist_70k', only mnist_10k and mnist_60k"):
        data.load_digits("mnist_70k")
    with pytest.raises(DataError, match=r"not in .*MNIST: download it first or use mnist_10k"):
        data.load_digits("mnist_60k", tmp_path)


def test_torchvision_is_imported_only_for_the_full_set() -> None:
    top = ast.parse(Path(data.__file__).read_text(encoding="utf-8")).body
    imports = [ast.unparse(line) for line in top if isinstance(line, ast.Import | ast.ImportFrom)]
    assert "import torch" in imports
    assert not any("torchvision" in line for line in imports)
