"""From a chart to inline SVG: no outside reference, no style of its own, ids that no other chart has.

Text stays text in the page's own font. What Matplotlib writes is parsed, cleaned and written anew, so that
only elements and attributes that the page needs remain.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from xml.etree import ElementTree

from markupsafe import Markup

from .chart import Chart, Picture
from .png import data_uri

Element = ElementTree.Element

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_FONT = re.compile(r"font-family:[^;]*;?\s*")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")


def inline(chart: Chart, key: str, variables: Mapping[str, str]) -> Markup:
    """The chart as an ``<svg>`` element; ``key`` sets its ids apart, ``variables`` maps colours to CSS variables."""
    buffer = io.BytesIO()
    chart.figure.savefig(buffer, format="svg", metadata={"Date": None})
    root = ElementTree.fromstring(buffer.getvalue())
    _drop_namespaces(root)
    for child in list(root):
        if child.tag in ("metadata", "defs") and (child.tag == "metadata" or child.find("style") is not None):
            root.remove(child)
    used = set(re.findall(r"#([\w.-]+)", " ".join(_references(root))))
    for element in root.iter():
        _clean(element, key, used, variables)
    width, height = chart.size
    top = picture_root(width, height, chart.alt)
    top.extend(part for picture in chart.pictures for part in _images(picture))
    top.extend(list(root))
    return as_markup(top)


def picture_root(width: float, height: float, alt: str, kind: str = "chart") -> Element:
    """An empty ``<svg>`` that scales with the page and is one described picture to a screen reader."""
    return Element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "class": kind, "role": "img", "aria-label": alt})


def as_markup(element: Element) -> Markup:
    """The element as HTML-embedded SVG; every text in it is escaped."""
    return Markup(ElementTree.tostring(element, encoding="unicode"))  # ElementTree has escaped it


def add(parent: Element, tag: str, text: str = "", **attributes: str | float) -> Element:
    """A child element; ``_`` in attribute names stands for ``-``, a trailing one is dropped."""
    named = {
        name.rstrip("_").replace("_", "-"): value if isinstance(value, str) else f"{value:.4g}"
        for name, value in attributes.items()
    }
    child = ElementTree.SubElement(parent, tag, named)
    child.text = text or None
    return child


def _images(picture: Picture) -> list[Element]:
    box = {
        "x": f"{picture.left:.2f}",
        "y": f"{picture.top:.2f}",
        "width": f"{picture.width:.2f}",
        "height": f"{picture.height:.2f}",
        "preserveAspectRatio": "none",
    }
    grain = "" if picture.smooth else "pixels"
    if picture.dark is None:
        return [Element("image", {**box, "class": grain, "href": data_uri(picture.light)})]
    return [
        Element("image", {**box, "class": f"{grain} {ground}".strip(), "href": data_uri(png)})
        for ground, png in (("on-light", picture.light), ("on-dark", picture.dark))
    ]


def _drop_namespaces(root: Element) -> None:
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [name for name in element.attrib if "}" in name]:
            element.attrib[name.rpartition("}")[2]] = element.attrib.pop(name)


def _references(root: Element) -> list[str]:
    return [
        value for element in root.iter() for name, value in element.attrib.items() if name == "href" or "url(#" in value
    ]


def _clean(element: Element, key: str, used: set[str], variables: Mapping[str, str]) -> None:
    attributes = element.attrib
    if attributes.get("id") in used:
        attributes["id"] = f"{key}-{attributes['id']}"
    else:
        attributes.pop("id", None)
    for name, value in attributes.items():
        if name == "href":
            attributes[name] = f"#{key}-{value[1:]}"
        elif name == "style":
            style = _COLOUR.sub(lambda colour: variables.get(colour[0], colour[0]), _FONT.sub("", value))
            attributes[name] = style.replace("; ", ";").replace(": ", ":").rstrip(";")
        elif name != "id":
            short = _NUMBER.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), value)
            attributes[name] = _REFERENCE.sub(rf"url(#{key}-\1)", " ".join(short.split()))
    if element.tag != "text":
        element.text = None
    element.tail = None
