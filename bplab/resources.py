"""Where the packaged examples, datasets, icons and templates are read from: one function for all."""

from pathlib import Path


def resource(*parts: str) -> Path:
    """Path of a packaged resource, e.g. ``resource("examples", "circle.json")``.

    A wheel carries them as ``bplab/_resources``; a checkout (editable install) has them in ``resources``.
    """
    package = Path(__file__).parent
    installed = package / "_resources"
    root = installed if installed.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)
