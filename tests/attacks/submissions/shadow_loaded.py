"""Replaces loaded modules by empty ones: what the server imports next is the student's."""
# expect: on=nothing outcome=failed,crashed,timeout

import sys
import types

for name in list(sys.modules):
    if name.startswith(("inside", "msgpack", "struct", "numpy", "socket", "cvcourse", "importlib")):
        sys.modules[name] = types.ModuleType(name)
sys.path[:] = []
sys.meta_path.clear()
sys.path_hooks.clear()
l1_distance = lambda I1, I2: 456.0
