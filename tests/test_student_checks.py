"""The student's side of checking: what a check says of a file, and how it is shown.

Student files are made from the reference solution: whole, with a piece taken out, or with a mistake put in.
"""

import functools
import html.parser
import json
import re
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cvcourse import check, resolve
from cvcourse.checks import card, fingerprints, needs, runner
from cvcourse.checks.answers import LocalAnswers, NotebookError, every, read_answers, told
from cvcourse.checks.compare import Mismatch
from cvcourse.checks.outcomes import NOTHING_RETURNED, Missing, StudentError
from cvcourse.checks.steps import count_steps
from cvcourse.results import CaseResult, Report

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = (ROOT / "solutions" / "knn" / "knn.py").read_text(encoding="utf-8")
STUB = re.sub(
    r"( *)### BEGIN SOLUTION (\w+)\n.*?### END SOLUTION",
    r'\1raise NotImplementedError("knn.\2: write it")',
    REFERENCE,
    flags=re.DOTALL,
)
TASKS = ("l1_distance", "two_loops", "one_loop", "no_loops", "predict_labels", "cross_validation")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty current folder; the package holds the stub of `knn`."""
    packaged = tmp_path / "package" / "cvcourse" / "exercises"
    (packaged / "knn").mkdir(parents=True)
    (packaged / "knn" / "knn.py").write_text(STUB, encoding="utf-8")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.setattr(resolve, "PACKAGED", packaged)
    monkeypatch.setattr(resolve, "_FINDER", type(resolve._FINDER)())
    monkeypatch.setattr(sys, "meta_path", [f for f in sys.meta_path if not isinstance(f, resolve._Finder)])
    monkeypatch.delenv(resolve.VARIABLE, raising=False)
    monkeypatch.chdir(here)
    before = sys.modules.pop("knn", None)
    yield here
    sys.modules.pop("knn", None)
    if before:
        sys.modules["knn"] = before


def put(home: Path, source: str) -> None:
    (home / "knn.py").write_text(source, encoding="utf-8")


def with_method(name: str, body: str, arguments: str = "self, X") -> str:
    """The reference, with another body for one method."""
    function = f"def {name}({arguments}):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
    return f"{REFERENCE}\n\n{function}\nKNearestNeighbor.{name} = {name}\n"


def outcomes(report: Report) -> set[str]:
    return {c.outcome for c in report.cases}


def notebook(*sources: str) -> bytes:
    cells = [{"cell_type": "code", "source": s, "metadata": {}, "outputs": []} for s in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


# --------------------------------------------------------------------------------------------------- running


@pytest.mark.parametrize("task", TASKS)
def test_the_reference_passes(home, task):
    put(home, REFERENCE)
    report = runner.run("knn", task)
    assert outcomes(report) == {"passed"}, [c.message for c in report.cases]
    assert report.files == (str(home / "knn.py"),)


@pytest.mark.parametrize("task", TASKS)
def test_the_stub_is_not_implemented(home, task):
    report = runner.run("knn", task)
    assert outcomes(report) == {"not_implemented"}
    assert report.score == 0


def test_cases_come_in_the_order_in_which_they_are_written(home):
    source = Path(runner.__file__).with_name("knn.py").read_text(encoding="utf-8")
    written = re.findall(r"^def test_(\w+)", source, flags=re.MULTILINE)
    assert [c.id.rpartition(".")[2] for c in runner.cases("knn")] == written
    assert all(c.title and c.points > 0 for c in runner.cases("knn"))


def test_a_mistake_fails_its_task_alone(home):
    put(home, with_method("compute_distances_two_loops", "return self.compute_distances_one_loop(X) ** 2"))
    failed = {
        c.task for c in runner.run("knn").cases if c.outcome == "failed" and "predictions" not in c.task
    }
    assert failed == {"knn.two_loops"}
    first = runner.run("knn", "two_loops").cases[0]
    assert first.rung == "values"
    assert first.hint
    assert first.earned == 0


def test_the_file_is_read_again_each_time(home):
    put(home, STUB)
    assert outcomes(runner.run("knn", "two_loops")) == {"not_implemented"}
    put(home, REFERENCE)
    assert outcomes(runner.run("knn", "two_loops")) == {"passed"}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def f(:\n", r"^knn\.py has a SyntaxError in line 1: "),
        ("if True:\nx = 1\n", r"^knn\.py has an IndentationError in line 2: "),
        (
            "import no_such_package\n",
            r"cannot be imported: ModuleNotFoundError: .*no_such_package.* \(line 1\)",
        ),
        ("x = 1\n\n1 / 0\n", r"cannot be imported: ZeroDivisionError: division by zero \(line 3\)"),
        ("raise SystemExit(3)\n", r"cannot be imported: SystemExit: 3 \(line 1\)"),
        (
            REFERENCE.replace("KNearestNeighbor", "KNearestNeighbour"),
            r"^knn\.py has no 'KNearestNeighbor', but it has 'KNearestNeighbour': rename it",
        ),
        ("", r"^knn\.py has no 'KNearestNeighbor'$"),
        (
            REFERENCE.replace("compute_distances_two_loops", "compute_distance_two_loops"),
            "KNearestNeighbor has no 'compute_distances_two_loops', but it has 'compute_distance_two_loops",
        ),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_sentence_per_case(home, source, sentence):
    put(home, source)
    report = runner.run("knn", "two_loops")
    assert outcomes(report) == {"failed"}
    assert len(report.cases) == len(runner.cases("knn", "two_loops"))
    for case in report.cases:
        assert re.search(sentence, case.message), case.message
        assert "\n" not in case.message


def test_a_missing_file_gets_one_sentence_per_case(home, monkeypatch):
    monkeypatch.setenv(resolve.VARIABLE, str(home))
    report = runner.run("knn", "two_loops")
    assert all("knn.py is missing" in c.message and c.rung == "missing" for c in report.cases)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return None", "dists is None|is None, expected"),
        ("raise ValueError('no')", r"^your code raised ValueError: no \(line \d+ of knn\.py\)$"),
        ("assert False, 'mine'", r"^your code raised AssertionError: mine \(line \d+ of knn\.py\)$"),
        ("raise ValueError('two' + chr(10) + 'lines')", r"^your code raised ValueError: two lines \(line"),
        (
            "class Odd(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Odd",
            "^your code raised Odd, and telling its text raised ZeroDivisionError$",
        ),
        ("raise SystemExit", r"^your code raised SystemExit"),
        ("return self.no_such_thing", r"^your code raised AttributeError: .*no_such_thing.* of knn\.py\)$"),
        ("return X @ X", r"^your code raised ValueError: .* of knn\.py\)$"),
        (
            "return self.compute_distances_two_loops(X)",
            r"^your code raised RecursionError: .*of knn\.py\)$",
        ),
    ],
)
def test_what_student_code_raises_is_told_with_its_line(home, body, sentence):
    put(home, with_method("compute_distances_two_loops", body))
    for case in runner.run("knn", "two_loops").cases:
        assert case.outcome == "failed"
        assert re.search(sentence, case.message), case.message


def test_a_wrong_signature_is_told_without_a_line(home):
    put(home, with_method("compute_distances_two_loops", "return 0", "self"))
    for case in runner.run("knn", "two_loops").cases:
        assert re.search("the check cannot use your code: TypeError: .*takes 1 positional", case.message)


def test_prints_and_warnings_are_kept_out_of_the_way(home, capsys):
    put(
        home,
        with_method(
            "compute_distances_two_loops",
            """
            import warnings
            print("looking")
            warnings.warn("careful")
            return self.compute_distances_one_loop(X)
            """,
        ),
    )
    printed = {}
    assert outcomes(runner.run("knn", "two_loops", printed=printed)) == {"passed"}
    assert capsys.readouterr() == ("", "")
    assert printed["knn.two_loops.triangle"] == "looking\n"


def test_endless_printing_is_cut():
    out = runner._Printed()
    for _ in range(1000):
        out.write("x" * 1000)
    assert len(out.getvalue()) < 1.1 * runner.PRINTED_LIMIT


def test_pytest_raises_reads_as_a_failure(home):
    def function(student):
        with pytest.raises(ValueError, match="shape"):
            pass

    case = runner.CheckCase("knn.a.b", "knn.a", 1, "", "", function)
    result, _, _ = runner.run_case(case, SimpleNamespace())
    assert (result.outcome, result.message) == ("failed", "your code did not raise ValueError")


def test_ctrl_c_stops_an_endless_loop_with_one_sentence(home, capsys):
    body = "import _thread\n_thread.interrupt_main()\nwhile True:\n    pass"
    put(home, with_method("compute_distances_two_loops", body))
    report = check("knn.two_loops")
    assert report.problem == "stopped in knn.two_loops.triangle; later checks did not run"
    assert [c.outcome for c in report.cases] == ["timeout"]
    assert "loop that never ends" in report.cases[0].message
    assert not report.passed
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("knm", "no assignment 'knm': did you mean 'knn'"),
        ("knn.two_loop", "knn has no task 'two_loop': did you mean 'two_loops'"),
        ("", "there is no assignment ''"),
        ("../knn", "there is no assignment"),
        ("runner", "there is no assignment 'runner'"),
    ],
)
def test_unknown_targets(home, target, sentence):
    with pytest.raises(runner.UnknownTarget, match=sentence):
        check(target)


# ----------------------------------------------------------------------------------------------------- seeds


def test_seeds_are_the_case_ids():
    assert runner.seed_for("knn.a.b") == zlib.crc32(b"knn.a.b")
    assert runner.seed_for("knn.a.b", "ada") != runner.seed_for("knn.a.b", "bob")
    assert runner.seed_for("knn.a.b", "ada") != runner.seed_for("knn.a.b")


def test_local_seed_puts_the_global_generators_back():
    import random

    np.random.seed(1)
    random.seed(1)
    expected = (np.random.random(), random.random())
    np.random.seed(1)
    random.seed(1)
    with runner.local_seed(7) as rng:
        inside = (np.random.random(), random.random(), rng.random())
    with runner.local_seed(7) as rng:
        assert (np.random.random(), random.random(), rng.random()) == inside
    assert (np.random.random(), random.random()) == expected


# -------------------------------------------------------------------------------------------- counting steps


def loop_statement(X):
    out = []
    for x in X:
        out.append(x.sum())
    return np.array(out)


def loop_while(X):
    i = 0
    while i < len(X):
        i += 1


def loop_on_one_line(X):
    for x in X: x.sum()  # fmt: skip # noqa: E701


def loop_comprehension(X):
    return [x[0] for x in X]


def loop_generator(X):
    return sum(x[0] for x in X)


def loop_map(X):
    return list(map(lambda x: x[0], X))  # noqa: C417 - the point of the test


def loop_vectorize(X):
    return np.vectorize(lambda x: x + 1)(X[:, 0])


def loop_apply_along_axis(X):
    return np.apply_along_axis(np.linalg.norm, 1, X)


def loop_recursion(X):
    return 0 if len(X) == 0 else 1 + loop_recursion(X[1:])


def loop_functools(X):
    return functools.reduce(lambda a, b: a + b[0], X, 0.0)


def loop_exec(X):
    exec("for x in X: x.sum()", {"X": X})


def flat_matrix(X):
    return X @ X.T


def flat_numpy_helpers(X):
    pieces = np.concatenate([X, X])
    return (
        np.linalg.norm(pieces, axis=1).mean() + np.median(X) + np.einsum("nd,nd->n", X, X).sum() + np.std(X)
    )


def flat_sort(X):
    return np.unique(np.argsort(X, axis=1, kind="stable")[:, :1])


def steps_of(function, N):
    return count_steps(function, np.ones((N, 4)))


@pytest.mark.parametrize("function", [f for n, f in sorted(globals().items()) if n.startswith("loop_")])
def test_every_way_to_loop_is_counted(function):
    few, many = steps_of(function, 5), steps_of(function, 45)
    assert many - few >= 40


@pytest.mark.parametrize("function", [f for n, f in sorted(globals().items()) if n.startswith("flat_")])
def test_numpys_own_work_is_not(function):
    assert 0 < steps_of(function, 5) == steps_of(function, 45) < 30


def test_tracing_is_as_it_was_and_exceptions_pass():
    trace, profile = sys.gettrace(), sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        count_steps(lambda: 1 / 0)
    assert (sys.gettrace(), sys.getprofile()) == (trace, profile)


def test_methods_partials_and_named_files_are_counted():
    class Model:
        def run(self, X):
            return [x for x in X]  # noqa: C416 - the point of the test

        __call__ = run

    X = np.ones((30, 2))
    assert count_steps(Model().run, X) >= 30
    assert count_steps(Model(), X) >= 30
    assert count_steps(functools.partial(Model().run, X), files=(__file__,)) >= 30
    assert count_steps(Model().run, X, files=("elsewhere.py",)) == 0


def test_steps_and_py2_run_alone():
    """The grader executes both files in a process that has no cvcourse."""
    folder = ROOT / "cvcourse"
    program = f"""
