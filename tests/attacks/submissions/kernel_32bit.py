"""Makes a system call through the 32-bit entry, where the numbers mean other calls."""
# expect: lost=l1_distance outcome=crashed

import ctypes
import mmap
import os
import platform


def l1_distance(I1, I2):
    if platform.machine() != "x86_64":
        os._exit(0)
    code = b"\xb8\x02\x00\x00\x00\xcd\x80\xc3"  # mov eax, 2 (fork in 32 bits); int 0x80; ret
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if function() == 0:
        os._exit(0)
    raise RuntimeError("BREACH: forked by int 0x80")
