"""What a claim can be about, by name: columns of the records, and numbers that the theory pages show.

Every number of a theory page comes from the function that the page draws with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.games.table import table_info
from gan_core.figures.games.value import minimax_info
from gan_core.figures.minimax import activations, costs, generator
from gan_core.figures.minimax import value as minimax
from gan_core.figures.saddle.prediction import LOCAL_OUTCOMES, OUTCOMES, prediction
from gan_core.history import CLASS_SHARES, Evaluation, StepRecord
from gan_core.parameters.games import RULE_OF, profile_of
from gan_core.parameters.saddle import simulation_of
from gan_core.parameters.value import ACTIVATIONS
from gan_core.theory.densities import Bumps
from gan_core.theory.equilibria import equilibria
from gan_core.theory.games import replies
from gan_core.theory.learning import Motion, motion

Values = Mapping[str, Any]


class Quantity(NamedTuple):
    """A number of a theory page, or a word."""

    words: str
    of: Callable[[Values, int | None], float | str]  # the page's values and a step, None: the last one
    moves: bool = False  # whether it depends on the step
    choices: tuple[str, ...] = ()  # the words it can be
    unit: str = ""


COLUMNS: dict[str, str] = {
    "d_real": "D's mean output on real digits",
    "d_fake": "D's mean output on generated digits",
    "real_low": "the output of D below which a tenth of the real digits lie",
    "real_high": "the output of D above which a tenth of the real digits lie",
    "fake_low": "the output of D below which a tenth of the generated digits lie",
    "fake_high": "the output of D above which a tenth of the generated digits lie",
    "real_term": "the mean of log D(x) on real digits",
    "fake_term": "the mean of log(1 − D(G(z)))",
    "accuracy": "the share of held-out digits on which D is right",
    "overfit_gap": "D's mean output on its training digits minus that on held-out ones",
    "d_dead": "the share of dead units in D",
    "g_dead": "the share of dead units in G",
    "spread": "how much generated digits differ, as a share of what real ones do",
    "d_reference": "the equilibrium line of D",
    "value_reference": "V at the equilibrium",
    "d_loss": "D's loss",
    "real_loss": "the real part of D's loss",
    "fake_loss": "the generated part of D's loss",
    "g_loss": "G's loss",
    "d_loss_reference": "D's loss at equilibrium",
    "real_loss_reference": "the real part of D's loss at equilibrium",
    "fake_loss_reference": "the generated part of D's loss at equilibrium",
    "g_loss_reference": "G's loss at equilibrium",
    "jsd": "the Jensen-Shannon divergence of the samples from the data",
    "jsd_floor": "the noise floor of that divergence",
    "tv": "the total variation distance of the samples from the data",
    "tv_floor": "the noise floor of that distance",
    "modes_hit": "how many modes the samples hit",
    "right_class": "the share of the averaged G's digits that are read as the class asked for",
    "fid": "FID of G's digits",
    "fid_ema": "FID of the averaged G's digits",
    "fid_floor": "FID of as many real digits",
    "fid_floor_sd": "the standard deviation of FID of one draw of real digits",
    "classes_hit": "how many of the 10 classes G's digits cover",
    "classes_hit_ema": "how many of the 10 classes the averaged G's digits cover",
    "readable": "the share of G's digits that look like digits to the classifier",
    "quality_samples": "the number of digits behind FID",
    **{name: f"the share of G's digits that are read as {name[-1]}" for name in CLASS_SHARES},
    "d_grad_norm": "the norm of D's gradient",
    "g_grad_norm": "the norm of G's gradient",
    "d_pull": "how much D's step changed V",
    "g_pull": "how much G's step changed V",
    "value": "V on held-out digits",
    "separation": "D(real) − D(generated)",
    "slope_kept": "the share of the slope of D that G's loss passes on to G",
}
"""Columns of the records, and three numbers made of them: `value`, `separation`, `slope_kept`."""

LOSSES = ("d_loss", "real_loss", "fake_loss", "g_loss")
NATS = frozenset(
    {"real_term", "fake_term", "value_reference", "d_pull", "g_pull", "value"}
    | set(LOSSES)
    | {f"{name}_reference" for name in LOSSES}
)
"""Those in nats; the others have no unit."""

MEASURED_APART = frozenset(set(StepRecord._fields) - set(Evaluation._fields))
"""Columns that every step has, and no evaluation."""


def _motion(values: Values) -> Motion:
    profile = profile_of(values)
    return motion(profile.game, RULE_OF[values["rule"]], profile.row, profile.column, values["span"])


def _at_time(path: Callable[[Motion], Any]) -> Callable[[Values, int | None], float]:
    """A column of the motion at a time; past its end there is none."""

    def of(values: Values, step: int | None) -> float:
        moved = _motion(values)
        at = float(moved.time[-1]) if step is None else float(step)
        rows = np.flatnonzero(np.isclose(moved.time, at))
        if not len(rows):
            raise ValueError(f"the motion ends at {moved.time[-1]:g}")
        return float(path(moved)[rows[0]])

    return of


def _replies(name: str) -> Callable[[Values, int | None], float]:
    def of(values: Values, _: int | None) -> float:
        profile = profile_of(values)
        return float(getattr(replies(profile.game, profile.row, profile.column), name))

    return of


def _game_value(values: Values, _: int | None) -> float:
    profile = profile_of(values)
    if not profile.game.is_zero_sum:
        raise ValueError("only a zero-sum game has a value")
    return minimax_info(profile).value


def _first_equilibrium(player: int) -> Callable[[Values, int | None], float]:
    return lambda values, _: float(equilibria(profile_of(values).game).items[0].payoffs[player])


def _equilibria(values: Values, _: int | None) -> float:
    return float(len(equilibria(profile_of(values).game).items))


def _cells(marks: Callable[[Any], Any]) -> Callable[[Values, int | None], float]:
    return lambda values, _: float(marks(table_info(profile_of(values))).sum())


def _densities(values: Values) -> tuple[Bumps, Bumps]:
    p, q = (
        Bumps(values[f"{side}_mean"], values[f"{side}_spread"], values[f"{side}_share"])
        for side in ("data", "g")
    )
    return p, q


def _numbers(name: str) -> Callable[[Values, int | None], float]:
    def of(values: Values, _: int | None) -> float:
        labels = minimax.Labels(values["smoothing"], values["fake_label"])
        found = minimax.numbers_of(*_densities(values), labels, values["d_slope"], values["d_midpoint"])
        return float(getattr(found, name))

    return of


def _best_output(end: Callable[[Any], Any]) -> Callable[[Values, int | None], float]:
    def of(values: Values, _: int | None) -> float:
        labels = minimax.Labels(values["smoothing"], values["fake_label"])
        info = minimax.outputs_info(*_densities(values), labels, values["d_slope"], values["d_midpoint"])
        return float(end(info.best))

    return of


def _cost(values: Values, _: int | None) -> float:
    return costs.terms_info(values["verdict"], values["label"]).cost


def _surviving(values: Values, _: int | None) -> float:
    chosen = ACTIVATIONS[values["activation"]]
    info = activations.activations_info(
        chosen, values["leaky_slope"], layers=values["layers"], gain=values["gain"], spread=values["spread"]
    )
    return float(info.surviving[chosen][-1])


def _path(column: Callable[[Any], Any], which: int = 0) -> Callable[[Values, int | None], float]:
    """A column of the simulated path, after each step."""

    def of(values: Values, step: int | None) -> float:
        record = _trajectory(values, which)[1].record
        numbers = column(record)
        at = len(numbers) - 1 if step is None else step
        if at >= len(numbers):
            raise ValueError(f"the path ends at step {len(numbers) - 1}")
        return float(numbers[at])

    return of


def _trajectory(values: Values, which: int) -> tuple[Any, Any]:
    simulation = simulation_of(values)
    if which >= len(simulation.trajectories):
        raise ValueError("no second method is chosen: set 'rival'")
    return simulation, simulation.trajectories[which]


def _rate(which: int) -> Callable[[Values, int | None], float]:
    def of(values: Values, _: int | None) -> float:
        found = prediction(*_trajectory(values, which))
        if found is None:
            raise ValueError("there is no prediction for this game and method")
        return found.rate

    return of


def _outcome(which: int) -> Callable[[Values, int | None], str]:
    def of(values: Values, _: int | None) -> str:
        simulation, trajectory = _trajectory(values, which)
        found = prediction(simulation, trajectory)
        if found is None:
            raise ValueError("there is no prediction for this game and method")
        return (OUTCOMES if simulation.game.exact else LOCAL_OUTCOMES)[found.fate]

    return of


_WORDS = tuple(sorted({*OUTCOMES.values(), *LOCAL_OUTCOMES.values()}))

QUANTITIES: dict[str, dict[str, Quantity]] = {
    "games": {
        "equilibria": Quantity("the number of equilibria", _equilibria),
        "pure_equilibria": Quantity("the number of equilibrium cells", _cells(lambda info: info.nash)),
        "pareto": Quantity("the number of Pareto-optimal cells", _cells(lambda info: info.pareto)),
        "pareto_equilibria": Quantity(
            "the number of cells that are equilibria and Pareto-optimal",
            _cells(lambda info: info.nash & info.pareto),
        ),
        "value": Quantity("the value of the game", _game_value),
        "row_payoff": Quantity("the row player's payoff", _replies("row_payoff")),
        "column_payoff": Quantity("the column player's payoff", _replies("column_payoff")),
        "row_regret": Quantity("the row player's regret", _replies("row_regret")),
        "column_regret": Quantity("the column player's regret", _replies("column_regret")),
        "equilibrium_row_payoff": Quantity("the row player's payoff in equilibrium", _first_equilibrium(0)),
        "equilibrium_column_payoff": Quantity(
            "the column player's payoff in equilibrium", _first_equilibrium(1)
        ),
        "p": Quantity("the probability p of the row player's first action",
                      _at_time(lambda moved: moved.row[:, 0]), moves=True),
        "q": Quantity("the probability q of the column player's first action",
                      _at_time(lambda moved: moved.column[:, 0]), moves=True),
        "p_average": Quantity("the average of p over time",
                              _at_time(lambda moved: moved.row_average[:, 0]), moves=True),
        "q_average": Quantity("the average of q over time",
                              _at_time(lambda moved: moved.column_average[:, 0]), moves=True),
    },
    "value": {
        "v": Quantity("V of your D", _numbers("own"), unit="nats"),
        "best": Quantity("V of the best D", _numbers("best"), unit="nats"),
        "smoothed": Quantity("V of the D that is best under the labels", _numbers("smoothed"), unit="nats"),
        "jsd": Quantity("the Jensen–Shannon divergence", _numbers("jsd"), unit="nats"),
        "kl_data_g": Quantity("KL(p_data ‖ p_G)", _numbers("kl_pq"), unit="nats"),
        "kl_g_data": Quantity("KL(p_G ‖ p_data)", _numbers("kl_qp"), unit="nats"),
        "tv": Quantity("the total variation distance", _numbers("tv")),
        "equilibrium_output": Quantity("the equilibrium output of D", _numbers("equilibrium")),
        "d_star_low": Quantity("the lowest output of D*", _best_output(np.min)),
        "d_star_high": Quantity("the highest output of D*", _best_output(np.max)),
        "cost": Quantity("the cost of the verdict", _cost, unit="nats"),
        "saturating_slope": Quantity(
            "the slope of the saturating loss",
            lambda values, _: generator.generator_info(values["d_of_fake"]).slopes["minimax"],
        ),
        "non_saturating_slope": Quantity(
            "the slope of the non-saturating loss",
            lambda values, _: generator.generator_info(values["d_of_fake"]).slopes["non_saturating"],
        ),
        "advantage": Quantity(
            "how many times steeper the non-saturating loss is",
            lambda values, _: generator.generator_info(values["d_of_fake"]).advantage,
        ),
        "surviving": Quantity("the share of the gradient that is left behind all layers", _surviving),
    },
    "saddle": {
        "distance": Quantity("the distance from the equilibrium", _path(lambda r: r.radius), moves=True),
        "x": Quantity("the first player's number", _path(lambda r: r.path[:, 0]), moves=True),
        "y": Quantity("the second player's number", _path(lambda r: r.path[:, 1]), moves=True),
        "rate": Quantity("the predicted factor of the distance in a step", _rate(0)),
        "outcome": Quantity("the predicted outcome", _outcome(0), choices=_WORDS),
        "rival_distance": Quantity("the rival's distance from the equilibrium",
                                   _path(lambda r: r.radius, 1), moves=True),
        "rival_rate": Quantity("the rival's predicted factor of the distance in a step", _rate(1)),
        "rival_outcome": Quantity("the rival's predicted outcome", _outcome(1), choices=_WORDS),
    },
    "lab": {},  # its numbers come from a run, not from its address
}  # fmt: skip