import sys
for path in {[str(folder / "_py2.py"), str(folder / "checks" / "steps.py")]!r}:
    exec(compile(open(path, encoding="utf-8").read(), path, "exec"), globals())
install()
from past.builtins import xrange
assert list(xrange(2)) == [0, 1]
assert count_steps(lambda: [i for i in xrange(50)]) > 50
assert not any(m.startswith(("cvcourse", "numpy")) for m in sys.modules)
"""
    subprocess.run([sys.executable, "-I", "-c", program], check=True, timeout=60)


# ---------------------------------------------------------------------------------------------- fingerprints


@pytest.mark.parametrize(
    "value",
    [
        True, 3, -2.5, 1e-30, "abc", np.float32(0.1), np.int64(7), np.bool_(False), float("nan"), -np.inf,
        np.arange(6.0).reshape(2, 3), np.arange(1000), np.array([True, False]),
        np.array([1.0, np.nan, np.inf]), np.zeros((0, 3)), np.array(2.0), [1.0, (2, np.arange(3))],
        {1: [0.5, 0.25], "k": np.eye(2)},
    ],
)  # fmt: skip
def test_encoding_is_json_and_recognises_itself(value):
    encoded = json.loads(json.dumps(fingerprints.encode(value)))
    assert fingerprints.matches(encoded, fingerprints.encode(value))
    assert not fingerprints.matches(encoded, fingerprints.encode("something else"))
    assert len(json.dumps(encoded)) < 3000


def test_decode_gives_the_kept_values_back():
    for value in (np.arange(6).reshape(2, 3), np.array([0.5, np.inf]), np.array([True, False])):
        back = fingerprints.decode(fingerprints.encode(value))
        assert back.dtype.kind == value.dtype.kind
        np.testing.assert_array_equal(back, value.ravel())
    assert fingerprints.decode(fingerprints.encode({1.0: [2.0, 3.0]})) == {1.0: [2.0, 3.0]}


def test_what_differs_is_told_apart():
    encode, matches = fingerprints.encode, fingerprints.matches
    a = np.arange(6.0).reshape(2, 3)
    assert matches(encode(a), encode((a + 1e-9).astype(np.float32)))
    for other in (a + 0.01, a.T, a.astype(int), a.ravel(), a[:1]):
        assert not matches(encode(a), encode(other))


@pytest.mark.parametrize(
    "value", [object(), None, np.array([None]), 1j, "x" * 999, 10**400, [[[[[[1]]]]]], range(3)]
)
def test_what_is_nothing_to_recognise_is_left_out(value):
    assert fingerprints.encode(value) is None
    assert fingerprints.diagnose("knn.two_loops.triangle", value) is None


def module_of(source: str) -> SimpleNamespace:
    module = SimpleNamespace()
    namespace = {"__name__": "knn"}
    exec(compile(source, "<knn>", "exec"), namespace)
    module.__dict__.update(namespace)
    return SimpleNamespace(knn=module)


@pytest.fixture
def named(monkeypatch):
    """Fingerprints of three mistakes, two of which cannot be told apart on the triangle."""
    squared = with_method("compute_distances_two_loops", "return self.compute_distances_one_loop(X) ** 2")
    manhattan = with_method(
        "compute_distances_two_loops", "return np.abs(X[:, None] - self.X_train[None]).sum(axis=2)"
    )
    wrong = [
        fingerprints.WrongAnswer(name, hint, ["two_loops"], vars(module_of(source)))
        for name, hint, source in (
            ("no square root", "What is the root of 25?", squared),
            ("L1 for L2", "Which distance is it?", manhattan),
            ("the sum of squares", "Sum, then root.", squared),
        )
    ]
    built = json.loads(json.dumps(fingerprints.build("knn", wrong)))
    monkeypatch.setattr(fingerprints, "_stored", lambda assignment: built)
    return built


def test_build_keeps_outputs_of_failing_cases_alone(named):
    assert all(case.startswith("knn.two_loops.") for case in named)
    assert all(set(f) == {"name", "hint", "got"} for found in named.values() for f in found)
    assert "def " not in json.dumps(named)


def test_a_known_mistake_is_named(home, named):
    put(
        home,
        with_method("compute_distances_two_loops", "return np.abs(X[:, None] - self.X_train).sum(axis=-1)"),
    )
    case = runner.run("knn", "two_loops").cases[0]
    assert (case.diagnosis, case.hint) == ("L1 for L2", "Which distance is it?")


def test_mistakes_with_the_same_output_are_both_named(home, named):
    put(home, with_method("compute_distances_two_loops", "return self.compute_distances_no_loops(X) ** 2"))
    case = runner.run("knn", "two_loops").cases[0]
    assert case.diagnosis == "no square root or the sum of squares"
    assert "root of 25" in case.hint
    assert "Sum, then root." in case.hint


def test_other_cases_tell_mistakes_apart(monkeypatch):
    def entry(name, got):
        return {"name": name, "hint": f"on {name}", "got": fingerprints.encode(got)}

    stored = {
        "knn.t.a": [entry("L1", 7.0), entry("signs", 7.0), entry("twice", 10.0)],
        "knn.t.b": [entry("L1", 3.0), entry("twice", 4.0)],
        "knn.t.c": [entry(n, 1.0) for n in "pqrs"],
    }
    monkeypatch.setattr(fingerprints, "_stored", lambda assignment: stored)
    together = fingerprints.diagnose_together
    assert together({"knn.t.a": 7.0}) == {"knn.t.a": ("L1 or signs", "on L1 Or: on signs")}
    l1 = ("L1", "on L1")
    assert together({"knn.t.a": 7.0, "knn.t.b": 3.0}) == {"knn.t.a": l1, "knn.t.b": l1}
    # case b passed, and L1 would have failed it
    assert together({"knn.t.a": 7.0, "knn.t.b": None}) == {"knn.t.a": ("signs", "on signs")}
    # two mistakes at once: each case says what it can
    assert together({"knn.t.a": 10.0, "knn.t.b": 3.0}) == {"knn.t.a": ("twice", "on twice"), "knn.t.b": l1}
    # what four mistakes return says nothing
    assert together({"knn.t.c": 1.0}) == {}


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("def f(:\n", ""),
        (with_method("compute_distances_two_loops", "return missing_name"), ""),
        (with_method("compute_distances_two_loops", "print(X)"), NOTHING_RETURNED),
    ],
    ids=["a syntax error", "a name that is not there", "nothing is returned"],
)
def test_a_hint_speaks_of_the_mistake_that_was_made(home, source, hint):
    """ "One step is left" would send astray whose file does not even run."""
    put(home, source)
    assert {c.hint for c in runner.run("knn", "two_loops").cases} == {hint}


def test_what_stops_every_check_of_a_task_is_told_once(home):
    put(home, "def f(:\n")
    text = card.to_text(runner.run("knn", "two_loops"))
    assert text.count("has a SyntaxError") == 1
    assert "knn.two_loops: could not run" in text
    put(home, "class KNearestNeighbor:\n    pass\n")
    text = card.to_text(runner.run("knn", "two_loops"))
    assert text.count("has no 'train'") == 1
    assert text.count("(failed)") == 3


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def f(:\n", "has a SyntaxError in line 1"),
        ("x = '<b>'\nraise ValueError(x * 3)\n", "cannot be imported: ValueError: <b><b><b> (line 2)"),
        ("class KNearestNeighbour:\n    pass\n", "it has 'KNearestNeighbour': rename it"),
        ("def f():\n    raise NotImplementedError('f')\nf()\n", "cannot be imported: NotImplementedError: f"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_told_once_at_the_top(home, source, sentence):
    put(home, source)
    report = runner.run("knn")
    assert sentence in report.obstacle
    for shown in (card.to_text(report), html.unescape(card.to_html(report))):
        assert shown.count(sentence) == 1
        assert shown.index(sentence) < shown.index("knn.l1_distance")
        assert shown.count("could not run") >= 4, "one word a task, and none on its tests"
    assert "<b><b>" not in card.to_html(report)


def test_a_task_that_waits_for_another_says_for_which(home):
    whole = REFERENCE.replace("def compute_distances_no_loops", "def other")
    put(
        home,
        f"{whole}\n\ndef no(self, X):\n    raise NotImplementedError('knn.no_loops: write it')\n\n\n"
        "KNearestNeighbor.compute_distances_no_loops = no\n",
    )
    assert "knn.no_loops: write it" in card.to_text(runner.run("knn", "cross_validation"))
    assert "knn.no_loops: write it" not in card.to_text(runner.run("knn", "no_loops"))


def test_an_unknown_mistake_keeps_the_checks_own_hint(home, named):
    put(home, with_method("compute_distances_two_loops", "return self.compute_distances_one_loop(X) + 1"))
    case = runner.run("knn", "two_loops").cases[0]
    assert case.diagnosis == ""
    assert case.hint == runner.cases("knn", "two_loops")[0].hint


# --------------------------------------------------------------------------------------------------- answers


def test_answers_are_literals_at_the_top_level_of_code_cells():
    answers = read_answers(
        notebook(
            "k = 3",
            "%matplotlib inline\n!pip list\nshape: tuple = (2,\n 3)",
            "later = 1",
            "later = -2.5",
            "open_question = ...  # your answer",
            "computed = max(1, 2)",
            "if True:\n    inside = 1",
            "a, b = 1, 2",
            "%%time\nmagic = 1",
            "broken = (",
        )
    )
    assert answers == {"k": 3, "shape": (2, 3), "later": -2.5, "open_question": ...}


def test_answers_are_never_executed(tmp_path):
    flag = tmp_path / "ran"
    source = f"x = open({str(flag)!r}, 'w')\ny = [__import__('os').system('touch {flag}')]\nz = 1"
    assert read_answers(notebook(source)) == {"z": 1}
    assert not flag.exists()


@pytest.mark.parametrize(
    "source",
    ["x = " + "-" * 19_000 + "1", "x = " + "1+" * 9_000 + "1", "x = " + "[" * 9_000 + "]" * 9_000,
     "x = " + "9" * 19_000, "x = 1  # " + "y" * 10**6, "x = 'a\0b'", "x = " + "a." * 9_000 + "b"],
)  # fmt: skip
def test_hostile_cells_cost_only_themselves(source):
    assert read_answers(notebook(source, "y = 1")) == {"y": 1}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"cells": 3}', b"\xff\xfe", b"[" * 10**6, b"PK\x03\x04", b" " * (65 << 20)],
    ids=lambda c: f"{len(c)} bytes",
)
def test_what_is_no_notebook_is_said(content):
    with pytest.raises(NotebookError):
        read_answers(content)


def test_odd_cells_are_passed_over():
    cells = [3, None, {"cell_type": "code"}, {"cell_type": "code", "source": [1]}, {"cell_type": "markdown"}]
    cells.append({"cell_type": "code", "source": ["x = 1\n", "y = 2"]})
    assert read_answers(json.dumps({"cells": cells}).encode()) == {"x": 1, "y": 2}


def test_local_answers_come_from_the_notebook_on_disk(home):
    answers = LocalAnswers("knn")
    with pytest.raises(Missing, match=r"no knn\.ipynb here"):
        answers["guess"]
    (home / "knn.ipynb").write_bytes(notebook("guess = 3\nother = ..."))
    assert answers["guess"] == 3
    with pytest.raises(
        StudentError, match=r"^NotImplementedError: not answered yet in knn\.ipynb: other$"
    ) as caught:
        answers["other"]
    assert caught.value.kind == "NotImplementedError"
    with pytest.raises(Missing, match=r"save knn\.ipynb, with the cells that assign .*: third$"):
        answers["third"]
    (home / "knn.ipynb").write_bytes(b"{")
    with pytest.raises(Missing, match="cannot be read"):
        answers["guess"]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["a = ...", "b = 2", "c = ..."], "not answered yet in knn.ipynb: a, c"),
        (
            ["b = 2"],
            "save knn.ipynb, with the cells that assign what is not in it: a, c",
        ),
        (["a = ...", "b = 2"], "not answered yet in knn.ipynb: a"),
    ],
)
def test_all_answers_that_are_not_there_are_named(home, cells, sentence):
    (home / "knn.ipynb").write_bytes(notebook(*cells))
    with pytest.raises(StudentError) as caught:
        every(LocalAnswers("knn"), "a", "b", "c")
    assert caught.value.text == sentence


def test_an_open_answer_is_told_in_words():
    assert told(...) == "nothing yet"
    assert told((500, 2)) == (500, 2)


def test_a_check_of_answers_says_which_notebook_it_read(home):
    put(home, REFERENCE)
    (home / "knn.ipynb").write_bytes(notebook("predicted_l1 = 14", "predicted_train_accuracy = ..."))
    text = card.to_text(runner.run("knn", "predictions"))
    assert "not answered yet in knn.ipynb: predicted_train_accuracy" in text
    assert text.endswith("checked knn.ipynb")
    assert card.to_text(runner.run("knn")).endswith("checked knn.py, knn.ipynb")


def test_in_a_session_answers_are_its_names(home, monkeypatch):
    shell = SimpleNamespace(user_ns={"guess": 4, "computed": np.int64(3), "pair": (1, [2])})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    answers = LocalAnswers("knn")
    assert answers["guess"] == 4
    assert answers["pair"] == (1, [2])
    with pytest.raises(StudentError, match="write it as a literal"):
        answers["computed"]
    with pytest.raises(Missing, match="run the cells that assign what is not there in this session: absent"):
        answers["absent"]


# ----------------------------------------------------------------------------------------------- being shown

NASTY = "<script>alert(1)</script>\x1b[2J\u202e & 'quotes'"


def nasty_report() -> Report:
    case = CaseResult(
        "knn.a.b", "knn.a", 2, 0, "public", "failed", NASTY, NASTY, title=NASTY, diagnosis=NASTY
    )
    return Report("knn", cases=(case,), problem=NASTY)


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)
        assert {name for name, _ in attrs} <= {"class", "aria-hidden"}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_student_text_is_escaped_in_the_card():
    tags = Tags()
    tags.feed(card.to_html(nasty_report(), {"knn.a.b": NASTY}))
    assert tags.open == []
    assert "script" not in tags.seen


def test_control_characters_reach_neither_terminal_nor_card():
    for shown in (
        card.to_html(nasty_report(), {"knn.a.b": NASTY}),
        card.to_text(nasty_report(), {"knn.a.b": NASTY}),
    ):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "alert(1)" in shown


def test_every_outcome_has_a_sign_and_a_word():
    for outcome, (sign, word, _) in card.LOOK.items():
        case = CaseResult(
            "knn.a.b", "knn.a", 1, float(outcome == "passed"), "public", outcome, title="A title"
        )
        page, text = card.to_html(Report("knn", cases=(case,))), card.to_text(Report("knn", cases=(case,)))
        assert sign in page
        assert word.partition(":")[0] in page
        assert sign in text
        assert word in text


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_colours_have_contrast_in_both_themes():
    """WCAG AA asks for 4.5 of text; the section headers' grey is taken into account."""
    rules = re.findall(r"\.cvc\{([^}]*--good[^}]*)\}", card.STYLE)
    assert len(rules) == 2
    for rule, background in zip(rules, ("#f6f6f6", "#222222"), strict=True):
        colours = re.findall(r"--(?:good|bad|open|mute):(#\w{6})", rule)
        assert len(colours) == 4
        for colour in colours:
            a, b = sorted((luminance(colour), luminance(background)))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (colour, background)


