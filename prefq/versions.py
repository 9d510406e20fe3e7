"""Versions of a dataset: what Git and DVC know of them. The one file that runs Git and calls DVC."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from prefq.errors import PrefqError
from prefq.history import Commit, Records, entries
from prefq.params import PARAMS_FILE, foreign_mapping
from prefq.sources.dvc_tracked import Tracked

LOCK = "dvc.lock"
DATASET = (LOCK, "data/labels", "data/curated.dvc", "data/pairs.parquet.dvc")
"""A commit that changes one of these is a version of the dataset."""


LOOK_BACK = 50
"""Commits that are looked at for another content of a table."""


class VersionError(PrefqError):
    """A revision, or a table as it was at one, cannot be had."""


def find_commit(root: Path, name: str) -> str | None:
    """The full id of the commit that a revision, tag or branch names; None when there is no such thing, or several.

    Raises VersionError where Git cannot be asked: it is not installed, or `root` is in no repository.
    """
    _need_repository(root)
    done = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    found = done.stdout.decode().split()
    return found[0] if len(found) == 1 else None


def commit_of(root: Path, name: str) -> str:
    """The full id of the commit that `name` names. Raises VersionError when there is none."""
    if found := find_commit(root, name):
        return found
    if name.startswith("HEAD") and not find_commit(root, "HEAD"):
        raise VersionError(f"{root.resolve()} has no commit yet: commit dvc.lock, then there is a version to speak of.")
    if ".." in name:
        raise VersionError(f"{name!r} is a range of revisions: name its ends one by one, {_ends(name)}.")
    shallow = _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    remedy = "this clone is shallow; `git fetch --unshallow --tags` gets the rest" if shallow else "see `git log`"
    raise VersionError(f"Git knows no revision {name!r} in {root.resolve()} ({remedy}).")


def _ends(name: str) -> str:
    return " ".join(end.strip(".") or "HEAD" for end in name.split("..", 1))


def commits(root: Path, paths: Sequence[str] = DATASET, limit: int | None = None, last: str = "HEAD") -> list[Commit]:
    """The commits before and at `last` that changed one of the paths (relative to `root`), newest first."""
    head = commit_of(root, last)
    fields = "%H%x1f%ct%x1f%an%x1f%s"
    most = [f"--max-count={limit}"] if limit is not None else []
    done = _git(root, "log", "-z", "--no-show-signature", f"--format={fields}", *most, head, "--", *paths)
    told = done.stdout.decode("utf-8", "replace").split("\0")
    rows = [line.split("\x1f", 3) for line in told if line]
    return [Commit(commit, int(time), author, subject) for commit, time, author, subject in rows]


def tags(root: Path) -> dict[str, str]:
    """Each tag before or at HEAD and the full id of the commit it names, newest first."""
    wanted = "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)"
    done = _git(root, "for-each-ref", "--merged=HEAD", "--sort=-creatordate", wanted, "refs/tags")
    rows = [line.split("\0") for line in done.stdout.decode("utf-8", "replace").splitlines() if line]
    return {name: peeled or direct for name, direct, peeled in rows}


def object_ids(root: Path, wanted: Iterable[tuple[str, str]]) -> list[str | None]:
    """What stands at each (commit, path relative to `root`): the object's id, None where there is nothing."""
    asked = _asked(wanted)
    done = _git(root, "cat-file", "--batch-check=%(objectname)", given=asked)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return [None if line.endswith(" missing") else line for line in lines]


def contents(root: Path, wanted: Iterable[tuple[str, str]]) -> list[bytes | None]:
    """The file at each (commit, path relative to `root`), read by one Git process; None where there is none."""
    return list(_parsed(_git(root, "cat-file", "--batch", given=_asked(wanted)).stdout))


