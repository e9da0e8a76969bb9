"""The shell's commands: one module each, of the command's own name.

A module has ``add_arguments(parser)`` and ``run(choice) -> int``, which returns the exit code, and is loaded when its
command is asked for.
"""

COMMANDS = {
    "train": "train an experiment and print what came of it",
    "check": "check an experiment's gradients against the slope of its loss",
    "forecast": "how large signals and errors will be in every layer, before anything is trained",
    "explain": "why a gradient is what it is at a step of the training, factor by factor",
    "report": "write the report of a project's run",
    "list": "what there is to choose from",
    "bench": "measure this machine",
}
"""Name → what it is for, in the order in which help tells them."""