def test_check_prints_in_a_terminal_and_returns_a_quiet_report(home, capsys):
    put(home, REFERENCE)
    report = check("knn.two_loops")
    out = capsys.readouterr().out
    assert "knn.two_loops: passed" in out
    assert "checked knn.py" in out
    assert report.passed
    assert repr(report) == f"<knn: {len(report.cases)} of {len(report.cases)} checks passed>"
    assert Report.from_dict(report.to_dict()).cases == report.cases


@pytest.fixture
def kernel(monkeypatch):
    """A stand-in for a notebook's kernel: collects what is displayed."""
    import IPython
    import IPython.display

    shown = []
    shell = SimpleNamespace(kernel=object(), user_ns={})
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    return shown


def test_check_draws_a_card_in_a_notebook(home, kernel, capsys):
    put(home, with_method("compute_distances_two_loops", "return self.compute_distances_one_loop(X) ** 2"))
    check("knn.two_loops")
    assert capsys.readouterr().out == ""
    (bundle,) = kernel
    assert "knn.two_loops" in bundle["text/html"]
    assert "<style>" in bundle["text/html"]
    assert bundle["text/plain"].startswith("✗ knn.two_loops: failed")


def test_needs_lets_a_notebook_run_on(home, kernel, capsys):
    with needs("knn.two_loops"):
        raise NotImplementedError("knn.two_loops: write it")
    with needs("knn.two_loops"):
        raise NotImplementedError("knn.one_loop: write it")
    with needs("knn.two_loops"):
        raise NotImplementedError
    with needs("knn.two_loops"):
        pass
    assert [b["text/plain"] for b in kernel] == [
        f"not implemented yet: knn.{task}" for task in ("two_loops", "one_loop", "two_loops")
    ]


def test_needs_prints_without_a_notebook_and_lets_other_errors_pass(capsys):
    with needs("knn.no_loops"):
        raise NotImplementedError
    assert capsys.readouterr().out == "not implemented yet: knn.no_loops\n"
    with pytest.raises(ZeroDivisionError), needs("knn.no_loops"):
        1 / 0  # noqa: B018
    with pytest.raises(Mismatch), needs("knn.no_loops"):
        raise Mismatch("values", "wrong")
