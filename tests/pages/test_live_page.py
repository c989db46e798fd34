"""Every control of the live page changes what it should in the real run, and nothing else."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gan_core.engine.cost import Pace
from gan_core.engine.handle import RunHandle
from gan_core.presets import PRESETS, preset_settings
from gan_core.settings import Settings, choices, field, field_names, is_live, limits, trait
from gan_core.theory.value import equilibrium_output
from gan_core.torch_lines import torch_lines
from tests.pages.opening import Open, run_of
from ui import controls
from ui.controls import MARKS, control_key, marks

LIVE = [name for name in field_names() if is_live(name)]
STRUCTURAL = [name for name in field_names() if not is_live(name) and name not in ("seed", "data", "drawn")]


def another_value(name: str) -> Any:
    """An allowed value of a setting that is not its default, on its widget's scale."""
    default, words, span = field(name).default, choices(name), limits(name)
    if words is not None:
        return next(word for word in words if word != default)
    if field(name).annotation is str:
        return "32-64"
    if span is None:
        return not default
    if trait(name, "log"):
        return 5e-3
    if name in MARKS:
        return MARKS[name][1]
    if field(name).annotation is int:
        return default + 1 if default < span[1] else default - 1
    return 0.25 if span[0] <= 0.25 <= span[1] else 0.75


def widget(app: AppTest, run: RunHandle, name: str) -> Any:
    """The widget of a setting, whatever its kind."""
    return app.get_by_key(control_key(run, name))


def test_controls_of_the_game_before_are_passed_over(open_page: Open) -> None:
    """On a busy machine a browser speaks of them once more after another game has begun."""
    app = open_page("live")
    run = run_of(app)
    before = {name: control_key(run, name) for name in field_names()}
    with run.acting:
        run.reset(preset_settings("course_recipe"))
    controls._apply(run, "smoothing", before["smoothing"])
    controls._start(run, before)
    assert run.settings == preset_settings("course_recipe")


@pytest.mark.parametrize("name", LIVE)
def test_a_live_control_changes_its_setting_and_no_other(open_page: Open, name: str) -> None:
    needed: dict[str, dict[str, Any]] = {
        "clip": {"objective": "wgan_clip"}, "gp_lambda": {"objective": "wgan_gp"},
        "lookahead_k": {"rule": "lookahead"}, "lookahead_alpha": {"rule": "lookahead"},
        "consensus_gamma": {"rule": "consensus"},
        "discriminator_batches": {"discriminator_batch_norm": True},
    }  # fmt: skip
    under = needed.get(name, {})
    app = open_page("live", **under)
    run, value = run_of(app), another_value(name)
    widget(app, run, name).set_value(value).run()
    assert not app.exception
    assert run.settings.difference(Settings()) == {**under, name: value}
    assert app.query_params[name] == [str(value)] or app.query_params[name] == str(value)
    for other in LIVE:
        expected = value if other == name else under.get(other, field(other).default)
        assert widget(app, run, other).value == expected, other
    assert run.step == 0


@pytest.mark.parametrize(
    ("objective", "idle"),
    [
        ("non_saturating", {"clip", "gp_lambda"}),
        ("lsgan", {"clip", "gp_lambda"}),
        ("relativistic", {"clip", "gp_lambda"}),
        ("hinge", {"smoothing", "fake_label", "clip", "gp_lambda"}),
        ("wgan_clip", {"smoothing", "fake_label", "gp_lambda"}),
        ("wgan_gp", {"smoothing", "fake_label", "clip"}),
    ],
)
def test_a_control_without_effect_under_the_loss_says_so_and_cannot_be_moved(
    open_page: Open, objective: str, idle: set[str]
) -> None:
    app = open_page("live")
    run = run_of(app)
    widget(app, run, "objective").set_value(objective).run()
    assert {name for name in LIVE if widget(app, run, name).disabled} == idle | IDLE["alternating"] | PLAIN_D
    for name in LIVE:
        assert widget(app, run, name).help.startswith("No effect now: the loss ") is (name in idle)


PLAIN_D = {"discriminator_batches"}
"""Without effect where D has no batch norm."""
_LOOKAHEAD, _CONSENSUS = {"lookahead_k", "lookahead_alpha"}, {"consensus_gamma"}
_COUNTS = {"discriminator_steps", "generator_steps"}
IDLE: dict[str, set[str]] = {
    "alternating": _LOOKAHEAD | _CONSENSUS,
    "simultaneous": {"first"} | _LOOKAHEAD | _CONSENSUS,
    "extragradient": {"first"} | _COUNTS | _LOOKAHEAD | _CONSENSUS,
    "optimistic": {"first"} | _COUNTS | _LOOKAHEAD | _CONSENSUS,
    "consensus": {"first"} | _COUNTS | _LOOKAHEAD,
    "lookahead": _COUNTS | _CONSENSUS,
}


