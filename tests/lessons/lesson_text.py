"""A small lesson as text, and what tests change in it."""

from __future__ import annotations

CHECK = """## Check yourself
```toml
[[question]]
text = "One?"
choices = ["yes", "no"]
answer = 1
why = "So it is."

[[question]]
text = "Two?"
choices = ["yes", "no"]
answer = 2
why = "So it is."

[[question]]
text = "Three?"
choices = ["yes", "no"]
answer = 2
why = "So it is."
```
"""
HEAD = """# A small lesson

What it shows, in about 5 minutes.

"""
LIVE = """## The game
Look at $D$.

```toml
page = "live"
panels = ["digits", "outputs"]
control = "smoothing"
stop = 40
claim = ["d_real in 0.5 +- 0.49 at step 40", "mean d_loss > 0.1 over steps 1 to 40"]

[settings]
preset = "balanced"
smoothing = 0.8

[question]
text = "Where is the line?"
choices = ["0.5", "0.4"]
answer = 2
why = "Half the sum of the labels."
```

"""
GOES_ON = """## It goes on
The line moves.

```toml
page = "live"
continue = true
stop = 60
claim = "d_reference in 0.45 +- 0.001 at step 60"
[settings]
smoothing = 0.9
```

"""
SADDLE = """## A saddle
Look.

```toml
page = "saddle"
panels = ["field"]
claim = ["distance > 3 at step 60", "outcome is diverges"]
```

"""
WHOLE = HEAD + LIVE + GOES_ON + SADDLE + CHECK
