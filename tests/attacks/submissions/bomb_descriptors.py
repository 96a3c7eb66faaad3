"""Opens files and pipes until no descriptor is left, and fills every pipe."""
# expect: lost=l1_distance says=held

import os


def l1_distance(I1, I2):
    opened = []
    try:
        while len(opened) < 5000:
            opened += os.pipe()
            os.set_blocking(opened[-1], False)
            os.write(opened[-1], bytes(1 << 16))
    except OSError:
        pass
    try:
        while len(opened) < 5000:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    for fd in opened:
        os.close(fd)
    raise RuntimeError(f"BREACH: {len(opened)} descriptors" if len(opened) > 100 else "held")
