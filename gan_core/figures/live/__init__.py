"""Figures of the live page: `x_info(history, upto)` measures, `x_figure(info)` draws.

`upto` is the training step shown; infinity for the present.
"""

from gan_core.figures.live.changes import ChangeMark, change_marks
from gan_core.figures.live.losses import gradients_figure, gradients_info, losses_figure, losses_info
from gan_core.figures.live.means import means_figure, means_info
from gan_core.figures.live.objective import alike, objective_at
from gan_core.figures.live.outputs import heatmap_figure, heatmap_info, histogram_figure, histogram_info
from gan_core.figures.live.quality import (
    PathInfo,
    QualityInfo,
    classes_figure,
    path_figure,
    path_info,
    quality_figure,
    quality_info,
)
from gan_core.figures.live.saddle import saddle_figure, saddle_info
from gan_core.figures.live.value import tug_figure, tug_info, value_figure, value_info

__all__ = [
    "ChangeMark",
    "PathInfo",
    "QualityInfo",
    "alike",
    "change_marks",
    "classes_figure",
    "gradients_figure",
    "gradients_info",
    "heatmap_figure",
    "heatmap_info",
    "histogram_figure",
    "histogram_info",
    "losses_figure",
    "losses_info",
    "means_figure",
    "means_info",
    "objective_at",
    "path_figure",
    "path_info",
    "quality_figure",
    "quality_info",
    "saddle_figure",
    "saddle_info",
    "tug_figure",
    "tug_info",
    "value_figure",
    "value_info",
]
