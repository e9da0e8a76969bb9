"""The chain rule written out: with symbols, then the same line with this step's numbers, as LaTeX and as plain text.

Every line is a product: what stands left of ``=`` is what the numbers to the right of it multiply to. LaTeX keeps to
what ziamath sets: fractions, sums, sub- and superscripts, upright words. Layers are numbered from 1 in superscripts, as
in textbooks; neurons are numbered from 1 as well, as all views do.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from .values import Explanation, PathStep

MOST_TERMS = 3
"""A sum over more units than this is written as its size."""
SIGNS = "|…|: an RMS value; n: how many products are summed; agreement: how far they pull one way, −1 to 1."
"""What a reader of equations over several samples has to know."""
TIMES = r" \cdot "
"""Between factors, in LaTeX."""


class Equation(msgspec.Struct, frozen=True):
    """One line, with symbols and with numbers."""

    symbols: str
    """Plain text."""
    numbers: str
    latex_symbols: str
    latex_numbers: str


def equations(told: Explanation) -> tuple[Equation, ...]:
    """The gradient as a product with δ, then δ as a product with what comes from behind."""
    return _gradient(told), _delta(told, told.path[0], own=True)


def unrolled(told: Explanation) -> tuple[Equation, ...]:
    """δ layer by layer down to the loss; the target's own layer first."""
    return tuple(_delta(told, step, own=number == 0) for number, step in enumerate(told.path))


