"""What a report was made with: Python and the libraries that its figures come from."""

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = (
    *("polars", "polars-hash", "numpy", "scipy", "scikit-learn", "numba", "torch", "sentence-transformers"),
    *("model2vec", "umap-learn", "great-expectations", "pandas", "dvc", "jinja2"),
)


def libraries() -> tuple[tuple[str, str], ...]:
    """(name, version) of Python and of each library that is installed."""
    found = ((name, _version(name)) for name in LIBRARIES)
    return (("Python", platform.python_version()), *((name, told) for name, told in found if told is not None))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
