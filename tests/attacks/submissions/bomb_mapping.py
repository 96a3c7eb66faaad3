"""Maps address space without touching it, privately and shared, hoping that only used pages count."""
# expect: lost=l1_distance says=held

import mmap

_maps = []


def l1_distance(I1, I2):
    for flags in (mmap.MAP_PRIVATE, mmap.MAP_SHARED):
        try:
            while len(_maps) < 100:
                _maps.append(mmap.mmap(-1, 1 << 28, flags | mmap.MAP_ANONYMOUS | 0x4000))
        except (OSError, MemoryError):
            pass
    taken = len(_maps)
    _maps.clear()
    raise RuntimeError(f"BREACH: {taken} maps" if taken >= 8 else "held")
