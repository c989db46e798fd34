"""The minimax value: two known densities, any D beside the best one, the terms of the losses."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.figures.minimax import activations, costs, generator, objectives, smoothing
from gan_core.figures.minimax import value as value_figures
from gan_core.figures.minimax.value import Labels, Numbers
from gan_core.figures.style import DISCRIMINATOR, FAKE, GENERATOR, REAL, REFERENCE, VALUE, Figure, number
from gan_core.parameters.knobs import on_grid
from gan_core.parameters.value import ACTIVATIONS, DEFAULTS, EXPECTED, KNOBS, LOSSES, PANELS, SCENES
from gan_core.theory.densities import Bumps
from gan_core.theory.objectives import OBJECTIVES, Objective
from gan_core.theory.smoothing import conventions
from gan_core.typed import option_title
from ui.address import check_address
from ui.knobs import knob_slider
from ui.minimax_words import WORDS
from ui.plots import clicked, plots
from ui.sharing import share_button
from ui.tables import STYLE, Named, by_value, strip


def knob(name: str) -> Any:
    """The slider of KNOBS[name]; its value."""
    in_sight.add(name)
    return knob_slider(name, KNOBS[name])


def activation_box() -> str:
    """The activation that is highlighted."""
    in_sight.add("activation")
    word = st.selectbox("Activation", list(ACTIVATIONS), key="activation", bind="query-params")
    return ACTIVATIONS[word]


def loss_box() -> Objective:
    """The loss that is drawn beside cross-entropy."""
    in_sight.add("loss")
    titles = list(LOSSES)
    word = st.selectbox(
        "Loss", titles, index=titles.index(DEFAULTS["loss"]), key="loss", bind="query-params",
        help="What both players minimise, as in a live game. It is drawn beside cross-entropy.",
    )  # fmt: skip
    return OBJECTIVES[LOSSES[word]]


def take_scene(name: str) -> None:
    """Sets every slider of the first panel to its default or to the value of the scene."""
    names = [n for n in KNOBS if n.startswith(("data_", "g_", "d_s", "d_m"))] + ["smoothing", "fake_label"]
    for knob_name in names:
        st.session_state[knob_name] = SCENES[name].get(knob_name, KNOBS[knob_name].default)
    st.session_state["panel"] = PANELS[0]


def take_click() -> None:
    """A click on the map puts G there, one on the densities moves its mean, one on D* your midpoint."""
    click = clicked("plots_densities")
    if click is None:
        return
    places = {"map": {"g_mean": click.x, "g_spread": click.y}, "densities": {"g_mean": click.x},
              "outputs": {"d_midpoint": click.x}}  # fmt: skip
    for name, value in places.get(click.chart, {}).items():
        st.session_state[name] = on_grid(KNOBS[name], value)


def show(figures: dict[str, Figure], panel: str, columns: int, height: int, **more: Any) -> None:
    """The figures of a panel, each with the words of its name."""
    drawn = {
        name: figure | {"words": WORDS[name]._asdict() | figure["words"]} for name, figure in figures.items()
    }
    plots(drawn, key=f"plots_{panel}", columns=columns, height=height, **more)


def two_densities() -> tuple[Bumps, Bumps]:
    """The six sliders of p_data and p_G."""
    with st.container(key="real_side"):
        p = Bumps(knob("data_mean"), knob("data_spread"), knob("data_share"))
    with st.container(key="generator"):
        return p, Bumps(knob("g_mean"), knob("g_spread"), knob("g_share"))


def labels_and_d() -> tuple[Labels, float, float]:
    """The labels D learns with, and a D of your own."""
    with st.container(key="discriminator"):
        labels = Labels(knob("smoothing"), knob("fake_label"))
        return labels, knob("d_slope"), knob("d_midpoint")


def number_strip(n: Numbers) -> None:
    """The numbers that move with every slider."""
    strip([
        Named("V of your D", f"{number(n.own, 3)} nats", "V of your D, without smoothing", DISCRIMINATOR),
        Named("max V = C(G)", f"{number(n.best, 3)} nats", "V of the best D, without smoothing", VALUE),
        Named("JSD", f"{number(n.jsd, 3)} nats", "Jensen–Shannon divergence, 0 to log 2 = 0.693", VALUE),
        Named("KL(p_data ‖ p_G)", f"{number(n.kl_pq, 3)} nats", "Large where G leaves out real data", REAL),
        Named("KL(p_G ‖ p_data)", f"{number(n.kl_qp, 3)} nats", "Large where G makes unlike samples", FAKE),
        Named("Total variation", number(n.tv, 3), "0: alike, 1: nothing in common", REFERENCE),
        Named("Equilibrium line", number(n.equilibrium), "(label smoothing + fake label)/2", REFERENCE),
    ])  # fmt: skip


def densities_panel() -> None:
    """Two densities, D*, your D; the map of C(G)."""
    left, middle, right = st.columns([1, 5, 1], gap="small")
    with left:
        p, q = two_densities()
    with right:
        labels, slope, midpoint = labels_and_d()
    numbers = value_figures.numbers_of(p, q, labels, slope, midpoint)
    figures = {
        "densities": value_figures.densities_figure(value_figures.densities_info(p, q)),
        "outputs": value_figures.outputs_figure(value_figures.outputs_info(p, q, labels, slope, midpoint)),
        "map": value_figures.map_figure(value_figures.map_info(p, q)),
        "ladder": value_figures.ladder_figure(numbers),
    }
    with middle:
        number_strip(numbers)
        show(figures, "densities", 2, 270, on_click=take_click)


def bce_panel() -> None:
    """The cost of one output, of a batch, and in float32."""
    left, middle, right = st.columns([1, 5, 1], gap="small")
    with left:
        p, q = two_densities()
    with right:
        label, verdict = knob("label"), knob("verdict")
        labels, slope, midpoint = labels_and_d()
    floats = costs.float_info()
    figures = {
        "terms": costs.terms_figure(costs.terms_info(verdict, label)),
        "batch": costs.batch_figure(costs.batch_info(p, q, labels, slope, midpoint)),
        "float": costs.float_figure(floats),
    }
    with middle:
        show(figures, "bce", 3, 400)
        float_table(floats)


def float_table(floats: costs.FloatInfo) -> None:
    """The same loss both ways, by value."""
    rows = costs.float_rows()
    by_value(
        ["generated image, logit ℓ", *(f"{row.logit:g}" for row in rows)],
        [
            ["h = σ(ℓ) in float32", *(f"{row.output:.8g}" for row in rows)],
            ["loss from logits", *(f"{row.from_logits:.4f}" for row in rows)],
            ["loss from h", *(f"{row.from_probabilities:.4f}".replace("inf", "∞") for row in rows)],
        ],
        about="The loss of a generated image in float32, in nats, from logits and from probabilities",
        marked=("∞",),
    )
    off, end, other = (number(edge or 0.0) for edge in (*floats.fake, floats.real.infinite))
    st.caption(
        f"In nats. Computed from h, the loss of a generated image has an error of 1 % from logit {off} on "
        f"and is infinite from {end} on; that of a real image is infinite below {other}. Computed from "
        "logits, both are correct everywhere."
    )


def generator_panel() -> None:
    """Minimax against non-saturating."""
    left, middle, right = st.columns([1, 5, 1], gap="small")
    with left:
        p, q = two_densities()
    with right, st.container(key="generator_side"):
        info = generator.generator_info(knob("d_of_fake"))
    pull = generator.pull_info(p, q)
    figures = {
        "losses": generator.generator_figure(info, "losses"),
        "slopes": generator.generator_figure(info, "slopes"),
        "pull": generator.pull_figure(pull),
    }
    pushes = [f"{pull.means[kind]:.3g}" for kind in ("minimax", "non_saturating")]
    flat, steep = (f"{info.slopes[kind]:.4g}" for kind in ("minimax", "non_saturating"))
    with middle:
        strip([
            Named("D(G(z))", f"{info.output:g}", "D's output for the sample", DISCRIMINATOR),
            Named("minimax slope", flat, "|d log(1 − D)/dℓ| = D", GENERATOR),
            Named("non-saturating slope", steep, "|d(−log D)/dℓ| = 1 − D", GENERATOR),
            Named("non-saturating / minimax", f"{info.advantage:.4g} ×", "(1 − D)/D", GENERATOR),
            Named("mean push: minimax, non-saturating", ", ".join(pushes), "Nats per unit of x", GENERATOR),
        ])  # fmt: skip
        show(figures, "generator", 3, 520)


def losses_panel() -> None:
    """Any loss beside cross-entropy: its curves, its best D, its push on G's samples."""
    left, middle = st.columns([1, 6], gap="small")
    with left:
        game = loss_box()
        p, q = two_densities()
    curves, best = objectives.losses_info(game), objectives.best_info(game, p, q)
    figures = {
        "loss_parts": objectives.parts_figure(curves),
        "loss_rise": objectives.rise_figure(curves),
        "best_d": objectives.best_figure(best),
        "loss_push": objectives.push_figure(best),
    }
    distance = objectives.distance_of(best)
    answer, value = objectives.equilibrium_of(game)
    push = objectives.number_or_none(best.mean_push)
    with middle:
        strip([
            Named("max V", objectives.said(best.value, game), "V of the best D, without smoothing", VALUE),
            Named(distance.name, objectives.number_or_none(distance.value), distance.meaning, VALUE),
            Named("V at p_G = p_data", value, "Without smoothing", REFERENCE),
            Named("best D at p_G = p_data", answer, "D's output, without smoothing", REFERENCE),
            Named("mean push on G's samples", push, "Mean over p_G of the size", GENERATOR),
        ])  # fmt: skip
        show(figures, "objectives", 2, 270)