def plain_number(value: float) -> str:
    """Three significant digits: ``0.0712``, ``−3.2e-5``."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = _digits(value)
    mantissa, _, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−", 1 if value < 0 else 0)


def latex_number(value: float) -> str:
    r"""The same as LaTeX: ``{-}3.20 \cdot 10^{-5}``; the braces keep the sign from being set like a subtraction."""
    if math.isnan(value):
        return r"\mathrm{NaN}"
    sign = "{-}" if value < 0 else ""
    if math.isinf(value):
        return rf"{sign}\infty"
    mantissa, _, exponent = _digits(abs(value)).partition("e")
    return sign + (rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa)


def _digits(value: float) -> str:
    if value == 0.0:
        return "0"
    rounded = float(f"{value:.2e}")
    if 1e-3 <= abs(rounded) < 1e5:
        return f"{rounded:.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"
    return f"{value:.2e}"


# -- the gradient -------------------------------------------------------------------------------------------


def _gradient(told: Explanation) -> Equation:
    symbols, latex = _gradient_symbols(told)
    sizes = [told.size("input")] if told.target.kind != "bias" else []
    sizes += [told.delta]
    sizes += [told.size("agreement")] if told.entries > 1 else []
    count = [f"{told.entries:,}"] if told.entries > 1 else []
    plain = _written([*count, *_numbers(sizes, plain_number)], " · ", plain_number(told.gradient))
    tex = _written([*count, *_numbers(sizes, latex_number)], TIMES, latex_number(told.gradient))
    name, latex_name = _derived_by(told)
    return Equation(f"{name} = {symbols}", f"{name} = {plain}", f"{latex_name} = {latex}", f"{latex_name} = {tex}")


def _derived_by(told: Explanation) -> tuple[str, str]:
    """What is on the left: ∂C/∂w, or the RMS of many."""
    target, number = told.target, told.target.layer + 1
    letter = "b" if target.kind == "bias" else "w"
    if target.kind in ("weight", "bias"):
        places = [index + 1 for index in (target.source, target.unit) if index is not None]
        below = r" \, ".join(map(str, places))
        return f"∂C/∂{letter}", rf"\frac{{\partial C}}{{\partial {letter}_{{{below}}}^{{({number})}}}}"
    below = "" if target.unit is None else f"_{{{target.unit + 1}}}"
    return "RMS ∂C/∂w", rf"\mathrm{{RMS}} \, \frac{{\partial C}}{{\partial w{below}^{{({number})}}}}"


def _gradient_symbols(told: Explanation) -> tuple[str, str]:
    """The right side, for one product and for a sum of many."""
    target, number = told.target, told.target.layer + 1
    source = f"_{{{target.source + 1}}}" if target.source is not None else ""
    a = rf"a{source}^{{({number - 1})}}"
    delta = _latex_delta(told, told.path[0], own=True)
    bias = target.kind == "bias"
    if told.entries == 1:
        return ("δ" if bias else "a_in · δ"), (delta if bias else rf"{a} \cdot {delta}")
    n = "n"
    parts = [n, *([] if bias else [_size("a_in")]), _size("δ"), "agreement"]
    latex_parts = [n, *([] if bias else [_latex_size(a)]), _latex_size(delta), r"\mathrm{agreement}"]
    if target.kind in ("weight", "bias"):
        sum_, latex_sum = ("Σ δ", rf"\sum {delta}") if bias else ("Σ a_in · δ", rf"\sum {a} \cdot {delta}")
        return f"{sum_} = {' · '.join(parts)}", rf"{latex_sum} = {TIMES.join(latex_parts)}"
    return " · ".join(parts), TIMES.join(latex_parts)


# -- δ ------------------------------------------------------------------------------------------------------


def _delta(told: Explanation, step: PathStep, *, own: bool) -> Equation:
    shown = _shown(told, step, own=own)
    sizes = [step.derivative, step.normalization, step.weights, step.delta_next]
    sizes = [size for size, plays in zip(sizes, shown, strict=True) if plays]
    terms = told.terms if own and 0 < len(told.terms) <= MOST_TERMS else ()
    plain_parts, latex_parts = _numbers(sizes, plain_number), _numbers(sizes, latex_number)
    if terms:
        plain_parts[-2:] = [_sum_of(terms, plain_number, " · ")]
        latex_parts[-2:] = [_sum_of(terms, latex_number, TIMES)]
    elif shown[2] and _is_one(told, own=own):  # where the symbols have one sum, one number
        sizes[-2:] = [step.weights * step.delta_next]
        plain_parts, latex_parts = _numbers(sizes, plain_number), _numbers(sizes, latex_number)
    plain = _written(plain_parts, " · ", plain_number(step.delta))
    tex = _written(latex_parts, TIMES, latex_number(step.delta))
    name, latex_name = f"δ {step.name}", _latex_delta(told, step, own=own)
    symbols, latex = _rule(told, step, shown, own=own)
    if _is_one(told, own=own):
        return Equation(f"{name} = {symbols}", f"{name} = {plain}", f"{latex_name} = {latex}", f"{latex_name} = {tex}")
    size, latex_size = _size(name), _latex_size(latex_name)
    sizes_plain, sizes_latex = _rule_of_sizes(told, step, shown, own=own)
    return Equation(
        f"{name} = {symbols}, {size} = {sizes_plain}",
        f"{size} = {plain}",
        rf"{latex_name} = {latex}, \quad {latex_size} = {sizes_latex}",
        f"{latex_size} = {tex}",
    )


def _shown(told: Explanation, step: PathStep, *, own: bool) -> tuple[bool, bool, bool, bool]:
    """Whether derivative, normalization, weights and delta_next play a part in a step."""
    last = step.source is None
    if own:
        names = {factor.name for factor in told.factors}
        return "derivative" in names, "normalization" in names, not last, True
    return step.derivative != 1.0 or not last, step.normalization != 1.0, not last, True


def _rule(told: Explanation, step: PathStep, shown: tuple[bool, ...], *, own: bool) -> tuple[str, str]:
    """The chain rule of one layer as textbooks write it."""
    number, unit = step.layer + 1, _unit(told, own=own)
    plain, latex = [], []
    if shown[0]:
        plain.append("f'(z)")
        latex.append(rf"f'(z{unit}^{{({number})}})")
    if shown[1]:
        plain.append("norm")
        latex.append(r"\mathrm{norm}")
    error = rf"\frac{{\partial C}}{{\partial a{unit}^{{({number})}}}}"
    if step.source is None or step.by_skip:
        return " · ".join([*plain, "∂C/∂a"]), TIMES.join([*latex, error])
    index = f"{told.target.unit + 1} k" if own and told.target.unit is not None else "jk"
    behind = step.source + 1
    sum_ = rf"\sum_k w_{{{index}}}^{{({behind})}} \, \delta_k^{{({behind})}}"
    if step.skips:
        skips = f"(Σ w · δ {step.behind} + skips)", rf"\left( {sum_} + \mathrm{{skips}} \right)"
        return " · ".join([*plain, skips[0]]), TIMES.join([*latex, skips[1]])
    return " · ".join([*plain, f"Σ w · δ {step.behind}"]), TIMES.join([*latex, sum_])


def _rule_of_sizes(told: Explanation, step: PathStep, shown: tuple[bool, ...], *, own: bool) -> tuple[str, str]:
    """The same with a size in the place of every factor."""
    plain = [text for text, plays in zip(("|f'|", "|norm|", "|w|"), shown, strict=False) if plays]
    latex = [
        text for text, plays in zip((r"\| f' \|", r"\| \mathrm{norm} \|", r"\| w \|"), shown, strict=False) if plays
    ]
    number = step.layer + 1 if step.source is None else step.source + 1
    if step.source is None or step.by_skip:
        unit = _unit(told, own=own) if step.source is None else ""
        end = rf"\frac{{\partial C}}{{\partial a{unit}^{{({number})}}}}"
        name = "|∂C/∂a|" if step.source is None else f"|∂C/∂a {step.behind}|"
    else:
        end, name = rf"\delta^{{({number})}}", f"|δ {step.behind}|"
    return " · ".join([*plain, name]), TIMES.join([*latex, _latex_size(end)])


def _is_one(told: Explanation, *, own: bool) -> bool:
    """Whether a step is of one unit and one sample, whose numbers have signs."""
    return own and told.entries == 1 and told.target.kind in ("weight", "bias")


def _unit(told: Explanation, *, own: bool) -> str:
    return "" if not own or told.target.unit is None else f"_{{{told.target.unit + 1}}}"


def _latex_delta(told: Explanation, step: PathStep, *, own: bool) -> str:
    return rf"\delta{_unit(told, own=own)}^{{({step.layer + 1})}}"


# -- products -----------------------------------------------------------------------------------------------


def _size(symbol: str) -> str:
    return f"|{symbol}|"


def _latex_size(symbol: str) -> str:
    return rf"\| {symbol} \|"


def _numbers(sizes: list[float], write: Callable[[float], str]) -> list[str]:
    """Numbers as they stand in a product: negative ones in brackets, but for the first."""
    return [_bracketed(write(size)) if place else write(size) for place, size in enumerate(sizes)]


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith(("−", "{-}")) else text


def _written(parts: list[str], times: str, result: str) -> str:
    """``0.5 · 2 = 1``; of one part only the result."""
    return f"{times.join(parts)} = {result}" if len(parts) > 1 or parts[0] != result else result


def _sum_of(terms: tuple[tuple[float, float], ...], write: Callable[[float], str], times: str) -> str:
    parts = [f"{_bracketed(write(weight))}{times}{_bracketed(write(delta))}" for weight, delta in terms]
    return f"({' + '.join(parts)})" if len(parts) > 1 else parts[0]
