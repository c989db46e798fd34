"""Plays lessons without a screen and checks every claim in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gan_core.devices import device_for
from gan_core.history import History, StepRecord, as_block
from gan_core.lessons.quantities import MEASURED_APART
from gan_core.lessons.records import Claim, Lesson, Scene
from gan_core.lessons.verdicts import Verdict, judge, judge_scene
from gan_core.measures.held_out import Pace, evaluations_block
from gan_core.measures.quality_curve import is_due
from gan_core.presets import PLAYED
from gan_core.settings import Settings
from gan_core.training import GanTrainer, NotFiniteError, arithmetic_of_a_trainer
from gan_core.unattended import FULL_HISTORY, CannotTrainError, data_for

EVALUATE_EVERY = 25
"""Steps between evaluations over which a claim speaks: about as often as a page's board has them."""

__all__ = ["CannotTrainError", "Judged", "check"]
TELL_EVERY = 500  # steps

Tell = Callable[[str], None]


class Judged(NamedTuple):
    """A claim of a scene, judged; `seed` is None for a theory page."""

    lesson: str
    scene: str
    claim: Claim
    seed: int | None
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "lesson": self.lesson, "scene": self.scene, "claim": self.claim.text, "seed": self.seed,
            "line": self.claim.line, "sentence": self.verdict.sentence,
        }  # fmt: skip


class Game:
    """A live game and what is recorded of it."""

    def __init__(self, settings: Settings) -> None:
        self.history = History(step_capacity=FULL_HISTORY, evaluation_capacity=20_000)
        self.problem: str | None = None
        self._trainer = GanTrainer(settings, data_for(settings), device_for(settings))
        self._pace = Pace(time.monotonic)
        self._waiting: list[StepRecord] = []
        self.adopt(settings)
        self._take_stock()

    @property
    def settings(self) -> Settings:
        """Those in force now."""
        return self._trainer.settings

    def adopt(self, settings: Settings) -> None:
        """Play on under other live settings."""
        self._trainer.adopt(settings)
        self.history.note(settings.model_dump(), self._trainer.steps_done + 1)

    def play_to(self, stop: int, evaluated: Sequence[tuple[int, int]], tell: Tell) -> None:
        """To step `stop`, with an evaluation there, and every EVALUATE_EVERY steps of the ranges given.

        Stops early where the game leaves the numbers; `problem` says so.
        """
        trainer = self._trainer
        try:
            while trainer.steps_done < stop:
                self._waiting.append(trainer.step(trainer.settings))
                done = trainer.steps_done
                due = done % EVALUATE_EVERY == 0 or is_due(trainer)
                if done == stop or (due and any(a <= done <= b for a, b in evaluated)):
                    self._take_stock(quality=done == stop)
                if done % TELL_EVERY == 0:
                    tell(f"step {done:,} of {stop:,}")
        except NotFiniteError as error:
            self.problem = str(error)
        self._record_steps()

    def _take_stock(self, *, quality: bool = False) -> None:
        self._record_steps()
        measured = self._pace.evaluate(self._trainer, quality=quality)
        self.history.evaluations.extend(evaluations_block([measured]))

    def _record_steps(self) -> None:
        if self._waiting:
            self.history.steps.extend(as_block(self._waiting))
            self._waiting.clear()


def check(lesson: Lesson, seeds: Sequence[int], tell: Tell) -> list[Judged]:
    """Every claim of a lesson: of its theory scenes once, of its live scenes on each seed.

    Raises gan_core.unattended.CannotTrainError.
    """
    judged = [
        Judged(lesson.name, scene.title, claim, None, verdict)
        for scene in lesson.scenes
        if scene.page not in PLAYED
        for claim, verdict in zip(scene.claims, judge_scene(scene), strict=True)
    ]
    for item in judged:
        _tell_judged(item, tell)
    if any(scene.page in PLAYED for scene in lesson.scenes):
        with arithmetic_of_a_trainer():
            for seed in seeds:
                judged += _check_live(lesson, seed, tell)
    return judged


def _check_live(lesson: Lesson, seed: int, tell: Tell) -> list[Judged]:
    judged = []
    game: Game | None = None
    for scene in lesson.scenes:
        if scene.page not in PLAYED:
            continue
        assert scene.settings is not None
        assert scene.stop is not None
        settings = scene.settings.replace(seed=seed)
        tell(f"{lesson.name}, seed {seed}: {scene.title}")
        if scene.goes_on and game is not None:
            game.adopt(settings)
        else:
            game = Game(settings)
        game.play_to(scene.stop, _evaluated(scene), tell)
        if game.problem:
            tell(game.problem)
        for claim in scene.claims:
            item = Judged(lesson.name, scene.title, claim, seed, judge(claim, game.history, game.settings))
            _tell_judged(item, tell)
            judged.append(item)
    return judged


def _evaluated(scene: Scene) -> list[tuple[int, int]]:
    """The ranges of steps that claims about evaluations speak of."""
    return [
        claim.steps
        for claim in scene.claims
        if claim.steps is not None and claim.statistic and claim.name not in MEASURED_APART
    ]


def _tell_judged(item: Judged, tell: Tell) -> None:
    seed = "" if item.seed is None else f", seed {item.seed}"
    tell(f"{'came true' if item.verdict.came_true else 'FAILED'}: {item.claim.text} ({item.lesson}{seed}). "
         f"{item.verdict.sentence}")  # fmt: skip