def test_a_control_without_effect_under_the_update_rule_says_so_and_cannot_be_moved(open_page: Open) -> None:
    assert set(IDLE) == set(choices("rule") or ())
    app = open_page("live")
    run = run_of(app)
    for rule, idle in IDLE.items():
        widget(app, run, "rule").set_value(rule).run()
        said = f"No effect now: the update rule is {rule}."
        assert {name for name in LIVE if widget(app, run, name).help.startswith(said)} == idle, rule
        disabled = {name for name in LIVE if widget(app, run, name).disabled}
        assert disabled == idle | {"clip", "gp_lambda"} | PLAIN_D


def test_the_rule_leads_to_the_saddle_page(open_page: Open) -> None:
    app = open_page("live", rule="lookahead", lookahead_k="7", first="generator")
    (link,) = [item.proto for item in app.get("page_link") if item.proto.label == "This rule on paper"]
    assert link.page == "saddle"
    asked = dict(parse_qsl(link.query_string))
    assert asked == {"game": "Dirac-GAN", "method": "Lookahead", "first_gan": "G first", "cycle": "7",
                     "pull": "0.5", "base": "alternating"}  # fmt: skip
    saddle = open_page("saddle", **asked)
    assert not saddle.warning
    assert saddle.selectbox(key="method").value == "Lookahead"
    (back,) = [item.proto for item in saddle.get("page_link") if item.proto.label == "In a real GAN"]
    assert back.page == "toy"
    assert dict(parse_qsl(back.query_string)) == {
        "preset": "rule_lookahead", "first": "generator", "lookahead_k": "7", "lookahead_alpha": "0.5",
    }  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURAL)
def test_a_structural_control_waits_for_its_button_and_starts_a_new_game(open_page: Open, name: str) -> None:
    app = open_page("live")
    run, value = run_of(app), another_value(name)
    app.button(key="step").click().run()
    assert run.step == 1
    widget(app, run, name).set_value(value)
    next(button for button in app.button if button.label == "Start a new game").click().run()
    assert not app.exception
    assert run.settings.difference(Settings()) == {name: value}
    assert run.step == 0
    assert len(run.history.steps) == 0