def smoothing_panel() -> None:
    """One-sided, two-sided, and the four conventions."""
    left, middle = st.columns([1, 6], gap="small")
    with left, st.container(key="discriminator"):
        labels = Labels(knob("smoothing"), knob("fake_label"))
    figures = {
        "optimum": smoothing.optimum_figure(smoothing.optimum_info(labels)),
        "pull_back": smoothing.pull_back_figure(smoothing.pull_back_info(labels)),
        "fade": smoothing.fade_figure(smoothing.fade_info(labels)),
    }
    with middle:
        show(figures, "smoothing", 3, 420)
        conventions_table(1.0 - labels.real_label)


def conventions_table(chosen: float) -> None:
    """The equilibrium under each convention of smoothing; for 0.1 where none is chosen."""
    strength = chosen or smoothing.COMPARED
    by_value(
        [f"“smoothing {number(strength)}” means", "who", "label of real", "label of generated",
         "D at p_G = p_data", "V there, no smoothing (nats)"],
        [
            [c.name, c.where, f"{number(c.real_label, 3)}", number(c.fake_label, 3), number(c.output, 3),
             number(c.value, 4)]
            for c in conventions(strength)
        ],
        about="Four conventions of label smoothing",
    )  # fmt: skip
    factor = number(1.0 - strength)
    compared = "" if chosen else f" The slider is at 1, no smoothing; {number(strength)} is for comparison."
    st.caption(
        f"In this app it is label smoothing {factor} = 1 − {number(strength)}. GAN Lab does not change the "
        f"labels; it multiplies log D by {factor}.{compared}"
    )


