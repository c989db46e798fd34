"""Record the moving picture of the Home page from a real run: `python -m benchmarks.film`.

Left, 32 digits of fixed latents as the default run learns; right, D's outputs on held-out real
digits (green) and on fresh fakes (vermillion) closing in on the equilibrium line.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from gan_core.data import load
from gan_core.figures.style import FAKE, REAL, REFERENCE
from gan_core.history import HISTOGRAM_BINS
from gan_core.measures.held_out import HeldOut, evaluate
from gan_core.networks import draw_latents
from gan_core.settings import Settings
from gan_core.training import Functions, GanTrainer

TARGET = Path(__file__).resolve().parent.parent / "ui" / "static" / "first_minute.webp"
FRAMES = 60
LAST_STEP = 12_000
SIZE = (896, 288)
PAPER, INK = "#11151C", "#E6E9EE"


def plot_of(held_out: HeldOut, size: int) -> Image.Image:
    """The two histograms of D's outputs with the equilibrium line; [size, size] pixels, twice as wide."""
    width, height, floor = size * 2 - 40, size, size - 34
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image, "RGBA")
    tallest = max(0.2, float(held_out.real_histogram.max()), float(held_out.fake_histogram.max()))
    bar = width / HISTOGRAM_BINS
    for shares, colour in ((held_out.real_histogram, REAL), (held_out.fake_histogram, FAKE)):
        for i, share in enumerate(shares):
            top = floor - (floor - 40) * share / tallest
            draw.rectangle((i * bar, top, (i + 1) * bar - 1, floor), fill=(*_rgb(colour), 150))
    at = held_out.evaluation.d_reference * width
    for y in range(30, floor, 10):
        draw.line((at, y, at, y + 5), fill=REFERENCE, width=2)
    font = ImageFont.load_default(15)
    draw.text((at + 6, 24), f"equilibrium {held_out.evaluation.d_reference:.2f}", fill=INK, font=font)
    draw.line((0, floor, width, floor), fill=INK)
    draw.text((0, floor + 6), "0", fill=INK, font=font)
    draw.text((width - 10, floor + 6), "1", fill=INK, font=font)
    draw.text((width / 2, floor + 6), "D's output, probability of 'real'", fill=INK, font=font, anchor="ma")
    draw.text((0, 0), "real digits", fill=REAL, font=font)
    draw.text((90, 0), "generated", fill=FAKE, font=font)
    draw.text((width, 0), f"step {int(held_out.evaluation.step):,}", fill=INK, font=font, anchor="ra")
    return image


def digits_of(trainer: GanTrainer, z: torch.Tensor) -> NDArray[np.uint8]:
    """Eight by four generated digits as one image, [112, 224]."""
    with torch.no_grad():
        images = trainer.average(z, Functions.of(trainer.settings).generator, "eval")
    grid = images.add(1).mul(127.5).clamp(0, 255).byte().reshape(4, 8, 28, 28)
    return np.asarray(grid.permute(0, 2, 1, 3).reshape(112, 224), np.uint8)


def record() -> None:
    """Train, draw, write."""
    torch.set_num_threads(1)
    settings = Settings()
    trainer = GanTrainer(settings, load(settings))
    z = draw_latents(32, settings, torch.Generator().manual_seed(settings.seed))
    stops = np.unique(np.round(np.geomspace(1, LAST_STEP + 1, FRAMES)).astype(int)) - 1
    frames = []
    for stop in stops:
        while trainer.steps_done < stop:
            trainer.step(settings)
        frame = Image.new("RGB", SIZE, PAPER)
        digits = Image.fromarray(digits_of(trainer, z)).resize((448, 224), Image.Resampling.NEAREST)
        frame.paste(digits, (16, 32))
        frame.paste(plot_of(evaluate(trainer), 224), (480, 40))
        frames.append(frame)
    held = [120] * (len(frames) - 1) + [3000]
    frames[0].save(
        TARGET, save_all=True, append_images=frames[1:], duration=held, loop=0,
        quality=40, method=6, minimize_size=True,
    )  # fmt: skip


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


if __name__ == "__main__":
    record()
