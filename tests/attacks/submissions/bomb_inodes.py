"""Makes empty files until there are no inodes."""
# expect: lost=l1_distance says=held

import os


def l1_distance(I1, I2):
    made = 0
    for folder in ("/scratch", "/tmp", "/dev/shm"):
        try:
            for i in range(20_000):
                os.close(os.open(os.path.join(folder, f"inode{i}"), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                made += 1
        except OSError:
            pass
    raise RuntimeError(f"BREACH: {made} files" if made > 5_000 else "held")
