"""The report's first paragraph and its key figures: what was trained, how well it does, what stands out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .samples import most_frequent
from .settings import setting_name
from .subject import ReportSubject
from .words import counted, duration, exact, listed, percent, plain, three

STALLED = 0.01
"""δ of the first layer below this share of the last one's is worth a sentence."""
UNTESTED = "No samples were kept apart for a test, so nothing says how it does on new data."
SATURATED = 0.8
"""A hidden layer with more than this share of saturated (neuron, sample) pairs is, too."""


@dataclass(frozen=True)
class Figure:
    """A key figure."""

    label: str
    value: str
    note: str = ""


def summary_sentences(subject: ReportSubject) -> list[str]:
    """The paragraph that a reader in a hurry reads."""
    sentences = [_network(subject), _result(subject), _losses(subject)]
    return [sentence for sentence in [*sentences, *_flow(subject)] if sentence]


def warning(subject: ReportSubject) -> str:
    """What puts everything else into question; empty if nothing does."""
    divergence, summary = subject.divergence, subject.summary
    if divergence:
        return (
            f"Training diverged at {plain(divergence.sentence)}. "
            f"All numbers here are those of the last finite weights, after {counted(summary.updates, 'update')}."
        )
    if not summary.updates:
        return "The network has not been trained yet: all numbers here are those of its first weights."
    if subject.stop:
        return (
            f"Early stopping ended the training after {counted_epochs(subject)}: {subject.stop.sentence}. "
            f"The experiment allows {subject.planned_updates:,} updates; these were {summary.updates:,}."
        )
    if summary.updates < subject.planned_updates:
        return (
            f"Training was stopped after {counted(summary.updates, 'update')}; "
            f"the experiment asks for {subject.planned_updates:,}."
        )
    return ""


def figures(subject: ReportSubject) -> list[Figure]:
    """The numbers that are looked for first."""
    summary, problem = subject.summary, subject.problem
    found = []
    if summary.test_accuracy is not None:
        found.append(Figure("test accuracy", percent(summary.test_accuracy), counted(_tested(subject), "sample")))
    if summary.train_accuracy is not None:
        trained = counted(len(problem.train_inputs), "sample")
        found.append(Figure("training accuracy", percent(summary.train_accuracy), trained))
    if summary.test_loss is not None:
        found.append(Figure("test loss", three(summary.test_loss), _loss_name(subject)))
    found.append(Figure("training loss", three(summary.train_loss), _loss_name(subject)))
    found.append(Figure("updates", f"{summary.updates:,}", counted_epochs(subject)))
    found.append(Figure("parameters", f"{subject.network.parameters.size:,}", counted(len(subject.units), "layer")))
    found.append(Figure("time", duration(subject.seconds), "spent training"))
    return found


def counted_epochs(subject: ReportSubject) -> str:
    """``400 epochs``, ``1 epoch``, ``3.25 epochs``."""
    epochs = subject.summary.epochs
    whole = math.isclose(epochs, round(epochs), abs_tol=1e-9)
    return counted(round(epochs), "epoch") if whole else f"{epochs:,.2f} epochs"


def _network(subject: ReportSubject) -> str:
    widths = " → ".join(f"{width:,}" for width in [subject.network.inputs, *subject.units])
    trained = "was trained" if subject.summary.updates else "is to be trained"
    deep = len(subject.units) > 12
    shape = counted(len(subject.units), "layer") if deep else f"{counted(len(subject.units), 'layer')} ({widths})"
    return (
        f"A network of {shape} with {counted(subject.network.parameters.size, 'parameter')} {trained} on "
        f"{counted(len(subject.problem.train_inputs), 'sample')} of “{subject.experiment.data.title()}”."
    )


def _result(subject: ReportSubject) -> str:
    summary = subject.summary
    updates = counted(summary.updates, "update")
    when = f"After {counted_epochs(subject)} ({updates})" if summary.updates else "Untrained,"
    samples = f"the {counted(_tested(subject), 'test sample')}"
    if summary.test_accuracy is not None:
        chance = most_frequent(subject)
        return (
            f"{when} it classifies {percent(summary.test_accuracy)} of {samples} and "
            f"{percent(summary.train_accuracy)} of the training samples correctly; "
            f"always answering the class most frequent in training would be right on {chance} of the test samples."
        )
    if summary.train_accuracy is not None:
        return f"{when} it classifies {percent(summary.train_accuracy)} of the training samples correctly."
    if summary.test_loss is not None:
        return f"{when} its mean loss is {three(summary.test_loss)} on {samples}."
    return f"{when} its mean loss is {three(summary.train_loss)} on the training samples."


def _losses(subject: ReportSubject) -> str:
    first, summary = float(subject.rows["loss"][0]), subject.summary
    untested = "" if _tested(subject) else f" {UNTESTED}"
    if not summary.updates:
        return untested.strip()
    return (
        f"The training loss ({_loss_name(subject)}) went from {three(first)} to {three(summary.train_loss)}.{untested}"
    )


def _flow(subject: ReportSubject) -> list[str]:
    """How the error reaches the first layer, and which layers let little of it through."""
    said, names = [], subject.layer_names
    deltas = subject.summary.reading.delta_rms
    if len(deltas) > 1 and np.isfinite(deltas).all() and deltas[-1] > 0 and deltas[0] < STALLED * deltas[-1]:
        weaker = f"{_large(float(deltas[-1] / deltas[0]))} times weaker than" if deltas[0] else "exactly 0, unlike"
        said.append(f"The error signal δ that reaches layer {names[0]} is {weaker} that of the output layer.")
    saturated = [
        f"{name} ({percent(float(np.mean(subject.saturation_now(layer))))})"
        for layer, name in enumerate(names[:-1])  # a trained output is often sure of itself
        if float(np.mean(subject.saturation_now(layer))) > SATURATED
    ]
    if saturated:
        many = [*saturated[:4], f"{len(saturated) - 4} more layers"] if len(saturated) > 5 else saturated
        said.append(f"Mostly saturated: {listed(many)}.")
    dead = int(subject.summary.reading.dead.sum())
    if dead:
        said.append(
            f"{counted(dead, 'neuron is', 'neurons are')} dead: no sample of the probe batch passes an error through "
            f"{'it' if dead == 1 else 'them'}."
        )
    return said


@dataclass(frozen=True)
class Change:
    """One setting changed while the run was on."""

    update: int
    epoch: str
    setting: str
    value: str


def changes_by_hand(subject: ReportSubject) -> list[Change]:
    """Everything changed while the run was on, in order."""
    per_epoch = subject.planned_updates / subject.experiment.training.epochs
    return [
        Change(
            update=event.updates,
            epoch=f"{event.updates / per_epoch:,.2f}".removesuffix(".00"),
            setting=setting_name(event.setting),
            value=exact(event.value),
        )
        for event in subject.events
    ]


def _large(value: float) -> str:
    """``1,290,000``; three digits and a power of ten where the zeros would be too many to read."""
    return f"{float(f'{value:.2e}'):,.0f}" if 100 <= value < 1e9 else three(value)


def _tested(subject: ReportSubject) -> int:
    return len(subject.problem.test_inputs)


def _loss_name(subject: ReportSubject) -> str:
    return subject.experiment.training.loss.title()
