"""Makes the compiler recurse until its stack is gone, as a module full of parentheses does."""
# expect: lost=l1_distance outcome=failed,crashed,timeout


def l1_distance(I1, I2):
    for text in ("(" * 100_000, "-" * 1_000_000 + "1", "a" + ".b" * 1_000_000, "[" * 5_000 + "]" * 5_000):
        try:
            eval(text)
        except (SyntaxError, MemoryError, RecursionError, NameError):
            pass
    raise RuntimeError("done")
