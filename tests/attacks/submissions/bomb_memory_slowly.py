"""Takes memory in small pieces until there is none, and holds on to it while it goes on."""
# expect: lost=l1_distance outcome=failed,timeout,crashed

_hoard = []


def l1_distance(I1, I2):
    try:
        while len(_hoard) < 400:
            _hoard.append(np.ones(1 << 20))  # 8 MB each, touched
    except MemoryError:
        pass
    taken = len(_hoard)
    _hoard.clear()
    raise RuntimeError(f"BREACH: {taken * 8} MB" if taken >= 200 else "held")
