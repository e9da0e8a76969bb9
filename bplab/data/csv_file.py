"""One's own table: a CSV file as a dataset."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from bplab.engine.errors import InputError

from .base import Dataset, Samples, Seed, Shape, Split, TestFraction
from .csv_records import check_file
from .csv_table import column_names, read_table
from .csv_target import TaskChoice, to_samples
from .splitting import divide

DelimiterName = Literal["auto", "comma", "semicolon", "tab"]
_MARKS: dict[DelimiterName, str | None] = {"auto": None, "comma": ",", "semicolon": ";", "tab": "\t"}


class Csv(Dataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="csv"):
    """Your own table: a CSV file of numbers with one target column.

    UTF-8 text, a row for each sample; every column but the target's must be finite numbers. The target is
    numbers for a regression, class names or numbers for a classification. A file that was read is
    remembered until it changes on disk.
    """

    path: Annotated[str, Meta(max_length=4096, description="the file; relative to the folder one works in")] = ""
    target: Annotated[
        int | str, Meta(description="target column: its name, or its number from 1, or −1 for the last")
    ] = -1
    header: Annotated[
        bool | None, Meta(description="whether the first row names the columns; null: if none of its cells is a number")
    ] = None
    task: Annotated[
        TaskChoice, Meta(description="auto: words and few different integers are classes, other numbers quantities")
    ] = "auto"
    delimiter: Annotated[DelimiterName, Meta(description="what stands between two cells")] = "auto"
    standardize: Annotated[bool, Meta(description="give every input mean 0 and variance 1")] = True
    standardize_target: Annotated[bool, Meta(description="the same for the target of a regression")] = False
    test_fraction: TestFraction = 0.3
    seed: Seed = 0

    @classmethod
    def title(cls) -> str:
        return "CSV file"

    def resolved(self, base: Path) -> Csv:
        """The same dataset with a relative path taken from the folder ``base``."""
        return replace(self, path=str(base.absolute() / self.path)) if self.path else self

    def load(self) -> Samples:
        """All rows in the order of the file, in their own units; read-only arrays."""
        self.check()
        if not self.path:
            raise InputError("no CSV file has been chosen yet")
        path = Path(self.path).absolute()
        state = check_file(path)
        return _read(path, state.st_mtime_ns, state.st_size, self.header, self.target, self.delimiter, self.task)

    def split(self) -> Split:
        """The rows, shuffled and divided, scaled by what the training part alone shows."""
        return divide(
            self.load(),
            self.seed,
            self.test_fraction,
            standardize=self.standardize,
            standardize_target=self.standardize_target,
        )

    def columns(self) -> list[str]:
        """Names of all columns of the file, inputs and target."""
        return column_names(Path(self.path).absolute(), header=self.header, delimiter=_MARKS[self.delimiter])

    def describe(self) -> Shape:
        """What the file holds; reads it if it has changed since."""
        samples = self.load()
        return Shape.of(samples.input_names, samples.class_names)


@functools.lru_cache(maxsize=2)
def _read(
    path: Path,
    modified: int,
    size: int,
    header: bool | None,
    target: int | str,
    delimiter: DelimiterName,
    task: TaskChoice,
) -> Samples:
    """``modified`` and ``size`` are there so that a changed file is read again."""
    return to_samples(read_table(path, header=header, target=target, delimiter=_MARKS[delimiter]), task)
