"""Runs to report on, and a reader of pages that refuses what a browser would have to guess."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest

from bplab.data import Blobs, Circle, Dataset, Digits, Iris, MultiGauss
from bplab.engine import (
    SGD,
    Adam,
    BinaryCrossEntropy,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HalfSquaredError,
    Identity,
    Layer,
    MaxPool,
    MeanPool,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.report import ReportSubject, report_page, subject_of
from bplab.lab.runner import Runner, train_to_end

NOW = datetime(2025, 3, 14, 15, 4, 5, tzinfo=timezone(timedelta(hours=1)))
VOID = {"meta", "img", "link", "br", "hr", "input", "col", "wbr"}


def experiment(data: Dataset, layers: Sequence[Layer], name: str = "A run", **plan: Any) -> Experiment:
    """An experiment from its parts."""
    return Experiment(data, NetworkDesign(tuple(layers)), TrainingPlan(**plan), name)


CASES: dict[str, Callable[[], Runner]] = {
    "two classes": lambda: train_to_end(
        experiment(Circle(samples=80, noise=0.3), [Dense(4, Tanh()), Dense(1, Tanh())], epochs=6)
    ),
    "six classes": lambda: train_to_end(
        experiment(
            Blobs(samples=90, classes=6),
            [Dense(8, ReLU()), Dense(6, Softmax())],
            loss=CrossEntropy(),
            optimizer=Adam(),
            epochs=4,
        )
    ),
    "table": lambda: train_to_end(
        experiment(Iris(), [Dense(5, Tanh()), Dense(3, Softmax())], loss=CrossEntropy(), epochs=5)
    ),
    "regression": lambda: train_to_end(
        experiment(
            MultiGauss(samples=80),
            [Dense(6, Tanh()), Dense(1, Identity())],
            loss=HalfSquaredError(),
            epochs=5,
        )
    ),
    "one layer, no test": lambda: train_to_end(
        experiment(Circle(samples=40, test_fraction=0.0), [Dense(1, Sigmoid())], loss=BinaryCrossEntropy(), epochs=3)
    ),
    "regression, no test": lambda: train_to_end(
        experiment(MultiGauss(samples=40, test_fraction=0.0), [Dense(1, Identity())], epochs=2)
    ),
    "diverged": lambda: train_to_end(
        experiment(MultiGauss(samples=60), [Dense(8, ReLU()), Dense(1, Identity())], optimizer=SGD(500.0))
    ),
    "filters": lambda: train_to_end(
        experiment(
            Digits(),
            [Conv2D(6, ReLU(), padding=1), MaxPool(), MeanPool(), Flatten(), Dense(10, Softmax())],
            loss=CrossEntropy(),
            optimizer=Adam(),
            batch_size=64,
            epochs=1,
        )
    ),
    "skips": lambda: train_to_end(
        experiment(
            Circle(samples=80),
            [Dense(4, Tanh()), Dense(4, Tanh(), skip=1, dropout=0.1), Dense(3, Tanh(), skip=0), Dense(1, Tanh())],
            epochs=3,
        )
    ),
    "untrained": lambda: Runner(experiment(Circle(samples=40), [Dense(3, Tanh()), Dense(1, Tanh())])),
}


@dataclass
class Element:
    """One element of a page with the text directly and indirectly in it."""

    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, blanks folded."""
        return " ".join("".join(self.parts).split())


class Page(HTMLParser):
    """A page read strictly: every element opened is closed, in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert [element.tag for element in self._open] == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element; all but the void ones stay open."""
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An empty element of an SVG."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element opened last, which must be this one."""
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text belongs to every element around it."""
        for element in self._open:
            element.parts.append(data)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of this tag with these attributes (a trailing _ is dropped)."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    @property
    def text(self) -> str:
        """All text that a reader sees."""
        return self.all("body")[0].text.replace("\N{NO-BREAK SPACE}", " ")


def page_of(subject: ReportSubject) -> Page:
    """The report, read."""
    return Page(report_page(subject, NOW))


@pytest.fixture(scope="session")
def subjects() -> dict[str, ReportSubject]:
    """Every case trained once."""
    return {name: subject_of(make()) for name, make in CASES.items()}


@pytest.fixture(scope="session")
def pages(subjects: dict[str, ReportSubject]) -> dict[str, Page]:
    """The report of every case."""
    return {name: page_of(subject) for name, subject in subjects.items()}


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> str:
    """Each case in turn."""
    return str(request.param)


@pytest.fixture
def page(case: str, pages: dict[str, Page]) -> Page:
    """The report of each case in turn."""
    return pages[case]


@pytest.fixture
def subject(case: str, subjects: dict[str, ReportSubject]) -> ReportSubject:
    """The subject of each case in turn."""
    return subjects[case]


@pytest.fixture
def read() -> Callable[[ReportSubject], Page]:
    """Makes and reads a report."""
    return page_of


@pytest.fixture
def build() -> Callable[..., Experiment]:
    """Makes an experiment from its parts."""
    return experiment
