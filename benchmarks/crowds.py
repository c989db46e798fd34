"""Crowds of clients for `benchmarks.load`, in a process of their own: the server's is measured alone."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson

from benchmarks.clients import PATIENCE, Owner, Seen, Viewer, World
from benchmarks.followers import Follower, Pointing, bad_one
from benchmarks.rooms import percentile

SETTLING = 5.0  # seconds between the last beginning, or the last leaving, and what is measured then
Client = Owner | Viewer | Follower | Pointing
CALM = 10.0  # seconds measured before the slow viewers come, and after they have gone
BAD_SOCKETS = 100  # that one misbehaving follower opens
SLOW_ACK = 3.0  # seconds a slow viewer waits before it acknowledges


async def begin(clients: Sequence[Client]) -> list[asyncio.Task[None]]:
    """Let clients begin; returns when all have, or when they have had `PATIENCE` seconds."""
    tasks = [asyncio.create_task(client.live()) for client in clients]
    with suppress(TimeoutError):  # those that did not begin are seen by their missing frames
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*map(_begun, clients, tasks))
    return tasks


async def _begun(client: Client, task: asyncio.Task[None]) -> None:
    """Until it has begun or ended; raises what it should not have raised."""
    waiting = asyncio.create_task(client.begun.wait())
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        task.result()


async def end(tasks: list[asyncio.Task[None]]) -> None:
    """Let clients go, all at once."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def span(seconds: float) -> tuple[float, float]:
    """When a wait of so many seconds began and ended."""
    start = time.monotonic()
    await asyncio.sleep(seconds)
    return start, time.monotonic()


def summary(seen: Sequence[Seen], within: tuple[float, float]) -> dict[str, Any]:
    """Frames of the viewers whose run played for most of the time, from the one time to the other."""
    start, end = within
    playing: list[Seen] = []
    waiting: list[Seen] = []
    for one in seen:
        plays = sum(one.gaps(start, end, "playing")) > (end - start) / 2
        (playing if plays else waiting).append(one)
    found: dict[str, Any] = {"from": start, "to": end, "playing": len(playing), "others": len(waiting)}
    if waiting:
        count = statistics.mean(len(one.sizes(start, end)) for one in waiting)
        found["others_frames_per_second"] = round(count / (end - start), 3)
    return found | (frames_of(playing, start, end) if playing else {})


def frames_of(playing: Sequence[Seen], start: float, end: float) -> dict[str, Any]:
    """Of viewers whose run plays: frames per second, the time between two, and their size."""
    gaps = [one.gaps(start, end, "playing") for one in playing]
    sizes = [size for one in playing for size in one.sizes(start, end)]
    rates = [len(one) / sum(one) for one in gaps]
    waits = [1000 * gap for one in gaps for gap in one]
    return {
        "frames_per_second": {"min": round(min(rates), 2), "median": round(statistics.median(rates), 2)},
        "gap_ms": {"p95": round(percentile(waits, 0.95)), "longest": round(max(waits))},
        "frame_bytes": {"mean": round(statistics.mean(sizes)), "largest": max(sizes)},
    }


async def players(world: World, count: int, seconds: float) -> dict[str, Any]:
    """Clients with runs of their own, all of which press Play."""
    owners = [Owner(world) for _ in range(count)]
    tasks = await begin(owners)
    await asyncio.sleep(SETTLING)
    within = await span(seconds)
    await end(tasks)
    return {"players": summary([owner.seen for owner in owners], within)}


async def viewers(world: World, count: int, seconds: float) -> dict[str, Any]:
    """One run that plays, and viewers that acknowledge at once."""
    owner = Owner(world)
    tasks = await begin([owner])
    crowd = [Viewer(owner, world) for _ in range(count)]
    tasks += await begin(crowd)
    await asyncio.sleep(SETTLING)
    within = await span(seconds)
    await end(tasks)
    return {"viewers": summary([viewer.seen for viewer in crowd], within)}


async def slow(world: World, count: int, seconds: float) -> dict[str, Any]:
    """One run that plays, and viewers of which half acknowledge late and half never read."""
    owner = Owner(world)
    tasks = await begin([owner])
    await asyncio.sleep(SETTLING)
    before = await span(CALM)
    late = [Viewer(owner, world, pause=SLOW_ACK) for _ in range(count // 2)]
    crowd = await begin([*late, *(Viewer(owner, world, reads=False) for _ in range(count - len(late)))])
    during = await span(seconds)
    await end(crowd)
    await asyncio.sleep(SETTLING)
    after = await span(CALM)
    await end(tasks)
    normal = {"before": before, "during": during, "after": after}
    frames = [len(viewer.seen.sizes(*during)) for viewer in late]
    return {
        **{name: summary([owner.seen], within) for name, within in normal.items()},
        "late_viewers": {"frames_median": statistics.median(frames), "frames_most": max(frames)},
    }


async def followers(world: World, count: int, seconds: float) -> dict[str, Any]:
    """A class that follows a run which plays, while the teacher points; then one of them misbehaves, too."""
    owner = Owner(world, shares=True)
    tasks = await begin([owner])
    while not owner.code:
        await asyncio.sleep(0.1)
    crowd = [Follower(owner, world) for _ in range(count)]
    tasks += await begin([*crowd, Pointing(owner, world)])
    await asyncio.sleep(SETTLING)
    found = {"alone": _followed(crowd, await span(seconds))}
    async with bad_one(world, owner, BAD_SOCKETS):
        await asyncio.sleep(SETTLING)
        found["beside_a_bad_one"] = _followed(crowd, await span(seconds))
    await end(tasks)
    return found


def _followed(crowd: Sequence[Follower], within: tuple[float, float]) -> dict[str, Any]:
    """What followers saw, and how late they saw the pointer."""
    late = sorted(1000 * seconds for one in crowd for seconds in one.turns if 0 <= seconds < 5)
    pointer = {"p50": round(percentile(late, 0.5)), "p95": round(percentile(late, 0.95))} if late else {}
    for one in crowd:
        one.turns.clear()
    return summary([one.seen for one in crowd], within) | {"pointer_late_ms": pointer}


SCENARIOS = {"players": players, "viewers": viewers, "slow": slow, "followers": followers}


async def measure(name: str, address: str, count: int, seconds: float) -> dict[str, Any]:
    """One scenario: what its clients saw, by the clock `time.monotonic`, and what went wrong."""
    world = World(address)
    found = await SCENARIOS[name](world, count, seconds)
    kinds = Counter(world.errors)
    return {"seen": found, "errors": len(world.errors), "errors_by_kind": kinds}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument("address")
    parser.add_argument("count", type=int)
    parser.add_argument("seconds", type=float)
    asked = parser.parse_args()
    found = asyncio.run(measure(asked.scenario, asked.address, asked.count, asked.seconds))
    print(orjson.dumps(found).decode())
