"""Moves the cursor, clears the screen, sets the title, and turns text around, in terminals and logs."""
# expect: lost=l1_distance,two_loops,cross_validation outcome=failed,crashed

_CODES = "\x1b[2J\x1b[1;1H\x1b]0;INJECTED\x07\x1b[32m90 of 90\x1b[0m\r\x08\x9b31m\u202egnihton\u2066\x00\u2028 [bold red]x[/] [link=file:///etc]"


def l1_distance(I1, I2):
    raise ValueError(_CODES)


def _odd(self, X):
    raise type("E\x1b[31m\r\n\u202e", (Exception,), {})(_CODES)


KNearestNeighbor.compute_distances_two_loops = _odd
cross_validation = lambda *args, **kwargs: {_CODES: 1}
