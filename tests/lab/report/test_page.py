"""The page as a browser reads it: whole, alone, safe, and saying what it should."""

import dataclasses
import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bplab.data import Csv, Xor
from bplab.engine import CrossEntropy, Dense, Softmax, Tanh
from bplab.lab.experiment import experiment_from_json, experiment_to_json
from bplab.lab.layer_words import has_weights, size_text
from bplab.lab.report import ReportSubject, report_page, subject_of
from bplab.lab.report.words import percent, three
from bplab.lab.runner import Runner, train_to_end

HOSTILE = "<script>alert('x')</script> & \"quotes\" \u202eright to left \U0001f389 " + "long" * 30
SECTIONS = {"summary", "network", "data", "settings", "learning", "gradients", "saturation", "layers", "results",
            "repeat"}  # fmt: skip


def test_ids_are_unique_and_every_reference_finds_one(page: Any) -> None:
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    named = [
        element.attributes[name]
        for element in page.elements
        for name in ("aria-labelledby", "aria-describedby")
        if name in element.attributes
    ]
    linked = [e.attributes["href"][1:] for e in page.elements if e.attributes.get("href", "").startswith("#")]
    clipped = re.findall(r"url\(#([^)]*)\)", page.html)
    assert set(named) | set(linked) | set(clipped) <= set(ids)
    assert linked


def test_the_page_asks_for_nothing_from_outside_and_runs_nothing(page: Any) -> None:
    assert not re.search(r"(?i)\b(?:https?|ftp|file|javascript):", page.html)
    assert not re.search(r"(?i)@import|url\((?!#)", page.html)
    assert not {e.tag for e in page.elements} & {"script", "iframe", "object", "embed", "link", "form", "base"}
    assert not [n for e in page.elements for n in e.attributes if n.startswith("on")]
    sources = [e.attributes[n] for e in page.elements for n in ("src", "href") if n in e.attributes]
    assert all(source.startswith(("data:image/png;base64,", "data:application/json;", "#")) for source in sources)


def test_a_policy_forbids_scripts_and_the_network(page: Any) -> None:
    (policy,) = (e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy")
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.attributes["content"].split(";")}
    assert rules["default-src"] == ["'none'"]
    assert rules["img-src"] == ["data:"]
    assert rules["style-src"] == ["'unsafe-inline'"]
    assert not {"script-src", "connect-src", "object-src"} & set(rules)


def test_every_section_is_there_with_its_heading(page: Any) -> None:
    assert {heading.attributes["id"] for heading in page.all("h2")} >= SECTIONS
    assert {section.attributes["aria-labelledby"] for section in page.all("section")} >= SECTIONS
    assert len(page.all("h1")) == 1


def test_every_chart_is_described_in_words_with_its_figures(page: Any, subject: ReportSubject) -> None:
    described = [svg for svg in page.all("svg") if svg.attributes.get("role") == "img"]
    assert len(described) >= 5
    assert all(len(svg.attributes["aria-label"]) > 20 for svg in described)
    assert all(image.attributes["alt"] for image in page.all("img"))
    for name in subject.layer_names:
        assert any(name in svg.attributes["aria-label"] for svg in described)


def test_only_classes_have_a_confusion_matrix_and_only_numbers_a_scatter(pages: dict[str, Any]) -> None:
    for name in ("two classes", "six classes", "table", "one layer, no test", "untrained"):
        assert "Confusion matrix" in pages[name].text
        assert "Output against target" not in pages[name].text
    for name in ("regression", "regression, no test", "diverged"):
        assert "Confusion matrix" not in pages[name].text
        assert "Output against target" in pages[name].text


def test_without_test_samples_the_page_says_that_results_are_of_the_training_samples(pages: dict[str, Any]) -> None:
    assert "Confusion matrix, training samples" in pages["one layer, no test"].text
    assert "No samples were kept apart for a test" in pages["one layer, no test"].text
    assert "Output against target, training samples." in pages["regression, no test"].text
    assert "test accuracy" not in pages["one layer, no test"].text