def _asked(wanted: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{commit}:./{path}\n" for commit, path in wanted).encode()


def _parsed(batch: bytes) -> Iterator[bytes | None]:
    at = 0
    while at < len(batch):
        end = batch.index(b"\n", at)
        head = batch[at:end].split(b" ")
        at = end + 1
        if head[-1] == b"missing":
            yield None
            continue
        size = int(head[-1])
        yield batch[at : at + size] if head[-2] == b"blob" else None
        at += size + 1


def records_at(root: Path, commit: str) -> Records | None:
    """What the project in `root` recorded at a commit; None when there was no lock file."""
    lock, params = contents(root, [(commit, LOCK), (commit, PARAMS_FILE)])
    return None if lock is None else Records(foreign_mapping(lock), foreign_mapping(params or b""))


def records_in(root: Path) -> Records | None:
    """What the project in `root` records as it stands; None when there is no lock file."""
    lock, params = root / LOCK, root / PARAMS_FILE
    if not lock.is_file():
        return None
    settings = params.read_bytes() if params.is_file() else b""
    return Records(foreign_mapping(lock.read_bytes()), foreign_mapping(settings))


def recorded_md5(root: Path, commit: str, path: str) -> str | None:
    """The md5 that DVC recorded at a commit of an output, or of what was added by itself; None when it knew none."""
    lock, added = contents(root, [(commit, LOCK), (commit, f"{path}.dvc")])
    known = Records(foreign_mapping(lock or b""), {}).outputs()
    for out in entries(foreign_mapping(added or b""), "outs"):
        if out["path"] == PurePosixPath(path).name and isinstance(out.get("md5"), str):
            known.setdefault(path, out["md5"])
    return known.get(path)


def files_at(root: Path, commit: str, path: str, shown: str) -> dict[str, Path]:
    """A file, or a folder's files, as DVC recorded them at a commit: the name of each and where its bytes are.

    They are read in DVC's local cache, and come from the remote when they are not there. A single file's name is
    that of `path`. Raises VersionError when nothing was recorded, or the bytes are in neither place; `shown` is how
    the revision is called in that sentence.
    """
    md5 = recorded_md5(root, commit, path)
    if md5 is None:
        raise VersionError(f"{shown} has no {path}: DVC recorded none there (see `git show {shown}:./{LOCK}`).")
    repository = _dvc_root(root)
    tracked = Tracked(root.absolute() / path, md5, root / LOCK, repository)
    found = _places(tracked)
    if found is None:
        reason = _fetch(tracked, commit)
        found = _places(tracked)
        if found is None:
            raise VersionError(_not_to_be_had(path, shown, reason))
    return found


def cached_at(root: Path, commit: str, path: str) -> dict[str, Path] | None:
    """The same as `files_at` from DVC's local cache alone; None where it does not hold all."""
    md5 = recorded_md5(root, commit, path)
    return _places(Tracked(root.absolute() / path, md5, root / LOCK, _dvc_root(root))) if md5 else None


def before(root: Path, commit: str, path: str) -> str | None:
    """The newest commit before one that recorded another content of an output, or of a file that was added by itself.

    None where there is none.
    """
    earlier = [found.id for found in commits(root, (LOCK, f"{path}.dvc"), last=commit)]
    now = recorded_md5(root, commit, path)
    recorded = ((id_, recorded_md5(root, id_, path)) for id_ in earlier[:LOOK_BACK])
    return next((id_ for id_, md5 in recorded if md5 is not None and md5 != now), None)


def _places(tracked: Tracked) -> dict[str, Path] | None:
    """Where the cache holds each file; None when it does not hold all."""
    listed = tracked.files()
    if listed is None:
        return None
    held = {file: tracked.cached(md5) for file, md5 in sorted(listed.items())}
    found = {_within(file, tracked.path): place for file, place in held.items() if place is not None}
    return found if len(found) == len(held) else None


def _within(file: Path, top: Path) -> str:
    return file.name if file == top else file.relative_to(top).as_posix()


def _dvc_root(root: Path) -> Path:
    here = root.absolute()
    found = next((folder for folder in (here, *here.parents) if (folder / ".dvc").is_dir()), None)
    if found is None:
        raise VersionError(f"{root.resolve()} is not in a DVC project: `dvc init` makes one, `prefq init` a whole one.")
    return found


def _fetch(tracked: Tracked, commit: str) -> str:
    """Fetch what was recorded at a commit from DVC's remote into the cache; why that failed comes back, if it did."""
    import logging
    import warnings

    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    loggers = [logging.getLogger(name) for name in ("dvc", "dvc_data", "dvc_objects")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)  # what goes wrong is told in one sentence of ours
    try:
        with warnings.catch_warnings(action="ignore"), Repo(str(tracked.repository)) as repo:  # DVC's to mend
            if not repo.config["core"].get("remote") and not repo.config["remote"]:
                return "no remote is set up (`dvc remote add`)"
            within = Path(os.path.realpath(tracked.path.parent), tracked.path.name).relative_to(repo.scm.root_dir)
            # By the path in Git's tree, and from today's remote: the revision may know of none.
            repo.fetch(targets=[f"/{within.as_posix()}"], revs=[commit], workspace=False, config=dict(repo.config))
    except (DvcException, OSError) as error:
        return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
    return "the remote does not hold it"


def _not_to_be_had(path: str, shown: str, reason: str) -> str:
    return (
        f"{path} as of {shown} is not in DVC's cache and cannot be fetched: {reason}. Where it was made, run `dvc push`"
        f" (with --all-commits for older versions); then `dvc pull --all-commits {path}` gets it here."
    )


def _need_repository(root: Path) -> None:
    done = _git(root, "rev-parse", "--is-inside-work-tree")
    if done.stdout.strip() == b"true":
        return
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    why = "" if not said or "not a git repository" in said[0] else f" ({said[0].removeprefix('fatal: ')})"
    raise VersionError(f"{root.resolve()} is not in a Git repository{why}: versions are Git commits.")


def _git(root: Path, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """What Git says, in English, to a command that changes nothing."""
    speak = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    stdin: dict[str, Any] = {"stdin": subprocess.DEVNULL} if given is None else {"input": given}
    try:
        return subprocess.run(["git", *arguments], cwd=root, env=speak, capture_output=True, check=False, **stdin)
    except FileNotFoundError:
        if not root.is_dir():
            raise VersionError(f"There is no directory {root}.") from None
        raise VersionError("git is not installed: versions of a dataset are Git commits.") from None
