"""What makes a folder a run of ours: its meta.json, and that nothing else lies in it.

Nothing is ever deleted that does not carry our mark, or that holds anything beside the files of a run; a
symbolic link is never followed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from gan_core.folders import read_json, write_text

Mark = Literal["a run of the GAN Equilibrium Explorer"]
MARK: Mark = "a run of the GAN Equilibrium Explorer"
FORMAT = 2
TITLE_LENGTH = 80

_CHECKPOINT = r"(settings\.json|state\.json|(generator|discriminator|trainer)\.safetensors)"
_SAVED = r"(checkpoints/\d{12}|kept/\d{1,15})(\.old|\.part)?"  # of the present game, and of those before
_OUR_FILE = re.compile(
    rf"({_CHECKPOINT}|{_SAVED}/{_CHECKPOINT}|film/(\d{{12}}\.npz|spacing\.json)|films/\d\.npz"
    r"|meta\.json|(history|evaluations)\.parquet|(changes|results)\.json|film\.npz|samples\.png)(\.part)?"
)
_OUR_FOLDER = re.compile(rf"films?|checkpoints|kept|{_SAVED}")


class LibraryError(ValueError):
    """A folder that holds no run of ours, or a name that is none; the message is a sentence for a person."""


def no_run(folder: Path, problem: str) -> LibraryError:
    """The error of a folder that cannot be opened."""
    return LibraryError(f"{folder.name} holds no run that can be opened: {problem}.")


def _one_line(title: str) -> str:
    return "".join(letter for letter in " ".join(title.split()) if letter.isprintable())[:TITLE_LENGTH]


_Step = Annotated[int, Field(ge=0, lt=10**12)]


class Meta(BaseModel):
    """What is known of a run without opening it."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)

    marker: Mark = MARK
    format: int = Field(default=FORMAT, ge=1, le=FORMAT)
    name: str = Field(max_length=255)  # of its folder
    title: Annotated[str, AfterValidator(_one_line)] = ""  # a run without one may be deleted for room
    created: float = Field(default_factory=time.time)  # seconds since 1970
    saved: float = 0.0
    owner: str | None = Field(default=None, max_length=128)  # a hash; None: whoever opens it
    wants_to_play: bool = False
    state: str = Field(default="paused", pattern=r"^[a-z]{1,20}$")
    step: int = Field(default=0, ge=0)
    game: int = Field(default=0, ge=0)  # counts the games of this run
    lone: Annotated[tuple[_Step, _Step], Strict(False)] | None = None  # first, last step of one player alone


def write_meta(folder: Path, meta: Meta) -> None:
    """The run's meta.json, whole or not at all."""
    write_text(folder / "meta.json", meta.model_dump_json(indent=1))


def read_meta(folder: Path) -> Meta:
    """What meta.json says. Raises LibraryError."""
    try:
        values = read_json(folder / "meta.json")
        version = values.get("format")
        if values.get("marker") != MARK or type(version) is not int or version > 10**6:
            raise ValueError("it does not carry our mark")
        if version <= FORMAT:
            return Meta.model_validate(values | {"name": folder.name})
    except (OSError, ValueError) as error:
        raise no_run(folder, "its meta.json is missing or damaged") from error
    raise LibraryError(
        f"{folder.name} was written by a newer version of this app (format {version}, this one reads "
        f"up to {FORMAT}): update the app to open it."
    )


def meta_if_ours(folder: Path) -> Meta | None:
    """What meta.json says, or None where there is no run of ours."""
    try:
        return read_meta(folder)
    except LibraryError:
        return None


def refuse_foreign(folder: Path) -> None:
    """Raises LibraryError unless `folder` is a run of ours and holds nothing else, so that it may go."""
    if folder.is_symlink():
        raise LibraryError(f"{folder.name} is a link, not the folder of a run.")
    read_meta(folder)
    stranger = next(_foreign(folder), None)
    if stranger is not None:
        raise LibraryError(f"{folder.name} holds {stranger}, which is not part of a run.")


def _foreign(folder: Path) -> Iterator[str]:
    """Whatever in the folder is not of a run, by its name in the folder."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        ours = _OUR_FOLDER if path.is_dir() else _OUR_FILE
        if path.is_symlink() or not ours.fullmatch(name):
            yield name