def test_a_divergence_is_named_with_its_step_and_place(
    subjects: dict[str, ReportSubject], pages: dict[str, Any]
) -> None:
    divergence = subjects["diverged"].divergence
    assert divergence is not None
    assert f"Training diverged at {divergence.sentence}." in pages["diverged"].text
    assert "of the last finite weights" in pages["diverged"].text


def test_an_untrained_network_is_not_said_to_have_been_trained(pages: dict[str, Any]) -> None:
    assert "The network has not been trained yet" in pages["untrained"].text
    assert "was trained on" not in pages["untrained"].text


def test_key_figures_and_layer_table_are_those_of_the_summary(page: Any, subject: ReportSubject) -> None:
    summary, reading = subject.summary, subject.summary.reading
    shown = {e.text.replace("\N{NO-BREAK SPACE}", " ") for e in page.all("b")}
    expected = [three(summary.train_loss), f"{summary.updates:,}"]
    expected += [three(summary.test_loss)] if summary.test_loss is not None else []
    expected += [percent(share) for share in (summary.train_accuracy, summary.test_accuracy) if share is not None]
    assert {text.replace("\N{NO-BREAK SPACE}", " ") for text in expected} <= shown
    rows = [row.text.replace("\N{NO-BREAK SPACE}", " ") for row in page.all("tr")]
    for at, (name, place) in enumerate(zip(subject.layer_names, subject.network.places, strict=True)):
        gradient = three(reading.weight_gradient_rms[at]) if has_weights(place.layer) else "–"
        figures = (
            f"{name}{size_text(place)}{place.layer.in_brief()}{gradient}"
            f"{three(reading.delta_rms[at])}"
        )
        assert [row for row in rows if row.startswith(figures)]


def test_the_experiment_on_the_page_is_the_experiment(page: Any, subject: ReportSubject) -> None:
    text = experiment_to_json(subject.experiment)
    (block,) = page.all("pre", class_="json")
    assert "".join(block.parts) == text
    assert experiment_from_json("".join(block.parts)) == subject.experiment
    (link,) = page.all("a", download="experiment.json")
    assert b64decode(link.attributes["href"].partition(",")[2]).decode("utf-8") == text
    assert hashlib.sha256(text.encode("utf-8")).hexdigest() in page.text
    assert f"seed of weights and order{subject.experiment.training.seed}" in page.text


def test_the_command_repeats_as_many_updates_as_the_run_made(
    build: Callable[..., Any], read: Callable[[ReportSubject], Any], pages: dict[str, Any]
) -> None:
    runner = Runner(build(Xor(samples=40), [Dense(2, Tanh()), Dense(1, Tanh())]))
    runner.advance(7)
    page = read(subject_of(runner))
    assert page.all("pre", class_="command")[0].text == "bplab train experiment.json --steps 7"
    assert "Training was stopped after 7 updates" in page.text
    assert pages["two classes"].all("pre", class_="command")[0].text == "bplab train experiment.json"


def test_the_date_stands_there_for_people_and_for_machines(page: Any) -> None:
    (time,) = page.all("time")
    assert time.attributes["datetime"] == "2025-03-14T14:04:05Z"
    assert time.text == "14 March 2025, 15:04 (UTC+01:00)"


