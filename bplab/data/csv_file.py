"""One's own table: a CSV file as a dataset."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from .base import Samples, Seed, Shape, Split, TestFraction
from .csv_table import Preview, column_names, preview, read_table
from .csv_target import TaskChoice, to_samples
from .file_dataset import FileDataset
from .files import Watch, check_file
from .splitting import divide

DelimiterName = Literal["auto", "comma", "semicolon", "tab"]
_MARKS: dict[DelimiterName, str | None] = {"auto": None, "comma": ",", "semicolon": ";", "tab": "\t"}


class Csv(FileDataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="csv"):
    """Your own table: a CSV file of numbers with one target column.

    UTF-8 text, a row for each sample; every input column must be finite numbers. The target is numbers for a
    regression, class names or numbers for a classification. A file that was read is
    remembered until it changes on disk.
    """

    file_kind: ClassVar[str] = "CSV file"
    max_bytes: ClassVar[int] = 2**31

    path: Annotated[str, Meta(max_length=4096, description="the file; relative to the folder one works in")] = ""
    target: Annotated[
        int | str, Meta(description="target column: its name, or its number from 1, or −1 for the last")
    ] = -1
    inputs: Annotated[
        tuple[Annotated[int | str, Meta(description="a column's name, or its number from 1")], ...],
        Meta(max_length=100_000, description="input columns, by name or number; none named: all but the target"),
    ] = ()
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

    def read_files(self, watch: Watch) -> Samples:
        """The rows in their own units; ``InputError`` names file, line and column."""
        (path,) = self.paths()
        table = read_table(
            path,
            header=self.header,
            target=self.target,
            inputs=self.inputs,
            delimiter=_MARKS[self.delimiter],
            watch=watch,
        )
        return to_samples(table, self.task)

    def split(self) -> Split:
        """The rows, shuffled and divided, scaled by what the training part alone shows."""
        return divide(
            self.load(),
            self.seed,
            self.test_fraction,
            standardize=self.standardize,
            standardize_target=self.standardize_target,
        )

    def preview(self, rows: int = 50) -> Preview:
        """The first rows of the file, all columns; ``InputError`` names file, line and column."""
        (path,) = self.paths()
        check_file(path, self.file_kind, self.max_bytes)
        return preview(path, header=self.header, delimiter=_MARKS[self.delimiter], rows=rows)

    def columns(self) -> list[str]:
        """Names of all columns of the file, inputs and target."""
        (path,) = self.paths()
        check_file(path, self.file_kind, self.max_bytes)
        return column_names(path, header=self.header, delimiter=_MARKS[self.delimiter])

    def describe(self) -> Shape:
        """What the file holds; reads it if it has changed since."""
        samples = self.load()
        return Shape.of(samples.input_names, samples.class_names)
