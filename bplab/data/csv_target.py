"""One idea: what stands in the target column decides whether a table is a classification or a regression."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from bplab.engine.errors import InputError

from .base import Floats, Samples
from .csv_cells import short, tidy
from .csv_rows import Table, TargetColumn
from .files import MAX_CLASSES

TaskChoice = Literal["auto", "classification", "regression"]

MAX_NUMBERED_CLASSES = 20  # more distinct integers than this are quantities, not classes


def to_samples(table: Table, task: TaskChoice) -> Samples:
    """The table as samples; ``InputError`` names file, line and column.

    ``auto``: words are class names, and so are integers with at most 20 distinct values; other numbers are
    quantities. Class names are sorted, numbers by value.
    """
    if _is_regression(table, task):
        targets = np.frombuffer(table.target.numbers)[:, np.newaxis]
        return Samples(table.inputs, targets, "regression", (), table.input_names)
    indices, names = _classes(table.target)
    where = f"{table.path}, {table.target.place}"
    if len(names) < 2:
        raise InputError(f"{where}: every row has the class {short(names[0])!r}; at least two classes are needed")
    if len(names) > MAX_CLASSES:
        raise InputError(f"{where}: there are {len(names):,} classes; at most {MAX_CLASSES:,} can be told apart")
    return Samples(table.inputs, indices, "classification", names, table.input_names)


def _is_regression(table: Table, task: TaskChoice) -> bool:
    word = table.target.first_word
    if word is None:
        return task == "regression" or (task == "auto" and not _few_integers(np.frombuffer(table.target.numbers)))
    where = f"{table.path}, line {word.line}, {table.target.place}: {short(word.text)!r} is not a number"
    if task == "regression":
        raise InputError(f"{where}, as the target of a regression must be")
    if task == "auto" and table.target.words < len(table.inputs):
        raise InputError(f"{where}, but other targets are; correct it, or choose classification to read all as names")
    return False


def _few_integers(numbers: Floats) -> bool:
    return bool(np.all(numbers == np.floor(numbers))) and len(np.unique(numbers)) <= MAX_NUMBERED_CLASSES


def _classes(target: TargetColumn) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Class index of each row (rows,) and the sorted class names."""
    if target.first_word is None:
        numbers, indices = np.unique(np.frombuffer(target.numbers), return_inverse=True)
        return indices.astype(np.int64), tuple(_number_name(float(number)) for number in numbers)
    name_of = {text: tidy(text) for text in set(target.texts)}
    names = sorted(set(name_of.values()))
    place = {name: index for index, name in enumerate(names)}
    index_of = {text: place[name] for text, name in name_of.items()}
    return np.fromiter(map(index_of.__getitem__, target.texts), np.int64, len(target.texts)), tuple(names)


def _number_name(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
