"""What a shell would have to be told to make the same run: ``bplab train circle --set … --seed 3``.

An experiment that is one of the examples with a few settings changed is named so. Any other is written to a file
first, under a name that its contents decide: a command that was copied once always gives the same run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import platformdirs
from msgspec.structs import replace

from bplab.engine import InputError

from .experiment import Experiment, example_names, experiment_to_json, load_experiment
from .files import reason, write_atomically
from .overrides import with_overrides

MOST_SETTINGS = 8
LONGEST = 240
"""Settings, and letters in them, beyond which nobody reads a command: then a file says it better."""
SEED = "training.seed="


@dataclass(frozen=True)
class ShellCommand:
    """``words`` as a program gets them, ``file`` the experiment that was written for it, if one was."""

    words: tuple[str, ...]
    file: Path | None

    @property
    def text(self) -> str:
        """To be pasted into the shell of this system."""
        return subprocess.list2cmdline(self.words) if os.name == "nt" else shlex.join(self.words)


def commands_folder() -> Path:
    """Where experiments are kept that commands name; it may not exist yet."""
    return platformdirs.user_data_path("bplab", appauthor=False) / "commands"


def shell_command(experiment: Experiment, updates: int | None = None) -> ShellCommand:
    """The command for a run of ``experiment``, of its planned length or of so many ``updates``.

    ``InputError`` if a file is needed and cannot be written.
    """
    found, file = changes_of_an_example(experiment), None
    if found is None:
        file = _written(experiment)
        found = str(file), []
    source, settings = found
    words = ["bplab", "train", source]
    for setting in settings:
        if not setting.startswith(SEED):
            words += ["--set", setting]
    words += ["--seed", str(experiment.training.seed)]
    if updates is not None:
        words += ["--steps", str(updates)]
    return ShellCommand(tuple(words), file)


def changes_of_an_example(experiment: Experiment) -> tuple[str, list[str]] | None:
    """The example that ``experiment`` is nearest to, and the settings to change in it; None if those are too many.

    Names do not count: they change no run.
    """
    best: tuple[str, list[str]] | None = None
    for name in example_names():
        with suppress(InputError):
            example = replace(load_experiment(name), name=experiment.name)
            settings = list(changes_between(msgspec.to_builtins(example), msgspec.to_builtins(experiment)))
            nearer = best is None or len(settings) < len(best[1])
            if nearer and _is_readable(settings) and with_overrides(example, settings) == experiment:
                best = name, settings
    return best


def _is_readable(settings: list[str]) -> bool:
    return len(settings) <= MOST_SETTINGS and sum(map(len, settings)) <= LONGEST


def changes_between(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """``PATH=VALUE`` for every difference, as :func:`~.overrides.with_overrides` takes them."""
    if old == new:
        return
    alike = isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys()
    if alike and old.get("type") == new.get("type"):
        for key in new:
            yield from changes_between(old[key], new[key], f"{path}.{key}".lstrip("."))
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and len(old) == len(new):
        for at, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from changes_between(one, other, f"{path}[{at}]")
    elif isinstance(new, dict) and new.keys() == {"type"}:
        yield f"{path}={new['type']}"
    else:
        yield f"{path}={msgspec.json.encode(new).decode()}"


def _written(experiment: Experiment) -> Path:
    text = experiment_to_json(experiment)
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=4).hexdigest()
    word = re.sub(r"[^a-z0-9]+", "-", experiment.name.lower()).strip("-")[:40] or "experiment"
    file = commands_folder() / f"{word}-{digest}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{file.parent} could not be made: {reason(error)}") from None
    write_atomically(file, text)
    return file