def test_what_a_run_costs_is_said_before_it_starts_and_follows_the_choices(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = Pace()
    pace.note(Settings(), 0.004)
    monkeypatch.setattr("gan_core.engine.record.RunRecord.pace", pace)
    app = open_page("live")
    run = run_of(app)
    said = []
    for name, value in (("batch_size", 64), ("architecture", "dcgan"), ("batch_size", 128)):
        widget(app, run, name).set_value(value).run()
        (words,) = [item.value for item in app.caption if "parameters" in item.value]
        said.append(words)
    d, g = 784 * 128 + 128 + 128 * 128 + 128 + 128 + 1, 100 * 128 + 128 * 128 + 128 * 784 + 3 * 256 + 784
    assert said[0] == (
        f"D has {d:,} parameters, G has {g:,}. Alone on this machine: about 250 steps/s."
    )
    patterns = r"[\d,]+ param|G has [\d,]+", r"about (\d+)"
    counts, rates = ([re.findall(pattern, words) for words in said] for pattern in patterns)
    assert counts[0] != counts[1] == counts[2]
    assert 20 < int(rates[2][0]) < int(rates[1][0]) / 1.5 < 60
    assert run.settings == Settings(), "nothing has begun"
    widget(app, run, "batch_size").set_value(7).run()  # too few
    assert not [item.value for item in app.caption if "parameters" in item.value]


def test_before_a_step_is_measured_the_estimate_says_so(open_page: Open, monkeypatch: Any) -> None:
    monkeypatch.setattr("gan_core.engine.record.RunRecord.pace", Pace())
    app = open_page("live")
    (words,) = [item.value for item in app.caption if "parameters" in item.value]
    assert "Alone on a usual machine (this one has made no step yet): about 160 steps/s." in words


@pytest.mark.parametrize("name", ["batch_size", "latent_dim"])
def test_a_new_game_that_cannot_be_says_why_in_the_form(open_page: Open, name: str) -> None:
    app = open_page("live")
    run, span = run_of(app), limits(name)
    assert span is not None
    app.button(key="step").click().run()
    widget(app, run, name).set_value(int(span[0]) - 1)
    next(button for button in app.button if button.label == "Start a new game").click().run()
    (said,) = [item.value for item in app.error]
    assert f"{name} = {int(span[0]) - 1} does not fit: it must be a whole number from {span[0]:g} to" in said
    assert (run.settings, run.step) == (Settings(), 1)
    widget(app, run, name).set_value(int(span[0]))
    next(button for button in app.button if button.label == "Start a new game").click().run()
    assert run.settings == Settings().replace(**{name: int(span[0])})
    assert not app.error


@pytest.mark.parametrize("typed", ["-5", "1.5", "seven", str(2**31), ""])
def test_a_seed_that_cannot_be_says_why_and_leaves_the_game(open_page: Open, typed: str) -> None:
    app = open_page("live", seed="3")
    run = run_of(app)
    app.text_input(key="seed").set_value(typed).run()
    (said,) = [item.value for item in app.warning]
    assert f"seed = '{typed}' does not fit: it must be a whole number from 0 to 2147483647" in said
    assert run.settings == Settings(seed=3)
    assert app.text_input(key="seed").value == "3"
    app.text_input(key="seed").set_value(" 12 ").run()
    assert (run.settings, list(app.warning)) == (Settings(seed=12), [])


def test_custom_says_what_differs_from_its_preset(open_page: Open) -> None:
    app = open_page("live", smoothing="1.0", r1_gamma="2")
    menu = app.menu_button(key="preset")
    assert menu.label == "Custom :small[R1 penalty 2]"
    assert "No smoothing, but R1 penalty 2 instead of 5." in menu.help


def test_a_new_game_plays_on_if_the_old_one_did(open_page: Open) -> None:
    app = open_page("live")
    run = run_of(app)
    app.button(key="play").click().run()
    widget(app, run, "latent_dim").set_value(16)
    next(button for button in app.button if button.label == "Start a new game").click().run()
    assert run.settings == Settings(latent_dim=16)
    assert run.wait_until(lambda: run.step > 3, 30)


def steps(run: RunHandle) -> list[int]:
    return [int(step) for step in run.history.steps.columns["step"]]


def test_play_pause_step_reset_and_undo(open_page: Open) -> None:
    app = open_page("live")
    run = run_of(app)
    app.button(key="play").click().run()
    assert app.button(key="play").label == "Pause"
    assert run.wait_until(lambda: run.step > 3, 30)
    app.button(key="play").click().run()
    assert app.button(key="play").label == "Play"
    stood = run.step
    app.button(key="step").click().run()
    assert run.step == stood + 1  # so not a step was made between
    before = steps(run)
    app.button(key="reset").click().run()
    assert run.step == 0
    app.button(key="undo").click().run()
    assert (run.step, steps(run)) == (stood + 1, before)
    assert app.button(key="undo").disabled


def test_play_to_a_step_stands_still_there_and_says_so(open_page: Open) -> None:
    app = open_page("live")
    run = run_of(app)
    box = app.number_input(key=f"until_{run.game}")
    assert box.value == 500
    box.set_value(4).run()
    app.button(key="play_until").click().run()
    assert run.wait_until(lambda: run.state == "paused" and run.step > 0, 30)
    assert (run.step, run.stop_at, run.wants_to_play) == (4, None, False)
    app.run()
    assert app.button(key="play").label == "Play"
    assert app.button(key="play_until").disabled
    assert "Step 4 is behind: the run is at step 4. Choose a later one." in [c.value for c in app.caption]


def test_while_it_plays_to_a_step_the_page_says_which_and_pause_ends_it(open_page: Open) -> None:
    app = open_page("live")
    run = run_of(app)
    app.button(key="play_until").click().run()
    assert "Playing to step 500." in [caption.value for caption in app.caption]
    assert app.button(key="play").label == "Pause"
    app.button(key="play").click().run()
    assert (run.stop_at, run.wants_to_play) == (None, False)
    assert run.step < 500
    assert not [caption for caption in app.caption if caption.value.startswith("Playing")]


def test_the_formulas_and_the_lines_are_those_of_the_settings_in_force(open_page: Open) -> None:
    app = open_page("live", smoothing="0.8")
    run = run_of(app)
    assert any(r"0.8\,\mathbb{E}\log D(x)" in item.value for item in app.latex)
    widget(app, run, "objective").set_value("minimax").run()
    assert torch_lines(run.settings).strip() in [item.value for item in app.code]
    assert any(r"L_G &= \mathbb{E}\log(1 - D(G(z)))" in item.value for item in app.latex)


@pytest.mark.parametrize(("choice", "still"), [("only D", "g_pull"), ("only G", "d_pull")])
def test_a_step_of_one_player_leaves_the_other_still(open_page: Open, choice: str, still: str) -> None:
    app = open_page("live")
    run = run_of(app)
    app.segmented_control(key="who").set_value(choice).run()
    app.button(key="step").click().run()
    row = {name: column[-1] for name, column in run.history.steps.columns.items()}
    moved = "d_pull" if still == "g_pull" else "g_pull"
    assert row[still] == 0.0
    assert row[moved] != 0.0


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "balanced"])
def test_a_preset_is_taken_whole_and_keeps_the_seed(open_page: Open, name: str) -> None:
    app = open_page("live", seed="7")
    run = run_of(app)
    app.menu_button(key="preset").click(name).run()
    assert not app.exception
    assert run.settings == preset_settings(name, seed=7)
    assert app.menu_button(key="preset").label == PRESETS[name].title


