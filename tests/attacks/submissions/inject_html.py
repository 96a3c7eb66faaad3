"""Puts scripts where pages show text: exception texts and names of classes, functions, arguments and keys."""
# expect: lost=l1_distance,two_loops,cross_validation outcome=failed

_SCRIPT = "<script>alert('INJECTED')</script><img src=x onerror=alert(1)>\"'>{{7*7}}{%raw%}</td></body>"


def l1_distance(I1, I2):
    raise type("<script>INJECTED</script>", (Exception,), {})(_SCRIPT)


KNearestNeighbor.compute_distances_two_loops = lambda self, X: type(_SCRIPT, (), {})()
cross_validation = lambda *args, **kwargs: {_SCRIPT: [1.0], "javascript:alert(1)": [1.0]}
