"""Opens devices: memory, disks, terminals, the kernel's log; and makes device nodes of its own."""
# expect: lost=l1_distance says=held

import glob
import os
import stat

found = []
for pattern in ("/dev/mem", "/dev/kmsg", "/dev/sd*", "/dev/vd*", "/dev/nvme*", "/dev/tty*", "/dev/pts/*", "/dev/fuse", "/dev/kvm"):
    for path in {pattern, *glob.glob(pattern)}:
        for flags in (os.O_RDONLY, os.O_RDWR):
            try:
                os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY))
                found.append(path)
            except OSError:
                pass
for kind, device in ((stat.S_IFBLK, os.makedev(8, 0)), (stat.S_IFCHR, os.makedev(1, 1)), (stat.S_IFCHR, os.makedev(1, 3))):
    try:
        os.mknod("/scratch/node", kind | 0o666, device)
        found.append("mknod")
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
