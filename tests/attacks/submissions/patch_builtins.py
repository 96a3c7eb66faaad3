"""Replaces the builtins that any check would use, after which its own process hardly works."""
# expect: on=nothing outcome=failed,crashed,timeout

import builtins

builtins.isinstance = builtins.hasattr = builtins.callable = builtins.all = builtins.any = lambda *args: True
builtins.len = lambda x: 0
builtins.abs = lambda x: 0
builtins.AssertionError = builtins.Exception = builtins.BaseException = type("Never", (Warning,), {})
builtins.type = lambda *args: float
l1_distance = lambda I1, I2: 0.0
