"""What setting up says to the person who waits: plain lines on stderr, since stdout belongs to bplab's own output."""

import shutil
import sys


class SetupError(Exception):
    """Setting up failed; the text is one sentence for the person who started bplab."""


def tell(line: str) -> None:
    """Print a line at once."""
    print(line, file=sys.stderr, flush=True)


def show_progress(line: str) -> None:
    """Let this line stand at the bottom of a terminal until the next one; nothing where there is no terminal."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 3
        print(f"\r  {' '.join(line.split())[:width]:<{width}}\r", end="", file=sys.stderr, flush=True)