def activations_panel() -> None:
    """Functions, derivatives, and the gradient that is left."""
    left, middle = st.columns([1, 6], gap="small")
    with left:
        chosen = activation_box()
        leaky, layers = knob("leaky_slope"), knob("layers")
        gain, spread = knob("gain"), knob("spread")
    info = activations.activations_info(chosen, leaky, layers=layers, gain=gain, spread=spread)
    figures = {
        "functions": activations.shape_figure(info, "functions"),
        "derivatives": activations.shape_figure(info, "derivatives"),
        "surviving": activations.surviving_figure(info),
    }
    with middle:
        show(figures, "activations", 3, 520)
        name, factor = option_title(chosen), info.surviving[chosen][1]
        st.caption(f"One layer of {name} multiplies the gradient by {factor:.4g} on average.")


in_sight: set[str] = set()
DRAW = (densities_panel, bce_panel, generator_panel, losses_panel, smoothing_panel, activations_panel)

st.html(STYLE)
check_address("value", EXPECTED)
with st.container(horizontal=True, vertical_alignment="center", key="scenes"):
    for scene in SCENES:
        st.button(scene, icon=":material/theaters:", on_click=take_scene, args=(scene,), key=f"scene_{scene}")
    panel = st.segmented_control(
        "Panel", PANELS, default=PANELS[0], required=True, key="panel", bind="query-params",
        label_visibility="collapsed", width="content",
    )  # fmt: skip
    share_button("value")
st.fragment(DRAW[PANELS.index(panel or PANELS[0])])()  # a fragment: a slider runs only its panel again
# The controls of the other panels stay on the page, hidden. A control that leaves the page comes back with
# an old value of the address, and its value is missing in links.
with st.container(key="out_of_sight"):
    for name in [name for name in KNOBS if name not in in_sight]:
        knob(name)
    if "activation" not in in_sight:
        activation_box()
    if "loss" not in in_sight:
        loss_box()
