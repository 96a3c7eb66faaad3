"""The trust boundary: what student code can and cannot do, in each tier that this machine offers."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from autograder.isolation.channel import Channel, Clock, Remote, Spawner
from autograder.isolation.launch import TIERS, IsolationError, Tier, Zygote, available_tiers, choose_tier
from autograder.isolation.process_only import spawn_process
from autograder.isolation.student import Student, TimeLimits
from cvcourse.checks.compare import Mismatch, same
from cvcourse.checks.outcomes import Missing, StudentDied, StudentError, StudentTimeout

from .conftest import ROOT, missing

Spawn = Callable[[Clock], Channel]

SOURCE = b"""
import os
import numpy as np

STATE = {"count": 0, "items": [1, 2]}

class Thing:
    def __init__(self, x):
        self.x = x
        self.table = {"a": np.arange(3)}
    def twice(self):
        return 2 * self.x
    def __len__(self):
        return 4

def add_in_place(X):
    X += 1
    return X.sum()

def apply(f, x):
    return f(x) + 1

def looped(n):
    return [i for i in range(n)]

def unfinished():
    raise NotImplementedError("knn.two_loops: not yet")

def fails():
    return [][1]

def hangs():
    while True:
        pass

def leaves():
    os._exit(3)

def reads(path):
    with open(path, "rb") as f:
        return f.read(10)

def lists(path):
    return os.listdir(path)

def writes(path):
    with open(path, "w") as f:
        f.write("x")

def forks():
    return os.fork()

def starts_a_thread():
    import threading
    threading.Thread(target=print).start()

def opens_a_socket():
    import socket
    socket.socket()

def signals(pid):
    os.kill(pid, 0)

def eats_memory():
    return len(np.ones(1 << 29))

def overflows():
    def f():
        return f()
    return f()

def gives_an_object_array():
    return np.array([object()])

class Liar(np.ndarray):
    def __eq__(self, other):
        return True

def lies():
    return np.zeros(3).view(Liar)

def bad_exception():
    class Bad(Exception):
        def __str__(self):
            raise SystemExit
    raise Bad

def changes_mode(path):
    os.chmod(path, 0)

def changes_times(path):
    os.utime(path, (0, 0))

def limits(pid):
    import resource
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, 0))

def imports_cvcourse():
    import cvcourse.results
    return cvcourse.results.__name__

def environment():
    return dict(os.environ)
