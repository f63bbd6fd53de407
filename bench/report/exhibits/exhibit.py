"""An exhibit of the report: what it is called, where it stands, what it shows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from ..analysis.comparison import Comparison
from .written import file_name

# The sections of the page that show exhibits; "task" is there once for each task.
PLACES = ("leaderboard", "overall", "task", "cost", "failures")
Fields = Mapping[str, str]
E = TypeVar("E", bound="Exhibit")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exhibit:
    """What a figure and a table say of themselves.

    Attributes:
        name: of its files. With a field, as in "{task}-stability", there is one for each task.
        place: the section of the page, one of PLACES; None: in none, it has its files alone.
        caption: what it shows, in sentences that stand alone ("{baseline}" is filled in), or a
            function that gives them.
        each: for fields other than the task, the values of all of them, a mapping for each file.

    Functions of an exhibit get the comparison and then the fields by name.
    """

    name: str
    place: str | None = None
    caption: str | Callable[..., str] = ""
    each: Callable[[Comparison], Iterable[Fields]] | None = None

    def __post_init__(self) -> None:
        if self.place not in (*PLACES, None):
            known = ", ".join(PLACES)
            raise ValueError(f"{self.name}: no section {self.place!r} in the page; use {known}")
        if self.place == "task" and "{task}" not in self.name:
            raise ValueError(f"{self.name}: the section of a task needs {{task}} in the name")
        unknown = set(re.findall(r"\{(\w+)\}", self.name)) - {"task"}
        if unknown and self.each is None:
            field = unknown.pop()
            raise ValueError(
                f"{self.name}: nothing fills {{{field}}}; use {{task}}, or give `each`"
            )

    @property
    def kind(self) -> str:
        """Its name without the fields, in words: "learning curves"."""
        return re.sub(r"\{\w+\}", "", self.name).strip("-").replace("_", " ")

    def fields(self, comparison: Comparison) -> Iterable[Fields]:
        """What fills the name, a mapping for each file; an empty one where it has no fields."""
        if self.each is not None:
            return self.each(comparison)
        if "{task}" in self.name:
            return [{"task": task} for task in comparison.study.tasks]
        return [{}]

    def words(self, comparison: Comparison, fields: Fields) -> str:
        """The caption of one of its files."""
        if callable(self.caption):
            return self.caption(comparison, **fields)
        return self.caption.replace("{baseline}", comparison.baseline)


@dataclasses.dataclass(frozen=True)
class Shown:
    """One of the files of an exhibit, of one task, say.

    Attributes:
        exhibit: what it is one of.
        fields: what its name is filled with.
        stem: name of its files without the ending, and of its place in the page; there once.
        caption: what it shows, in words.
    """

    exhibit: Exhibit
    fields: Fields
    stem: str
    caption: str

    def __str__(self) -> str:
        """ "two_digits", "all tasks": what it is of."""
        return ", ".join(self.fields.values()) or "all tasks"


def shown(exhibits: Iterable[E], comparison: Comparison) -> list[tuple[E, Fields, str]]:
    """Every exhibit with all that fills its name, in their order, and the stem of its files.

    No two stems are the same, not even where case does not count: what is there once has its own
    name, and a task that is called like it gets a number.
    """
    found = [(each, fields) for each in exhibits for fields in each.fields(comparison)]
    stems: dict[int, str] = {}
    for i in sorted(range(len(found)), key=lambda i: len(found[i][1]) > 0):
        exhibit, fields = found[i]
        wanted = stem = file_name(exhibit.name.format(**fields))
        taken = {stem.casefold() for stem in stems.values()}
        number = 2
        while stem.casefold() in taken:
            stem, number = f"{wanted}-{number}", number + 1
        stems[i] = stem
    return [(exhibit, fields, stems[i]) for i, (exhibit, fields) in enumerate(found)]


def listed(shown: Iterable[Shown]) -> str:
    """The names of exhibits in one line, those of each task once: "overall, <task>"."""
    names = dict.fromkeys(each.exhibit.name for each in shown)
    return ", ".join(names).replace("{", "<").replace("}", ">")
