"""The catalogue: wrong answers with a name, right answers that look different.

A misconception is one function that builds the wrong answer on the reference, so it follows when the
reference moves:

    @misconception(
        replaces="KNearestNeighbor.compute_distances_two_loops",
        loses=["two_loops"],
        name="no square root",
        why="d^2 is what the loop adds up, and the root is one more call",
        hint="The L2 distance of (0, 0) and (3, 4) is 5. What does yours say?",
    )
    def squared(original):
        def compute_distances_two_loops(self, X):
            return original(self, X) ** 2
        return compute_distances_two_loops

`module="layers"` says where, in an assignment of several modules.  What students train and hand in as a file
is replaced in the same way, `replaces="held_out.safetensors"`; the function gets the reference's arrays by
name, and returns those of the wrong answer.

An alternative has the same form without name, why and hint, and must score 100 %.  Both become submissions
through `Entry.source`: the reference's source with the function replaced at its end.  So they are graded as
any student's file is, and nothing but text crosses the trust boundary.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from cvcourse.checks.trained import SUFFIX, read_arrays

from .course import Assignment, CourseError

__all__ = [
    "Entry",
    "Modules",
    "alternative",
    "alternatives",
    "imports",
    "load_module",
    "misconception",
    "misconceptions",
    "reference_files",
    "reference_trained",
]

# takes the reference's function (or arrays), returns what replaces it
Factory = Callable[[Any], Any]


@dataclass(frozen=True)
class Entry:
    """A function that replaces `replaces` in `module`, or arrays that replace a file.

    `loses` are the tasks it must lose: none, for an alternative.
    """

    key: str
    replaces: str
    factory: Factory
    module: str = ""
    loses: tuple[str, ...] = ()
    name: str = ""
    why: str = ""
    hint: str = ""

    @property
    def of_file(self) -> bool:
        """Whether this is an answer of the training kind: another file, and the reference's code."""
        return self.replaces.endswith(SUFFIX)

    def source(self, assignment: Assignment) -> str:
        """The reference module with this entry's function put in, as a student's file would be."""
        module = self.module or assignment.modules[0]
        reference = (assignment.solutions / f"{module}.py").read_text(encoding="utf-8")
        replacing = f"{self.replaces} = {self.factory.__name__}({self.replaces})"
        return f"{reference}\n\n{_undecorated(self.factory)}\n\n{replacing}\n"

    def files(self, assignment: Assignment) -> dict[str, str]:
        """All modules of the assignment as a submission, this entry's one among them."""
        files = reference_files(assignment)
        module = self.module or assignment.modules[0]
        return files if self.of_file else files | {f"{module}.py": self.source(assignment)}

    def trained(self, assignment: Assignment) -> dict[str, bytes]:
        """What was trained, as it is handed in with `files`."""
        from safetensors.numpy import save

        files = reference_trained(assignment)
        if not self.of_file:
            return files
        arrays = self.factory(read_arrays(files[self.replaces], self.replaces))
        return files | {self.replaces: save({k: np.ascontiguousarray(a) for k, a in arrays.items()})}


def misconception(
    *, replaces: str, loses: list[str], name: str, why: str, hint: str, module: str = ""
) -> Callable[[Factory], Factory]:
    """Register a wrong answer; see the module's docstring."""

    def register(factory: Factory) -> Factory:
        factory.__entry__ = Entry(  # type: ignore[attr-defined]
            factory.__name__, replaces, factory, module, tuple(loses), name, why, hint
        )
        return factory

    return register


def alternative(*, replaces: str, module: str = "") -> Callable[[Factory], Factory]:
    """Register a right answer that looks different; its docstring says how."""

    def register(factory: Factory) -> Factory:
        factory.__entry__ = Entry(factory.__name__, replaces, factory, module)  # type: ignore[attr-defined]
        return factory

    return register


def misconceptions(assignment: Assignment) -> tuple[Entry, ...]:
    return _entries("misconceptions", assignment)


def alternatives(assignment: Assignment) -> tuple[Entry, ...]:
    return _entries("alternatives", assignment)


def reference_files(assignment: Assignment) -> dict[str, str]:
    """The reference as a submission: file names to sources."""
    return {
        f"{m}.py": (assignment.solutions / f"{m}.py").read_text(encoding="utf-8") for m in assignment.modules
    }


def reference_trained(assignment: Assignment) -> dict[str, bytes]:
    """What the reference has trained: file names to contents."""
    files = [f"{name}{SUFFIX}" for name in assignment.trained]
    return {file: (assignment.solutions / file).read_bytes() for file in files}


def imports(assignment: Assignment) -> list[str]:
    """The statements with which the assignment's modules import what is none of theirs."""
    found: dict[str, None] = {}
    for source in reference_files(assignment).values():
        try:
            body = ast.parse(source).body
        except SyntaxError:
            continue  # whoever runs it will say so
        for node in body:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
                names = [str(node.module)]
            else:
                continue
            if not set(names) & set(assignment.modules):
                found[ast.unparse(node)] = None
    return list(found)


class Modules(Mapping[str, ModuleType]):
    """Trusted sources (the reference, or those of an `Entry`) as modules, executed here when first asked for.

    They may import each other by name.  None of it shows in `sys.modules`: many versions of one module live
    side by side, each with its own siblings.

    >>> Modules({"layers.py": "…", "fc_net.py": "import layers"})["fc_net"]
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._sources = {name.removesuffix(".py"): source for name, source in files.items()}
        self._loaded: dict[str, ModuleType] = {}

    def __getitem__(self, name: str) -> ModuleType:
        if name not in self._loaded:
            module = ModuleType(name)
            module.__file__ = f"{name}.py"
            module.__dict__["__builtins__"] = vars(builtins) | {"__import__": self._import}
            code = compile(self._sources[name], f"<{name}>", "exec")
            self._loaded[name] = module  # before it runs: a sibling may import it in turn
            try:
                exec(code, module.__dict__)
            except BaseException:
                del self._loaded[name]
                raise
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def _import(self, name: str, *more: Any, **by_name: Any) -> Any:
        return self[name] if name in self._sources else builtins.__import__(name, *more, **by_name)


def load_module(source: str, name: str) -> ModuleType:
    """Trusted source of one module that needs no other, executed in this process."""
    return Modules({name: source})[name]


def _entries(kind: str, assignment: Assignment) -> tuple[Entry, ...]:
    try:
        module = importlib.import_module(f"autograder.{kind}.{assignment.name}")
    except Exception as e:  # an instructor's file: whatever is wrong with it
        where = f"autograder/{kind}/{assignment.name}.py"
        missing = isinstance(e, ModuleNotFoundError) and str(e.name).startswith(f"autograder.{kind}")
        what = "is missing" if missing else f"cannot be imported: {type(e).__name__}: {e}"
        raise CourseError(f"{where} {what}") from None
    return tuple(v.__entry__ for v in vars(module).values() if hasattr(v, "__entry__"))


def _undecorated(factory: Factory) -> str:
    tree = ast.parse(textwrap.dedent(inspect.getsource(factory)))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list = []
    return ast.unparse(function)
