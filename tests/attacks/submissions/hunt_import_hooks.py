"""Puts hooks on every import, audit event and traced line, and collects what the grader does in here."""
# expect: lost=l1_distance says=held

import sys
import threading

_seen = []


class _Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        _seen.append(name)
        return None


def _audit(event, arguments):
    if event in ("open", "import", "exec", "compile"):
        _seen.append(repr(arguments)[:200])


def _trace(frame, event, argument):
    _seen.append(frame.f_code.co_filename)
    return None


sys.meta_path.insert(0, _Finder)
sys.addaudithook(_audit)
sys.settrace(_trace)
threading.settrace(_trace)


def l1_distance(I1, I2):
    found = [s for s in _seen if "test_" in s or "solutions" in s or "autograder" in s]
    raise RuntimeError("BREACH: " + "; ".join(found)[:300] if found else "held")
