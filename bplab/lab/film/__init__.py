"""One training step as a film that can be stopped, run forward and run backward.

``Film(moment)`` takes the step that comes next in a run: its own batch in its order, its dropout masks, its batch
statistics. :attr:`Film.phases` go from the samples through every layer to the loss and back to the update; each
knows the numbers it computes, what it lights up, a title in words and its equation. The step itself is a plain one of
the run's trainer, so that :attr:`Film.end` is exactly the state that the run comes to.
"""

from .camera import INPUTS, Key, Take
from .film import Film
from .phases import Kind, Lights, Phase
from .scene import Scene, Seen, Verdict, loss_of, scene_of, what_is_shown

__all__ = [
    "INPUTS", "Film", "Key", "Kind", "Lights", "Phase", "Scene", "Seen", "Take", "Verdict", "loss_of", "scene_of",
    "what_is_shown",
]  # fmt: skip
