"""The two terms of the BCE cost, the cost of a batch, and where float32 is not exact enough."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gan_core.figures.minimax.curves import curve_trace, level_trace, note, point_trace, spoken
from gan_core.figures.minimax.value import Labels
from gan_core.figures.style import (
    DASHES,
    DISCRIMINATOR,
    FAKE,
    FILLED,
    HATCHED,
    LINE,
    REAL,
    REFERENCE,
    Figure,
    axis,
    faded,
    key,
    layout,
    number,
)
from gan_core.theory import cross_entropy as ce
from gan_core.theory import densities
from gan_core.theory.densities import Bumps
from gan_core.theory.value import Floats

OUTPUTS = ce.sigmoid(np.linspace(-7.0, 7.0, 281))
"""Outputs of D, evenly spaced as logits: close together where the costs are steep."""

BATCH = 8
TABLE = (5.0, 10.0, 14.0, 15.0, 16.0, 16.5, 17.0, 20.0, 50.0, 100.0)
"""Logits of a generated image whose losses are listed by value."""

STAIRS = np.linspace(12.0, 18.0, 1201)


class TermsInfo(NamedTuple):
    """The cost of one output h under one label, in nats."""

    label: float
    output: float
    real_term: float  # -log h
    fake_term: float  # -log(1 - h)
    cost: float


def _at(output: float) -> Floats:
    return np.array([ce.logit(output)])


def terms_info(output: float, label: float) -> TermsInfo:
    """`output`: h, in (0, 1); `label`: from 0 (generated) to 1 (real)."""
    real, fake, cost = (float(ce.cross_entropy(_at(output), label=y)[0]) for y in (1.0, 0.0, label))
    return TermsInfo(label, output, real, fake, cost)


def terms_figure(info: TermsInfo) -> Figure:
    """Both terms, each as opaque as its weight, and their weighted sum."""
    hover = "h %{x:.3f}<br>%{y:.3f} nats"
    logits = np.log(OUTPUTS) - np.log1p(-OUTPUTS)
    weights = (info.label, 1.0 - info.label)
    names = (f"{number(weights[0])} × (−log h)", f"{number(weights[1])} × (−log(1 − h))")
    parts = zip((1.0, 0.0), weights, names, (REAL, FAKE), ("solid", "5px,2px"), strict=True)
    data = [
        curve_trace(OUTPUTS, ce.cross_entropy(logits, label=y), name, faded(colour, 0.15 + 0.85 * weight),
                    hover, dash=dash)
        for y, weight, name, colour, dash in parts
    ]  # fmt: skip
    whole = ce.cross_entropy(logits, label=info.label)
    data.append(curve_trace(OUTPUTS, whole, "cost", DISCRIMINATOR, hover, width=3))
    data.append(point_trace([info.output], [info.cost], "this output", hover, color=DISCRIMINATOR, size=11))
    signs = (LINE, REAL, names[0]), (DASHES, FAKE, names[1])
    figure = {
        "data": data,
        "layout": layout(
            axis("output h = D(x)", (0.0, 1.0), zeroline=False),
            axis("cost (nats)", (0.0, 5.0), zeroline=False),
            [],
            above=[key(*signs), key((LINE, DISCRIMINATOR, f"cost, here {number(info.cost, 3)} nats"))],
            right=14,
        ),
    }
    return spoken(figure, f"Output {info.output:g} with label {info.label:g} costs {info.cost:.3f} nats.")


class BatchInfo(NamedTuple):
    """A small batch, judged by a logistic D: what each image costs, in nats."""

    real_x: Floats  # [BATCH]
    fake_x: Floats  # [BATCH]
    real_cost: Floats  # [BATCH]
    fake_cost: Floats  # [BATCH]

    @property
    def means(self) -> tuple[float, float]:
        return float(self.real_cost.mean()), float(self.fake_cost.mean())


def batch_info(p: Bumps, q: Bumps, labels: Labels, slope: float, midpoint: float) -> BatchInfo:
    """BATCH samples of each density (`theory.densities.batch`) under sigmoid(slope (x - midpoint))."""
    real, fake = densities.batch(p, BATCH), densities.batch(q, BATCH)
    logits = densities.logistic(slope, midpoint)
    return BatchInfo(
        real, fake,
        ce.cross_entropy(logits(real), label=labels.real_label),
        ce.cross_entropy(logits(fake), label=labels.fake_label),
    )  # fmt: skip


def batch_figure(info: BatchInfo) -> Figure:
    """A bar for each image, and the mean of each kind: the loss of D is their sum."""
    hatch = {"shape": "/", "size": 6, "solidity": 0.3, "fgcolor": FAKE, "bgcolor": faded(FAKE, 0.15)}
    kinds = (
        ("real", 1, info.real_x, info.real_cost, {"color": faded(REAL, 0.6)}),
        ("generated", BATCH + 2, info.fake_x, info.fake_cost, {"color": faded(FAKE, 0.6), "pattern": hatch}),
    )
    data: list[dict[str, Any]] = []
    top = max(1.0, float(max(info.real_cost.max(), info.fake_cost.max()))) * 1.15
    for (name, first, x, cost, marker), mean in zip(kinds, info.means, strict=True):
        places = list(range(first, first + BATCH))
        data.append(
            {"type": "bar", "name": name, "x": places, "y": cost.tolist(), "marker": marker,
             "customdata": x.tolist(), "hovertemplate": "x %{customdata:.2f}<br>cost %{y:.3f} nats"}
        )  # fmt: skip
        ends = (first - 0.6, first + BATCH - 0.4)
        data.append(level_trace(ends, mean, f"mean cost of {name}: {number(mean, 3)} nats", width=2))
    real, fake, loss = (number(value, 3) for value in (*info.means, sum(info.means)))
    ticks = {
        "tickvals": [1 + BATCH / 2 - 0.5, 2 + 1.5 * BATCH - 0.5],
        "ticktext": [f"real<br>mean {real}", f"generated<br>mean {fake}"],
    }
    signs = (FILLED, REAL, "real"), (HATCHED, FAKE, "generated"), (DASHES, REFERENCE, "mean")
    figure = {
        "data": data,
        "layout": layout(
            axis("", (0.0, 2 * BATCH + 2.0), zeroline=False, **ticks),
            axis("cost of each image (nats)", (0.0, top), zeroline=False),
            [],
            above=[key(*signs), f"D's loss = {real} + {fake} = {loss} nats"],
            right=14,
        ),
    }
    return spoken(figure, f"Mean cost {real} of real and {fake} of generated samples, in nats.")


class FloatRow(NamedTuple):
    """One generated image in float32: the same loss both ways, in nats."""

    logit: float
    output: float  # sigmoid(logit), rounded to float32
    from_logits: float
    from_probabilities: float


def float_rows() -> list[FloatRow]:
    """The logits of TABLE under label 0."""
    logits = np.array(TABLE, np.float32)
    columns = (
        ce.sigmoid(logits), ce.cross_entropy(logits, label=0.0), ce.from_probabilities(logits, label=0.0),
    )  # fmt: skip
    return [FloatRow(*map(float, row)) for row in zip(logits, *columns, strict=True)]


class FloatInfo(NamedTuple):
    """The loss of a generated image near the break, both ways, in float32, and where it breaks."""

    exact: Floats  # [STAIRS]
    naive: Floats  # [STAIRS], NaN where it is infinite
    fake: ce.Break  # label 0, towards large logits
    real: ce.Break  # label 1, towards small ones


def float_info() -> FloatInfo:
    """Computed in float32, as a network would."""
    logits = STAIRS.astype(np.float32)
    naive = ce.from_probabilities(logits, label=0.0).astype(float)
    return FloatInfo(
        ce.cross_entropy(logits, label=0.0).astype(float),
        np.where(np.isinf(naive), np.nan, naive),
        ce.breaks(label=0.0, side=1),
        ce.breaks(label=1.0, side=-1),
    )


def float_figure(info: FloatInfo) -> Figure:
    """The loss from h has steps where float32 has few values of 1 − h left, and ends where it has none."""
    hover = "logit %{x:.2f}<br>%{y:.3f} nats"
    notes = []
    data = [
        curve_trace(STAIRS, info.exact, "from logits", DISCRIMINATOR, hover, width=2.5),
        curve_trace(STAIRS, info.naive, "from probabilities", FAKE, hover, width=2, dash="5px,2px"),
    ]
    if info.fake.infinite is not None:
        end, top = info.fake.infinite, float(np.nanmax(info.naive))
        data.append(point_trace([end], [top], "infinite", "from logit %{x:.2f} on", color=FAKE, symbol="x"))
        notes.append(note(f"infinite from logit {number(end)}", end, top + 1.1, xanchor="right"))
    figure = {
        "data": data,
        "layout": layout(
            axis("logit of a generated image", (12.0, 18.0), zeroline=False),
            axis("loss (nats)", (12.0, 18.0), zeroline=False),
            notes,
            above=[key((LINE, DISCRIMINATOR, "from logits"), (DASHES, FAKE, "from probabilities"))],
            right=14,
        ),
    }
    return spoken(figure, f"From probabilities the loss is infinite from logit {info.fake.infinite} on.")
