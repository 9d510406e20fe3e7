"""`prefq init`: a DVC project with the whole pipeline, ready for the user's files."""

import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

from prefq.cli.console import Console
from prefq.errors import PrefqError
from prefq.sources.found import STDIN
from prefq.sources.places import expand, is_remote

FILES = {
    "pipeline.yaml": "dvc.yaml",
    "params.yaml": "params.yaml",
    "gitignore": ".gitignore",
    "dvcignore": ".dvcignore",
    "README.md": "README.md",
}
"""The packaged file → its name in the project. (DVC takes every dvc.yaml, a packaged one too, for a pipeline.)"""

FOLDERS = ("data/raw", "data/benchmarks", "data/labels")


def make_project(directory: Path, paths: tuple[str, ...], console: Console) -> None:
    """Make a project in a new or empty directory and copy the files that the paths mean into its `data/raw`.

    A path is a file, a folder of data files (which keep their places in it) or a glob. Raises PrefqError when the
    directory holds something already, a path means no file, or Git or DVC cannot set it up.
    """
    if directory.exists() and any(directory.iterdir()):
        raise PrefqError(f"{directory} is not empty: name a new directory.")
    files = _files(paths)
    for folder in FOLDERS:
        (directory / folder).mkdir(parents=True)
        (directory / folder / ".gitkeep").touch()
    _copy_templates(directory)
    for name, path in files.items():
        target = directory / "data/raw" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    _set_up_versioning(directory)
    _copy_plots(directory / ".dvc/plots")
    put = "" if files else f"put preference files into {directory}/data/raw, then "
    console.say(f"{directory} is ready: {put}run `dvc repro` in it.")


def _files(paths: tuple[str, ...]) -> dict[str, Path]:
    """The files that the paths mean, by the names they get: those of a folder below the folder's own name."""
    files: dict[str, Path] = {}
    for path in paths:
        if path == STDIN or is_remote(path):
            raise PrefqError(f"{path} is no file to copy: name it under ingest.sources in the project's params.yaml.")
        place = Path(path)
        for found in expand(path, Path()):
            name = f"{place.resolve().name}/{found.within}" if place.is_dir() else found.within
            if name in files:
                raise PrefqError(f"two of the files are called {name}: give them different names.")
            files[name] = found.place if isinstance(found.place, Path) else found.place()
    return files


def _copy_templates(directory: Path) -> None:
    templates = resources.files("prefq.cli").joinpath("project")
    for source, target in FILES.items():
        text = templates.joinpath(source).read_text(encoding="utf-8")
        (directory / target).write_text(text, encoding="utf-8")


def _copy_plots(directory: Path) -> None:
    """The templates that dvc.yaml draws its plots with, where DVC looks for them."""
    directory.mkdir(exist_ok=True)
    for template in resources.files("prefq.cli").joinpath("project", "plots").iterdir():
        (directory / template.name).write_text(template.read_text(encoding="utf-8"), encoding="utf-8")


def _set_up_versioning(directory: Path) -> None:
    dvc = [sys.executable, "-m", "dvc"]
    if shutil.which("git") is None:
        _run([*dvc, "init", "--quiet", "--no-scm"], directory)
    else:
        top = _run(["git", "rev-parse", "--show-toplevel"], directory, check=False)
        if not top:
            _run(["git", "init", "--quiet"], directory)
        inside = top and Path(top).resolve() != directory.resolve()
        _run([*dvc, "init", "--quiet", *(["--subdir"] if inside else [])], directory)
    _run([*dvc, "config", "core.analytics", "false"], directory)


def _run(command: list[str], directory: Path, *, check: bool = True) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if check and done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise PrefqError(f"{' '.join(command[-3:])} failed in {directory}: {last}")
    return done.stdout.strip()
