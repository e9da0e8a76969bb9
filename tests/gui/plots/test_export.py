"""A plot taken away: CSV holds the record's own numbers, pictures and drawings are whole."""

import csv
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from bplab.gui.plots import GradientPlot, LossPlot, SaturationPlot
from bplab.gui.plots.live_plot import LivePlot
from bplab.gui.plots.plot_frame import PlotFrame
from bplab.gui.session import Session

from .conftest import MakePlot, train

SVGS = ("one.svg", "two.svg")


@pytest.fixture(params=[LossPlot, GradientPlot, SaturationPlot], ids=lambda kind: kind.title)
def plot(request: pytest.FixtureRequest, make_plot: MakePlot, session: Session) -> LivePlot:
    made = make_plot(request.param)
    train(session, 150)
    return made


def read(path: Path) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    cells = np.array([[float(cell or "nan") for cell in row] for row in rows])
    return dict(zip(heading, cells.T, strict=True))


def test_the_loss_in_csv_is_the_records_to_the_bit(make_plot: MakePlot, session: Session, tmp_path: Path) -> None:
    plot = make_plot(LossPlot)
    train(session, 150)
    plot.menu.save_to(tmp_path / "loss.csv")
    table = read(tmp_path / "loss.csv")
    assert list(table) == [
        "step", "loss", "loss_min", "loss_max", "test_loss", "train_accuracy", "test_accuracy"
    ]  # fmt: skip
    for name, values in table.items():
        np.testing.assert_array_equal(values, session.record.column(name))


def test_the_gradients_in_csv_are_the_records_to_the_bit(
    make_plot: MakePlot, session: Session, tmp_path: Path
) -> None:
    plot = make_plot(GradientPlot)
    train(session, 150)
    plot.menu.save_to(tmp_path / "gradient.csv")
    table = read(tmp_path / "gradient.csv")
    for quantity in ("delta_rms", "weight_gradient_rms"):
        stacked = np.column_stack([table[f"{quantity} {name}"] for name in ("h1", "h2", "out")])
        np.testing.assert_array_equal(stacked, session.record.column(quantity))


def test_the_saturation_in_csv_is_the_records_counts(make_plot: MakePlot, session: Session, tmp_path: Path) -> None:
    plot = make_plot(SaturationPlot)
    train(session, 150)
    plot.menu.save_to(tmp_path / "saturation.csv")
    table = read(tmp_path / "saturation.csv")
    assert set(table["samples"]) == {session.record.probe_samples}
    neurons = [f"saturated h1 {n}" for n in (1, 2, 3, 4, 5)] + [f"saturated h2 {n}" for n in (1, 2, 3)]
    stacked = np.column_stack([table[name] for name in [*neurons, "saturated out 1"]])
    np.testing.assert_array_equal(stacked, session.record.column("saturated"))
    np.testing.assert_array_equal(table["dead h1"], session.record.column("dead")[:, 0])


def test_a_number_that_is_none_is_an_empty_cell(make_plot: MakePlot, session: Session, tmp_path: Path) -> None:
    plot = make_plot(LossPlot)
    train(session, 2)
    session.record._columns["test_loss"][1] = np.nan
    plot.menu.save_to(tmp_path / "loss.csv")
    assert (tmp_path / "loss.csv").read_text(encoding="utf-8").splitlines()[2].split(",")[4] == ""


def test_a_picture_has_twice_the_pixels_and_the_screen_is_as_before(plot: LivePlot, tmp_path: Path) -> None:
    before = plot.grab().toImage()
    plot.menu.save_to(tmp_path / "plot.png")
    image = QImage(str(tmp_path / "plot.png"))
    assert image.size() == 2 * plot.size()
    assert plot.grab().toImage() == before


def test_a_drawing_is_svg_with_the_title_as_letters(plot: LivePlot, tmp_path: Path) -> None:
    plot.menu.save_to(tmp_path / "plot.svg")
    root = ElementTree.parse(tmp_path / "plot.svg").getroot()
    texts = "".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
    assert plot.title in texts
    assert "update" in texts
    assert root.get("viewBox") == "0 0 420 260"


def test_the_clipboard_gets_the_picture(plot: LivePlot) -> None:
    plot.menu.copy_picture()
    assert QApplication.clipboard().image().size() == 2 * plot.size()


def test_a_file_that_cannot_be_written_is_one_sentence(plot: LivePlot, session: Session, tmp_path: Path) -> None:
    said: list[str] = []
    session.refused.connect(said.append)
    plot.menu.save_to(tmp_path / "missing" / "plot.csv")
    plot.menu.save_to(tmp_path / "plot.gif")
    assert len(said) == 2
    assert said[0].startswith("plot.csv could not be written")
    assert said[1] == "plot.gif: a plot is saved as .png, .svg or .csv"


@pytest.mark.parametrize(("number", "ending"), [(1, "png"), (2, "svg"), (3, "csv")])
def test_the_menu_saves_under_the_name_chosen(
    number: int, ending: str, plot: LivePlot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []

    def choose(parent: object, title: str, name: str, kinds: str) -> tuple[str, str]:
        offered.append(name)
        return str(tmp_path / "mine"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    plot.menu.actions()[number].trigger()
    assert offered == [f"Untitled {plot.title.lower()}.{ending}"]
    assert (tmp_path / f"mine.{ending}").stat().st_size > 0


def test_there_is_nothing_to_take_before_a_run(make_plot: MakePlot) -> None:
    plot = make_plot(LossPlot)
    plot.menu.update_actions()
    assert not any(action.isEnabled() for action in plot.menu.actions()[:4])


def test_curves_are_as_thick_on_a_sharp_screen_and_no_thicker_in_what_is_taken_away(
    plot: LivePlot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plot.menu.save_to(tmp_path / "one.svg")
    plain = plot.line_width()
    monkeypatch.setattr(PlotFrame, "devicePixelRatioF", lambda _: 2.0)
    QApplication.sendEvent(plot, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert [curve.opts["pen"].widthF() for curve in plot.lines()] == [2 * plain for _ in plot.lines()]
    assert plot._cursor.pen.widthF() == 2
    plot.menu.save_to(tmp_path / "two.svg")
    one, two = ((tmp_path / name).read_text(encoding="utf-8").count("stroke-width=\"2\"") for name in SVGS)
    assert one == two
