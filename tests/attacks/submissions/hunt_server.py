"""Finds the server of this sandbox, and has it answer every request with what a passed test might look like."""
# expect: lost=l1_distance,two_loops,one_loop,no_loops,predict_labels,cross_validation outcome=failed,crashed

import gc
import sys

_server = sys.modules["inside.server"]
_server.Server.answer = lambda self, request: ["ok", True]
for _obj in gc.get_objects():
    if type(_obj) is _server.Server:
        _obj.objects = {}
        _obj.do_get = lambda target, name: True