"""


CONFINED: tuple[Tier, ...] = ("full", "no-namespaces")  # tier process-only confines nothing, and says so


@pytest.fixture(scope="module")
def spawners() -> Iterator[Callable[[Tier], Spawn]]:
    """The spawn function of a tier; zygotes are started once and shared."""
    zygotes: dict[Tier, tuple[Zygote, Any]] = {}

    def get(tier: Tier) -> Spawn:
        if why := available_tiers()[tier]:
            missing(f"tier {tier} is not available: {why}")
        if tier == "process-only":
            return spawn_process
        if tier not in zygotes:
            zygote = Zygote.start(tier, ROOT)
            zygote.wait_until_warm()
            zygotes[tier] = zygote, zygote.connect()
        return Spawner(zygotes[tier][1]).spawn

    yield get
    for zygote, client in zygotes.values():
        client.close()
        zygote.close()


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest) -> Tier:
    return request.param


@pytest.fixture
def spawn(tier: Tier, spawners: Callable[[Tier], Spawn]) -> Spawn:
    return spawners(tier)


@pytest.fixture
def student(spawn: Spawn) -> Iterator[Student]:
    limits = TimeLimits(call=2.0, load=20.0, total=60.0)
    proxy = Student(spawn, {"knn.py": SOURCE}, ("knn",), {"done": (1, 2), "open": ...}, limits)
    yield proxy
    proxy.close()


confined = pytest.mark.parametrize("tier", CONFINED)


# ------------------------------------------------------------------------------------------ the proxy works


def test_values_cross_and_objects_stay(student: Student) -> None:
    thing = student.knn.Thing(np.arange(3.0))
    assert isinstance(thing, Remote)
    np.testing.assert_array_equal(thing.twice(), [0, 2, 4])
    thing.x = 5
    assert thing.twice() == 10
    assert len(thing) == 4
    np.testing.assert_array_equal(thing.table["a"], [0, 1, 2])
    thing.table["b"] = 1
    assert len(thing.table) == 2
    assert "Thing" in repr(thing)


def test_remote_objects_have_no_value_here(student: Student) -> None:
    thing = student.knn.Thing(1)
    for use in (bool, iter, lambda t: t == 1):
        with pytest.raises(TypeError):
            use(thing)
    with pytest.raises(Mismatch, match="an object of type Thing"):
        same(thing, np.zeros(3))


def test_inputs_after_steps_helpers_and_callbacks(student: Student) -> None:
    total, (X,) = student.inputs_after(student.knn.add_in_place, np.zeros(3))
    assert total == 3
    np.testing.assert_array_equal(X, np.ones(3))
    few, many = (student.count_steps(student.knn.looped, n) for n in (10, 100))
    assert many > few + 80
    assert student.knn.apply(lambda x: x * 10, 4) == 41
    assert student.helper(helper, student.knn.Thing, 4) == 9


def test_trained_weights_run_beside_the_students_code(spawn: Spawn) -> None:
    """Weights are read here, used there, and what comes back is compared here."""
    trained = {"net.safetensors": save({"weight": np.arange(6.0).reshape(2, 3), "bias": np.ones(2)})}
    student = Student(spawn, {"knn.py": SOURCE}, ("knn",), {}, None, trained)
    weights = dict(student.trained["net"])  # plain data crosses
    got = student.helper(run_weights, student.knn.apply, weights, np.eye(3))
    same(got, np.array([[0.0, 3], [1, 4], [2, 5]]) + 2)
    student.close()


def run_weights(apply, weights, x):  # type: ignore[no-untyped-def]
    return apply(lambda x: x @ weights["weight"].T + weights["bias"], x)


def helper(thing, x):  # type: ignore[no-untyped-def]
    return thing(x).twice() + 1


def test_a_member_of_a_module_that_was_set_is_seen(student: Student) -> None:
    assert student.knn.looped is student.knn.looped
    student.knn.looped = student.knn.Thing
    assert isinstance(student.knn.looped(1), Remote)


def test_what_a_test_cannot_hand_over_is_no_fault_of_the_students(student: Student) -> None:
    with pytest.raises(IsolationError, match="a test hands over an object of type Generator"):
        student.knn.Thing(np.random.default_rng(0))
    assert student.knn.Thing(4).twice() == 8


def test_the_arguments_sent_are_copies(student: Student) -> None:
    X = np.zeros(3)
    student.knn.add_in_place(X)
    np.testing.assert_array_equal(X, np.zeros(3))


def test_answers(student: Student) -> None:
    assert student.answers["done"] == (1, 2)
    with pytest.raises(StudentError, match="not answered"):
        student.answers["open"]
    with pytest.raises(Missing, match="not assigned in the notebook: absent"):
        student.answers["absent"]


# --------------------------------------------------------------------------------------- what can go wrong


def test_exceptions_name_the_line(student: Student) -> None:
    with pytest.raises(StudentError, match="IndexError") as e:
        student.knn.fails()
    assert (e.value.file, e.value.line) == (
        "knn.py",
        SOURCE.decode().splitlines().index("    return [][1]") + 1,
    )
    with pytest.raises(StudentError) as e:
        student.knn.unfinished()
    assert e.value.kind == "NotImplementedError"
    with pytest.raises(StudentError, match="Bad"):
        student.knn.bad_exception()
    with pytest.raises(StudentError, match="RecursionError"):
        student.knn.overflows()


def test_missing_members_say_what_may_be_meant(student: Student) -> None:
    with pytest.raises(Missing, match="knn.py has no 'Thingy', but it has 'Thing'"):
        student.knn.Thingy  # noqa: B018
    with pytest.raises(AttributeError, match="no module 'nope'"):
        student.nope  # noqa: B018


def test_a_hang_fails_one_call_and_no_more(student: Student) -> None:
    with pytest.raises(StudentTimeout):
        student.knn.hangs()
    assert student.knn.Thing(2).twice() == 4


def test_a_short_limit_says_why_it_is_short() -> None:
    clock = Clock(call=5.0, total=120.0)
    clock.task = "knn.two_loops"
    assert "no answer within 5 s:" in str(clock.timeout(clock.limit(None)))
    clock.timeouts["knn.two_loops"] = 2
    why = r"no answer within 0.25 s \(an earlier call of this task took more than 5 s, so this one got less\)"
    assert re.match(why, str(clock.timeout(clock.limit(None))))
    assert "no answer within 20 s:" in str(clock.timeout(clock.limit(20.0)))
    clock.used = 119.0
    why = r"no answer within 1 s \(your code has used up the 120 s that all its calls together may take\)"
    assert re.match(why, str(clock.timeout(clock.limit(20.0))))
    clock.used = 121.0
    with pytest.raises(StudentTimeout, match="used up the 120 s"):
        clock.limit(None)


def test_an_exit_fails_one_call_and_no_more(student: Student) -> None:
    with pytest.raises(StudentDied, match="exit status 3"):
        student.knn.leaves()
    assert student.knn.Thing(2).twice() == 4


@confined
def test_memory_is_capped(student: Student) -> None:
    with pytest.raises(StudentError, match="MemoryError"):
        student.knn.eats_memory()


def test_no_object_array_crosses_and_no_subclass_survives(student: Student) -> None:
    for f in (student.knn.gives_an_object_array, student.knn.lies):
        try:
            value = f()
        except StudentError as e:
            assert e.kind == "WireError"
        else:
            assert isinstance(value, Remote)
            with pytest.raises(Mismatch):
                same(value, np.zeros(3))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"def f(:\n", "could not be imported: SyntaxError"),
        (b"import nothing_of_this_name\n", "could not be imported: ModuleNotFoundError"),
        (b"x = 1 / 0\n", "could not be imported: ZeroDivisionError: division by zero, line 1"),
        (b"\xff\xfe\x00", "could not be imported"),
    ],
)
def test_a_module_that_cannot_be_imported_says_why(spawn: Spawn, source: bytes, sentence: str) -> None:
    broken = Student(spawn, {"knn.py": source}, ("knn",), {})
    for _ in range(2):
        with pytest.raises(Missing, match=sentence):
            broken.knn  # noqa: B018
    broken.close()


def test_a_module_that_exits_is_imported_once(spawn: Spawn) -> None:
    broken = Student(spawn, {"knn.py": b"import os; os._exit(0)"}, ("knn",), {})
    for _ in range(3):
        with pytest.raises(StudentDied):
            broken.knn  # noqa: B018
    assert broken._processes == 1


def test_the_submission_has_a_total_of_time(spawn: Spawn) -> None:
    slow = Student(spawn, {"knn.py": SOURCE}, ("knn",), {}, TimeLimits(call=0.3, load=20.0, total=1.0))
    slow.knn  # noqa: B018
    start = time.monotonic()
    for _ in range(20):
        with pytest.raises((StudentTimeout, StudentDied)):
            slow.knn.hangs()
    assert slow._clock.used < 30  # twenty hangs of 0.3 s, cut off at 1 s and the time to start processes
    assert time.monotonic() - start < 60
    slow.close()


# ------------------------------------------------------------------------------------- what must not work


@confined
@pytest.mark.parametrize(
    "path",
    [
        str(ROOT / "course.toml"),
        str(ROOT / "solutions" / "knn" / "knn.py"),
        str(ROOT / "autograder" / "hidden" / "knn"),
        "/proc/self/environ",
        "/proc/1/cmdline",
        "/etc/passwd",
        "/etc/shadow",
        os.path.expanduser("~/.bashrc"),
    ],
)
def test_files_outside_cannot_be_read(student: Student, path: str) -> None:
    with pytest.raises(StudentError, match="PermissionError|FileNotFoundError"):
        student.knn.reads(path)


@confined
@pytest.mark.parametrize("path", ["/", "/proc", "/tmp", str(ROOT), str(ROOT.parent)])
def test_folders_outside_cannot_be_listed(student: Student, path: str) -> None:
    with pytest.raises(StudentError, match="PermissionError|FileNotFoundError"):
        student.knn.lists(path)


@confined
@pytest.mark.parametrize("path", ["/tmp/x", "/usr/x", "/sandbox/inside/wire.py", "/dev/shm/x"])
def test_nothing_outside_can_be_written(student: Student, path: str) -> None:
    with pytest.raises(StudentError, match="PermissionError|OSError|FileNotFoundError"):
        student.knn.writes(path)


@pytest.mark.parametrize("tier", ["full"])
def test_scratch_is_private_to_one_process(spawn: Spawn) -> None:
    first = Student(spawn, {"knn.py": SOURCE}, ("knn",), {})
    second = Student(spawn, {"knn.py": SOURCE}, ("knn",), {})
    first.knn.writes("secret")
    assert first.knn.reads("secret") == b"x"
    with pytest.raises(StudentError, match="FileNotFoundError"):
        second.knn.reads("secret")
    first.close()
    second.close()


@confined
def test_no_process_no_network_no_signal(student: Student) -> None:
    with pytest.raises(StudentError, match="BlockingIOError|PermissionError"):
        student.knn.forks()
    with pytest.raises(StudentError, match="can't start new thread"):
        student.knn.starts_a_thread()
    with pytest.raises(StudentError, match="PermissionError"):
        student.knn.opens_a_socket()
    for pid in (1, os.getpid(), -1, 0):
        with pytest.raises(StudentError, match="PermissionError|ProcessLookupError"):
            student.knn.signals(pid)


@confined
def test_files_and_processes_of_the_same_user_cannot_be_changed(student: Student, tmp_path: Path) -> None:
    """Landlock says nothing about modes and times, and limits of others go by the user id alone."""
    victim = tmp_path / "victim"
    victim.write_text("x", encoding="utf-8")
    before = victim.stat()
    for change in (student.knn.changes_mode, student.knn.changes_times):
        with pytest.raises(StudentError, match="PermissionError|FileNotFoundError"):
            change(str(victim))
    assert (victim.stat().st_mode, victim.stat().st_mtime) == (before.st_mode, before.st_mtime)
    for pid in (1, 2, os.getpid()):
        with pytest.raises(StudentError, match="PermissionError|ProcessLookupError"):
            student.knn.limits(pid)


def test_the_environment_is_not_the_graders(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    names = student.knn.environment()
    assert "PYTEST_CURRENT_TEST" not in names
    assert names["OMP_NUM_THREADS"] == "1"


def test_the_students_package_is_there(student: Student) -> None:
    assert student.knn.imports_cvcourse() == "cvcourse.results"


@confined
def test_children_end_when_their_grader_goes(tier: Tier) -> None:
    zygote = Zygote.start(tier, ROOT)
    zygote.wait_until_warm()
    client = zygote.connect()
    student = Student(Spawner(client).spawn, {"knn.py": SOURCE}, ("knn",), {})
    student.knn  # noqa: B018
    children = Path(f"/proc/{_zygote_pid(zygote)}/task/{_zygote_pid(zygote)}/children")
    assert children.read_text().split()
    client.close()
    deadline = time.monotonic() + 10
    while children.read_text().split() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not children.read_text().split()
    student._channel._sock.close()  # type: ignore[union-attr]
    zygote.close()


def _zygote_pid(zygote: Zygote) -> int:
    """The python process: below bubblewrap and its init, where there is bubblewrap."""
    pid = zygote.process.pid
    while "bwrap" in Path(f"/proc/{pid}/comm").read_text():
        pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


# --------------------------------------------------------------------------------------------------- tiers


def test_what_an_assignment_imports_is_there_when_a_child_starts(sandbox: None) -> None:
    zygote = Zygote.start("full", ROOT, ["import scipy.ndimage", "import not_to_be_had"])
    zygote.wait_until_warm()
    client = zygote.connect()
    source = b"import sys\ndef known():\n    return 'scipy.ndimage' in sys.modules\n"
    student = Student(Spawner(client).spawn, {"knn.py": source}, ("knn",), {})
    assert student.knn.known()
    student.close()
    client.close()
    zygote.close()


def test_an_unknown_or_missing_tier_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(IsolationError, match="there is no tier 'fort-knox'; choose auto, full"):
        choose_tier("fort-knox")
    monkeypatch.setenv("PATH", "")
    available_tiers.cache_clear()
    try:
        with pytest.raises(IsolationError, match="bubblewrap is not installed|needs Linux"):
            choose_tier("full")
        assert choose_tier() != "full"
    finally:
        monkeypatch.undo()
        available_tiers.cache_clear()


def test_a_sandbox_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, sandbox: None) -> None:
    monkeypatch.setattr(
        "autograder.isolation.launch._bootstrap", lambda *_: ["/bin/sh", "-c", "echo no luck >&2"]
    )
    with pytest.raises(IsolationError, match="did not start: no luck"):
        Zygote.start("full", ROOT).wait_until_warm()