def test_equal_subjects_give_equal_pages_but_for_the_date(
    build: Callable[..., Any], subjects: dict[str, ReportSubject]
) -> None:
    first, then = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
    runner = train_to_end(subjects["six classes"].experiment)
    runner.record.seconds = subjects["six classes"].seconds
    one, other = report_page(subjects["six classes"], first), report_page(subject_of(runner), first)
    assert one == other
    later = report_page(subjects["six classes"], then)
    assert later != one
    changed = [(a, b) for a, b in zip(one.splitlines(), later.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert "<time" in changed[0][0]


def test_a_hostile_name_is_text_and_nothing_else(
    subjects: dict[str, ReportSubject], read: Callable[[ReportSubject], Any]
) -> None:
    subject = subjects["two classes"]
    named = replace(subject.experiment, name=HOSTILE)
    page = read(dataclasses.replace(subject, experiment=named))
    assert not page.all("script")
    (title,) = page.all("h1")
    assert title.text == HOSTILE.replace("\u202e", "\N{REPLACEMENT CHARACTER}")
    assert json.loads("".join(page.all("pre", class_="json")[0].parts))["name"] == HOSTILE


def test_names_from_a_file_are_text_and_nothing_else(
    tmp_path: Any, build: Callable[..., Any], read: Callable[[ReportSubject], Any]
) -> None:
    classes = [
        "<script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        "$x^2$ \U0001f600",
        "مرحبا",
        "a" * 90,
    ]
    classes += [f"class {number}" for number in range(15)]
    lines = ['"<b onclick=x>col</b>","$\\alpha$",target']
    lines += [f'{number % 20},{number % 7},"{classes[number % 20]}"' for number in range(80)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    layers = [Dense(13, Tanh()), Dense(20, Softmax())]
    page = read(subject_of(train_to_end(build(Csv(path=str(path)), layers, loss=CrossEntropy(), epochs=2))))
    assert not page.all("script")
    assert not page.all("img")
    assert not [e for e in page.elements if "onerror" in e.attributes or "onclick" in e.attributes]
    names = [e.text for e in page.all("bdi")]
    assert set(classes) <= set(names)
    assert "<b onclick=x>col</b>" in names


def test_changes_by_hand_are_listed_in_order(
    build: Callable[..., Any], read: Callable[[ReportSubject], Any], pages: dict[str, Any]
) -> None:
    runner = Runner(build(Xor(samples=40), [Dense(2, Tanh()), Dense(1, Tanh())], batch_size=5))
    runner.advance(6)
    runner.set_learning_rate(0.25)
    runner.advance(4)
    runner.set_learning_rate(1e-4)
    runner.advance(2)
    page = read(subject_of(runner))
    rows = [row.text for row in page.all("tr")]
    assert rows.index("61.50learning rate0.25") + 1 == rows.index("102.50learning rate0.0001")
    assert "The changes by hand listed above are not part of it." in page.text
    assert "Nothing was changed by hand while it was on." in pages["two classes"].text


@pytest.mark.parametrize("name", ["two classes", "six classes", "regression", "diverged", "untrained"])
def test_points_in_the_plane_are_drawn_over_the_decision(name: str, pages: dict[str, Any]) -> None:
    described = [svg.attributes["aria-label"] for svg in pages[name].all("svg") if "aria-label" in svg.attributes]
    assert len([text for text in described if text.startswith("The plane in the colour")]) == 1


def test_a_table_is_summed_up_column_by_column_in_its_own_units(pages: dict[str, Any]) -> None:
    rows = [row.text for row in pages["table"].all("tr")]
    assert [row for row in rows if row.startswith("sepal length (cm)4.305.847.900.825")]  # Fisher's table
    assert len(pages["table"].all("svg", class_="histogram")) == 4


def test_a_csv_file_goes_by_its_name_alone_and_the_digest_is_of_the_experiment_shown(
    build: Callable[..., Any], read: Callable[[ReportSubject], Any], tmp_path: Path
) -> None:
    table = tmp_path / "points.csv"
    table.write_text("a,b,c\n" + "".join(f"{n},{n % 7},{n % 2}\n" for n in range(40)), encoding="utf-8")
    data = Csv(path=str(table), task="classification")
    page = read(subject_of(train_to_end(build(data, [Dense(2, Tanh()), Dense(1, Tanh())]), 5)))
    (link,) = page.all("a", download="experiment.json")
    shown = b64decode(link.attributes["href"].partition(",")[2])
    assert experiment_from_json(shown).data == Csv(path="points.csv", task="classification")
    assert hashlib.sha256(shown).hexdigest() in page.text
    assert "points.csv" in page.text
    assert str(tmp_path) not in page.text
