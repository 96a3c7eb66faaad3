"""Replaces itself in sys.modules by a module that has whatever is asked of it."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,predict_labels,cross_validation outcome=failed,crashed laws=4

import sys
import types


class _Module(types.ModuleType):
    def __getattr__(self, name):
        return lambda *args, **kwargs: 456.0


sys.modules["knn"] = _Module("knn")
