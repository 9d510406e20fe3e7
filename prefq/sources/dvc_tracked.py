"""Files that DVC tracks: which version is recorded, and where its bytes are while it is not checked out."""

import configparser
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from prefq.errors import SourceError
from prefq.params import foreign_mapping
from prefq.sources.found import Found, data_suffix


@dataclass(frozen=True)
class Tracked:
    """An output as DVC records it: a file, or a directory (its md5 then ends with `.dir`)."""

    path: Path
    md5: str
    recorded_in: Path
    repository: Path

    def cached(self, md5: str) -> Path | None:
        """Where the local cache holds the content of that md5, if it does."""
        cache = _cache(self.repository)
        places = (cache / "files/md5" / md5[:2] / md5[2:], cache / md5[:2] / md5[2:])
        return next((place for place in places if place.is_file()), None)

    def files(self) -> dict[Path, str] | None:
        """The md5 of each file; None where a directory's list is not in the cache."""
        if not self.md5.endswith(".dir"):
            return {self.path: self.md5}
        listing = self.cached(self.md5)
        if listing is None:
            return None
        try:
            entries = json.loads(listing.read_text(encoding="utf-8"))
            return {self.path.joinpath(*PurePosixPath(e["relpath"]).parts): e["md5"] for e in entries}
        except (ValueError, KeyError, TypeError):
            return None


def tracked(path: Path) -> Tracked | None:
    """What DVC records of a file, or of the nearest directory above it that it tracks; None when it tracks neither."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - a link is tracked as what it is called
    repository = next((folder for folder in path.parents if (folder / ".dvc").is_dir()), None)
    if repository is None:
        return None
    for place in (path, *path.parents):
        if place == repository:
            break
        for file, outs in _records(place):
            for out in outs:
                if _out_path(file.parent, out) == place and isinstance(out.get("md5"), str):
                    return Tracked(place, out["md5"], file, repository)
    return None


def _records(place: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """The files that may tell of a path, with the outputs that they record."""
    if (file := place.with_name(f"{place.name}.dvc")).is_file():
        yield file, _dicts(_recorded(file, file.stat().st_mtime_ns).get("outs"))
    for folder in place.parents:
        if (lock := folder / "dvc.lock").is_file():
            stages = _dict(_recorded(lock, lock.stat().st_mtime_ns).get("stages")).values()
            yield lock, [out for stage in stages for out in _dicts(_dict(stage).get("outs"))]
        if (folder / ".dvc").is_dir():
            break


@lru_cache(maxsize=8)
def _recorded(file: Path, changed: int) -> Mapping[str, Any]:
    """A file of records, read once until it changes: every file of a directory is looked up in it."""
    try:
        return foreign_mapping(file.read_bytes())
    except OSError:
        return {}


def _out_path(folder: Path, out: dict[str, Any]) -> Path | None:
    path = out.get("path")
    return Path(os.path.abspath(folder / path)) if isinstance(path, str) else None  # noqa: PTH100


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [held for held in value if isinstance(held, dict)] if isinstance(value, list) else []


def _cache(repository: Path) -> Path:
    """The repository's local cache, which its settings may have moved; the user's and the system's, too.

    A path is relative to the folder of the file that gives it. A file that cannot be read says nothing.
    """
    found = repository / ".dvc/cache"
    for folder, name in [*_shared_settings(), (repository / ".dvc", "config"), (repository / ".dvc", "config.local")]:
        settings = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            settings.read(folder / name, encoding="utf-8")
            told = settings.get("cache", "dir", fallback=None)
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        found = folder / Path(told).expanduser() if told else found
    return found


def _shared_settings() -> list[tuple[Path, str]]:
    """Where DVC looks for the settings of the system and of the user, as `dvc config --system` and `--global` write."""
    import platformdirs  # DVC's own way to these folders; dvc.dirs itself would load DVC

    places = (
        os.environ.get("DVC_SYSTEM_CONFIG_DIR") or platformdirs.site_config_dir("dvc", "iterative"),
        os.environ.get("DVC_GLOBAL_CONFIG_DIR") or platformdirs.user_config_dir("dvc", "iterative"),
    )
    return [(Path(place), "config") for place in places]


def recorded_md5(path: Path) -> str | None:
    """The md5 that DVC records of a file; None when it tracks it not, or what it records is not to be found."""
    found = tracked(path)
    files = found.files() if found else None
    return files.get(Path(os.path.abspath(path))) if files else None  # noqa: PTH100


HASHED = 1 << 30
"""Bytes of a file or a folder that are read to tell whether it changed; more take longer than it is worth."""


def md5_of(path: Path, root: Path) -> str | None:
    """What DVC would record of a file or a folder as it stands; None where it is not there, or larger than HASHED.

    What `.dvcignore` in the project's `root` leaves out is left out.
    """
    if path.is_file():
        return _md5(path) if path.stat().st_size <= HASHED else None
    files = _not_ignored([p for p in path.rglob("*") if p.is_file()], root)
    if not path.is_dir() or sum(p.stat().st_size for p in files) > HASHED:
        return None
    listed = sorted((p.relative_to(path).as_posix(), _md5(p)) for p in files)
    told = json.dumps([{"md5": md5, "relpath": name} for name, md5 in listed], sort_keys=True)
    return f"{hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()}.dir"


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _not_ignored(files: list[Path], root: Path) -> list[Path]:
    from pathspec import GitIgnoreSpec

    rules = root / ".dvcignore"
    if not rules.is_file():
        return files
    ignored = GitIgnoreSpec.from_lines(rules.read_text(encoding="utf-8", errors="replace").splitlines())
    return [p for p in files if not ignored.match_file(os.path.relpath(p, root))]


def stand_ins(path: Path, top: Path) -> list[Found] | None:
    """What stands for a path that is not checked out: the files in DVC's cache, under the names they would have.

    None when DVC does not track it. Raises SourceError when the cache does not hold it either.
    """
    found = tracked(path)
    if found is None:
        return None
    below = [(file, md5) for file, md5 in sorted((found.files() or {}).items()) if _at_or_below(file, path)]
    wanted = [(file, md5) for file, md5 in below if file == found.path or data_suffix(file.name)]
    data = [(file, found.cached(md5), md5) for file, md5 in wanted]
    if not data and found.files() is not None:
        return None
    missing = [file for file, place, _ in data if place is None]
    if missing or not data:
        raise SourceError(_not_here(path, found))
    if data[0][0] != Path(os.path.abspath(path)):  # noqa: PTH100 - a directory is asked for
        top = path
    start = Path(os.path.abspath(top))  # noqa: PTH100
    return [Found.local(place, top / file.relative_to(start), top, md5) for file, place, md5 in data if place]


def _at_or_below(file: Path, path: Path) -> bool:
    return file.is_relative_to(os.path.abspath(path))  # noqa: PTH100


def _not_here(path: Path, found: Tracked) -> str:
    shown = os.path.relpath(path)
    return (
        f"{path} is tracked by DVC ({found.recorded_in.name}) but not checked out, nor is it in the local cache: "
        f"run `dvc pull {shown}` (or `dvc checkout {shown}`)."
    )
