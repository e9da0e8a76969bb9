"""Numbers as a reader wants them: three significant digits, per cent, plain durations and dates."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NOT_MEASURED = "–"
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, which stay on one line."""


def three(value: float | None) -> str:
    """Three significant digits: ``0.0430``, ``1.20e-5``, ``31,400``; a dash where there is no number."""
    if value is None or math.isnan(value):
        return NOT_MEASURED
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    rounded = float(f"{value:.2e}")
    if 1e-3 <= abs(rounded) < 1e6:
        decimals = max(0, 2 - math.floor(math.log10(abs(rounded))))
        text = f"{rounded:,.{decimals}f}"
    else:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def exact(value: float) -> str:
    """The shortest text that reads back as ``value``: a setting is shown as it was made."""
    text = f"{value:,}" if isinstance(value, int) else repr(value).removesuffix(".0").replace("e-0", "e-")
    return text.replace("-", "−", 1) if text.startswith("-") else text


def percent(share: float | None) -> str:
    """``97.2 %``; a share that is not quite all or nothing never reads as all or nothing."""
    if share is None or math.isnan(share):
        return NOT_MEASURED
    if 0 < share < 0.0005:
        return f"<{SPACE}0.05{SPACE}%"
    if share in (0, 1):
        return f"{100 * share:g}{SPACE}%"
    text = f"{100 * share:#.3g}"
    return f">{SPACE}99.9{SPACE}%" if text == "100." else f"{text}{SPACE}%"


def tick(value: float) -> str:
    """A label on a log axis: ``1e-3``, ``0.01``, ``100``, ``1e4``."""
    if 0.00999 < value < 9_999:
        return f"{value:g}"
    mantissa, _, exponent = f"{value:.0e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """``1 layer``, ``3 layers``, ``1,797 samples``."""
    return f"{count:,}{SPACE}{noun if count == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """``8 ms``, ``0.410 s``, ``12.3 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 0.1:
        return f"{max(1, round(1000 * seconds))}{SPACE}ms"
    if seconds < 60:
        return f"{three(seconds)}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def local_date(moment: datetime) -> str:
    """``14 March 2025, 15:04 (UTC+01:00)``, whatever language the system speaks."""
    offset = moment.strftime("%z")
    zone = f"UTC{offset[:3]}:{offset[3:5]}" if offset not in ("", "+0000") else "UTC"
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} ({zone})"


def utc_date(moment: datetime) -> str:
    """``2025-03-14T14:04:05Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(text: str) -> str:
    """Text that any file and any browser takes: what controls instead of being shown becomes �.

    That includes the marks that turn the direction of all text behind them; a script's own direction needs none.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", whole)


def shortened(text: str, most: int) -> str:
    """At most ``most`` characters, an ellipsis for the rest."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
