"""The errors that a person can cause, each carrying one clear sentence."""


class InputError(ValueError):
    """Something that a person typed, chose or opened cannot be used.

    The message is one sentence for people: it says what is wrong and where
    (a path such as ``network.layers[1].units``, or a file with line and column).
    Shell and window show it as it stands, without a traceback.
    """


class DivergenceError(ArithmeticError):
    """Training left the finite numbers.

    ``step`` is the first update whose result is not finite, ``layer`` the layer
    (1 is the first; 0 stands for the loss) and ``quantity`` what became infinite
    or NaN there: ``"weighted inputs"``, ``"loss"``, ``"gradient"``, ``"weights"`` (with all else that is learned),
    ``"running averages"`` or ``"optimizer's memory"``.
    """

    def __init__(self, step: int, layer: int, quantity: str) -> None:
        self.step, self.layer, self.quantity = step, layer, quantity
        where = f" of layer {layer}" if layer else ""
        super().__init__(f"step {step}: the {quantity}{where} left the finite numbers")
