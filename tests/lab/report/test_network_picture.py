"""The network's picture: every kind of layer has its form, skips their arcs, and words say the same."""

import re
from typing import Any

import pytest

from bplab.lab.report import ReportSubject
from bplab.lab.report.gradients import layers_chart, zeros_sentence
from bplab.lab.report.look import chart_style
from bplab.lab.report.network_picture import network_picture
from bplab.lab.report.saturation import saturation_chart


@pytest.fixture
def filters(subjects: dict[str, ReportSubject]) -> ReportSubject:
    """Digits through a convolution, two kinds of pooling and a flattened row."""
    return subjects["filters"]


def squares(picture: str) -> list[tuple[float, float]]:
    """Width and x of every square with a stroke."""
    found = re.findall(r'<rect[^>]*x="([\d.]+)"[^>]*width="([\d.]+)"[^>]*style="fill:var[^"]*stroke:', picture)
    return [(float(wide), float(x)) for x, wide in found]


def test_feature_maps_are_stacks_whose_squares_shrink_with_their_pixels(filters: ReportSubject) -> None:
    found = squares(str(network_picture(filters)))
    assert sorted({wide for wide, _ in found}, reverse=True) == [76.0, 38.0, 19.0]
    assert len(found) == 1 + 3 * 5  # one channel comes in; of six maps five are drawn


def test_bands_lead_where_weights_are_shared_and_edges_where_they_are_not(filters: ReportSubject) -> None:
    picture = str(network_picture(filters))
    assert picture.count('class="band"') == 4
    assert 'class="edge positive"' in picture
    for word in ("6 × 8 × 8", "3×3 conv · ReLU", "max pooling 2×2", "mean pooling 2×2", "flatten"):
        assert word in picture


def test_the_picture_of_filters_is_told_in_words(filters: ReportSubject) -> None:
    told = str(network_picture(filters)).replace("\N{NO-BREAK SPACE}", " ")
    assert "64 inputs, then h1 with 6 maps of 8 × 8 (3×3 conv · ReLU), h2 with 6 maps of 4 × 4" in told


def test_every_skip_has_an_arc_with_an_arrowhead_dashed_where_it_is_projected(
    subjects: dict[str, ReportSubject],
) -> None:
    picture = str(network_picture(subjects["skips"]))
    assert picture.count('class="skip"') == 1
    assert picture.count('class="skip projected"') == 1
    assert picture.count('class="skip-head"') == 2
    assert "drop 10 %" in picture
    assert "skip from inputs, through a learned 2 × 3 projection" in picture


def test_a_network_without_skips_needs_no_room_for_them(subjects: dict[str, ReportSubject]) -> None:
    assert "skip" not in str(network_picture(subjects["table"]))


def test_layers_without_weights_have_no_line_and_no_zeros_in_the_charts(filters: ReportSubject) -> None:
    with chart_style():
        chart = layers_chart(filters, "weight_gradient_rms", "∂C/∂W")
        assert "h1" in chart.alt
        assert "h2" not in chart.alt
        assert "h4" not in chart.alt
        assert "h2" in layers_chart(filters, "delta_rms", "δ").alt
        assert "h2" not in saturation_chart(filters).alt
    assert "h2" not in zeros_sentence(filters, "weight_gradient_rms")


def test_the_table_of_final_numbers_has_a_dash_where_a_layer_has_no_such_number(pages: dict[str, Any]) -> None:
    rows = [row.text for row in pages["filters"].all("tr")]
    assert any(re.fullmatch(r"h2 ?6 × 4 × 4 ?max pooling 2×2 ?–.+–.?–.?–", row) for row in rows)
    assert any(re.fullmatch(r"h4 ?24 ?flatten ?–.+–.?–.?–", row) for row in rows)
