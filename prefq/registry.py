"""Families of things that plug in: the folder is the registry, a decorator is the whole registration."""

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from prefq.errors import UsageError

Member = TypeVar("Member")


@dataclass
class Family(Generic[Member]):
    """The members of one package (`prefq.checks`, `prefq.formats`, …), by name, in the order of their modules.

    The package's modules are imported when the first member is asked for, not before.
    """

    package: str
    kind: str
    _members: dict[str, Member] = field(default_factory=dict)
    _loaded: bool = False

    def add(self, name: str, member: Member) -> None:
        """Register a member. A second one of the same name is a programming error."""
        if name in self._members:
            raise ValueError(f"two {self.kind}s are called {name}")
        self._members[name] = member

    def _load(self) -> dict[str, Member]:
        if not self._loaded:
            self._loaded = True
            package = importlib.import_module(self.package)
            for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
                importlib.import_module(f"{self.package}.{module.name}")
        return self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __contains__(self, name: object) -> bool:
        return name in self._load()

    def __len__(self) -> int:
        return len(self._load())

    def values(self) -> list[Member]:
        """Every member."""
        return list(self._load().values())

    def __getitem__(self, name: str) -> Member:
        members = self._load()
        if name not in members:
            raise UsageError(f"There is no {self.kind} {name!r}{did_you_mean(name, members)}")
        return members[name]


def did_you_mean(name: str, known: Any) -> str:
    """The end of an error sentence: the nearest known name, or all of them."""
    near = difflib.get_close_matches(name, [str(k) for k in known], n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(str(k) for k in known))}."


def keyword_defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """A function's parameters and their defaults: what `params.yaml` may override."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