def test_the_seed_starts_another_game(open_page: Open) -> None:
    app = open_page("live")
    run = run_of(app)
    first = run.history.film.frames[-1]["digits"].copy()
    app.text_input(key="seed").set_value("11").run()
    assert run.settings == Settings(seed=11)
    assert not np.array_equal(run.history.film.frames[-1]["digits"], first)


def test_moving_the_smoothing_moves_the_line_from_there_on(open_page: Open) -> None:
    app = open_page("live")
    run = run_of(app)
    app.button(key="step").click().run()
    widget(app, run, "smoothing").set_value(0.7).run()
    app.button(key="step").click().run()
    lines = run.history.steps.columns["d_reference"]
    assert lines.tolist() == [
        equilibrium_output(real_label=0.9, fake_label=0.0),
        equilibrium_output(real_label=0.7, fake_label=0.0),
    ]


def test_a_bad_address_gets_a_sentence_for_each_value_and_plays_the_rest(open_page: Open) -> None:
    app = open_page("live", smoothing="0.3", colour="red", preset="nonsense", r1_gamma="2")
    said = " ".join(item.value for item in app.warning)
    assert "smoothing = '0.3' does not fit: it must be from 0.5 to 1" in said
    assert "no setting named 'colour'" in said
    assert "no preset named 'nonsense'" in said
    assert run_of(app).settings == Settings(r1_gamma=2.0)


def test_many_bad_values_are_one_box_of_plain_words(open_page: Open) -> None:
    bad = {f"[x{i}](http://example.org)": "1" for i in range(7)}
    app = open_page("live", **bad)
    (box,) = app.warning
    assert "and 3 more" in box.value
    assert r"\[x0\](http" in box.value  # words, no link
    assert "](" not in box.value.replace(r"\](", "")


def test_undo_says_where_it_leads(open_page: Open) -> None:
    app = open_page("live", smoothing="1.0")
    run = run_of(app)
    app.button(key="step").click().run()
    app.button(key="reset").click().run()
    assert app.button(key="undo").help == "Back to No smoothing at step 1."
    app.button(key="undo").click().run()
    assert run.step == 1


def test_a_value_between_the_marks_of_its_slider_is_kept(open_page: Open) -> None:
    between = {"r1_gamma": 3.25, "ema_decay": 0.25, "generator_lr": 3e-4, "adam_beta2": 0.95}
    app = open_page("live", **{name: str(value) for name, value in between.items()})
    run = run_of(app)
    widget(app, run, "r1_gamma").set_value(20.0).run()
    assert run.settings == Settings().replace(**(between | {"r1_gamma": 20.0}))
    assert widget(app, run, "ema_decay").value == 0.25


@pytest.mark.parametrize("name", MARKS)
def test_marks_span_what_is_allowed_and_include_the_present_value(name: str) -> None:
    span = limits(name)
    assert span is not None
    found = marks(name, 0.123)
    assert (found[0], found[-1]) == span
    assert found == sorted(set(found))
    assert {0.123, field(name).default} <= set(found)


def test_running_again_unchanged_changes_nothing(open_page: Open) -> None:
    app = open_page("live", smoothing="0.8")
    run = run_of(app)
    app.run()  # the address of a new tab is written in its second run
    before, address = (run.settings, run.step), dict(app.query_params)
    app.run()
    app.run()
    assert ((run.settings, run.step), dict(app.query_params)) == (before, address)


def test_the_link_carries_settings_and_seed_but_no_run(open_page: Open) -> None:
    app = open_page("live", smoothing="0.8", seed="4")
    (link,) = [item.value for item in app.code if "import torch" not in item.value]
    assert "smoothing=0.8" in link
    assert "seed=4" in link
    assert run_of(app).name not in link


def test_an_address_that_lags_behind_starts_no_game(open_page: Open) -> None:
    app = open_page("live", smoothing="0.8")
    run = run_of(app)
    game = run.game
    for value in (0.75, 0.7):  # sent before the browser has the address that names the run
        app.query_params.clear()
        app.query_params["smoothing"] = "0.8"
        widget(app, run, "smoothing").set_value(value).run()
        assert (run.game, run.settings.smoothing) == (game, value)


def test_the_same_link_starts_its_game_again_on_another_visit(open_page: Open) -> None:
    app = open_page("live", smoothing="0.8")
    run = run_of(app)
    app.button(key="step").click().run()
    widget(app, run, "smoothing").set_value(0.6).run()
    app.switch_page("../pages/home.py").run()
    app.query_params.clear()
    app.query_params["smoothing"] = "0.8"
    app.switch_page("../pages/live.py").run()
    assert (run.step, run.settings.smoothing) == (0, 0.8)
