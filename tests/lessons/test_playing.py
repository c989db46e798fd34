"""Lessons played without a screen: a small one here, and all that ship whose games are short."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gan_core import __main__ as command_line
from gan_core.engine.cost import step_cost
from gan_core.history import History
from gan_core.lessons.playing import Game, check
from gan_core.lessons.reading import find_lessons, parse, read_lesson
from gan_core.lessons.records import Lesson
from gan_core.measures.held_out import evaluate
from gan_core.presets import PLAYED
from tests.game import new_trainer, tiny
from tests.lessons.lesson_text import CHECK, GOES_ON, HEAD, LIVE, WHOLE

LESSONS = find_lessons(Path(__file__).parents[2] / "lessons")
SHORT = 1_800
"""Default steps that the games of a lesson may cost here. `make lessons` plays all, and each on two seeds."""

NARROW = "generator_width = 32\ndiscriminator_width = 32\nlatent_dim = 8\nbatch_size = 16"
WILD = """optimizer = "sgd"
r1_gamma = 100.0
r1_interval = 32
discriminator_lr = 0.1
generator_lr = 0.1"""
SMALL = LIVE.replace("[settings]", f"[settings]\n{NARROW}")


def ignore(_: str) -> None:
    pass


def cost_of(lesson: Lesson) -> float:
    """The time that all its games take, in steps of the default settings."""
    cost, before = 0.0, 0
    for scene in lesson.scenes:
        if scene.stop is not None and scene.settings is not None:
            cost += (scene.stop - (before if scene.goes_on else 0)) * step_cost(scene.settings)
            before = scene.stop
    return cost


def test_the_evaluation_is_made_at_exactly_the_step_where_a_paused_run_makes_it() -> None:
    game, trainer = Game(tiny()), new_trainer()
    game.play_to(7, [], ignore)
    for _ in range(7):
        trainer.step(trainer.settings)
    measured = evaluate(trainer).evaluation
    assert game.history.evaluations.columns["step"].tolist() == [0, 7]
    assert game.history.evaluations.columns["d_real"][-1] == measured.d_real


def test_a_scene_goes_on_with_the_game_before_it() -> None:
    game, whole = Game(tiny()), Game(tiny())
    whole.play_to(12, [], ignore)
    game.play_to(5, [], ignore)
    game.play_to(12, [], ignore)
    same = [columns(each.history) for each in (game, whole)]
    assert same[0] == same[1]


def columns(history: History) -> list[float]:
    return [float(number) for number in history.steps.columns["d_loss"]]


def test_claims_are_judged_on_each_seed_and_those_of_theory_once() -> None:
    lesson = parse(WHOLE.replace(LIVE, SMALL), "a.md")
    judged = check(lesson, (0, 1), ignore)
    assert [item.seed for item in judged] == [None, None, 0, 0, 0, 1, 1, 1]
    assert all(item.verdict.came_true for item in judged), [item.verdict.sentence for item in judged]
    numbers = [item.verdict.number for item in judged if item.claim.name == "d_real"]
    assert numbers[0] != numbers[1]


def test_a_claim_after_the_game_left_the_numbers_has_failed() -> None:
    wild = SMALL.replace("[settings]", f"[settings]\n{WILD}").replace("stop = 40", "stop = 400")
    lesson = parse(HEAD + wild.replace("step 40", "step 400") + CHECK, "a.md")
    said: list[str] = []
    failed = [item for item in check(lesson, (0,), said.append) if not item.verdict.came_true]
    assert any("is not finite at step" in sentence for sentence in said)
    assert "was not measured at step 400" in failed[0].verdict.sentence


def run_command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["gan_core", "lesson", *arguments])
    return command_line.main()


def test_the_command_says_what_failed_in_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "01-a.md"
    path.write_text((HEAD + SMALL + GOES_ON + CHECK).replace("d_reference in 0.45", "d_reference in 0.5"))
    assert run_command(monkeypatch, str(path), "--seeds", "3") == 1
    told = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["lessons"], told["claims"]) == (1, 3)
    (failed,) = told["failed"]
    assert (failed["lesson"], failed["scene"], failed["seed"]) == ("01-a", "It goes on", 3)
    assert failed["sentence"] == "The equilibrium line of D is 0.45 at step 60: not between 0.499 and 0.501."
    path.write_text(HEAD + SMALL + CHECK)
    assert run_command(monkeypatch, str(path), "--seeds", "3") == 0


def test_a_file_with_a_mistake_ends_the_command_with_its_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "01-a.md").write_text(WHOLE.replace("stop = 40", "stop = 0"))
    with pytest.raises(SystemExit) as ended:
        run_command(monkeypatch, str(tmp_path / "01-a.md"))
    assert ended.value.code == 2
    assert "01-a.md, line 12: a live scene needs stop" in capsys.readouterr().err


@pytest.mark.parametrize("seeds", ["", "a", "1.5", "-1", "0,,1"])
def test_seeds_are_whole_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seeds: str
) -> None:
    with pytest.raises(SystemExit):
        run_command(monkeypatch, "a.md", f"--seeds={seeds}")
    assert "whole numbers such as 0,1" in capsys.readouterr().err


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_shipped_lesson_holds(path: Path) -> None:
    lesson = read_lesson(path)
    if cost_of(lesson) > SHORT:
        lesson = lesson._replace(scenes=tuple(scene for scene in lesson.scenes if scene.page not in PLAYED))
    assert [item.as_json() for item in check(lesson, (0,), ignore) if not item.verdict.came_true] == []
