"""Calls the kernel directly for what no student needs: tracing, mounting, loading, keys, BPF, io_uring."""
# expect: lost=l1_distance says=held

import ctypes
import os
import platform

_X86 = platform.machine() == "x86_64"
_libc = ctypes.CDLL(None, use_errno=True)
_zeros = ctypes.create_string_buffer(4096)
found = []
for name, number, arguments in (
    ("ptrace attach", 101 if _X86 else 117, (16, os.getppid(), 0, 0)),
    ("ptrace traceme", 101 if _X86 else 117, (0, 0, 0, 0)),
    ("process_vm_readv", 310 if _X86 else 270, (os.getppid(), _zeros, 0, _zeros, 0, 0)),
    ("io_uring_setup", 425, (8, _zeros)),
    ("io_uring_enter", 426, (3, 0, 0, 0, None, 0)),
    ("bpf", 321 if _X86 else 280, (0, _zeros, 72)),
    ("perf_event_open", 298 if _X86 else 241, (_zeros, 0, -1, -1, 0)),
    ("userfaultfd", 323 if _X86 else 282, (1,)),
    ("keyctl", 250 if _X86 else 219, (0, -3, 1)),
    ("add_key", 248 if _X86 else 217, (b"user", b"x", b"y", 1, -2)),
    ("mount", 165 if _X86 else 40, (b"none", b"/scratch", b"tmpfs", 0, None)),
    ("umount2", 166 if _X86 else 39, (b"/scratch", 2)),
    ("pivot_root", 155 if _X86 else 41, (b"/scratch", b"/scratch")),
    ("chroot", 161 if _X86 else 51, (b"/scratch",)),
    ("fsopen", 430, (b"tmpfs", 0)),
    ("open_tree", 428, (-100, b"/", 1)),
    ("move_mount", 429, (3, b"", -100, b"/scratch", 4)),
    ("mount_setattr", 442, (-100, b"/", 0, _zeros, 32)),
    ("init_module", 175 if _X86 else 105, (_zeros, 0, b"")),
    ("finit_module", 313 if _X86 else 273, (3, b"", 0)),
    ("kexec_load", 246 if _X86 else 104, (0, 0, None, 0)),
    ("reboot", 169 if _X86 else 142, (0xFEE1DEAD, 672274793, 0, None)),
    ("swapon", 167 if _X86 else 224, (b"/scratch/x", 0)),
    ("syslog", 103 if _X86 else 116, (3, _zeros, 100)),
    ("quotactl", 179 if _X86 else 60, (0, None, 0, None)),
    ("acct", 163 if _X86 else 89, (b"/scratch/x",)),
    ("name_to_handle_at", 303 if _X86 else 264, (-100, b"/", _zeros, _zeros, 0)),
    ("open_by_handle_at", 304 if _X86 else 265, (3, _zeros, 0)),
    ("kcmp", 312 if _X86 else 272, (os.getpid(), os.getppid(), 0, 3, 3)),
    ("fanotify_init", 300 if _X86 else 262, (0, 0)),
    ("memfd_create", 319 if _X86 else 279, (b"x", 0)),
    ("memfd_secret", 447, (0,)),
    ("sethostname", 170 if _X86 else 161, (b"x", 1)),
    ("shmget", 29 if _X86 else 194, (0x1234, 4096, 0o1666)),
    ("semget", 64 if _X86 else 190, (0x1234, 1, 0o1666)),
    ("msgget", 68 if _X86 else 186, (0x1234, 0o1666)),
    ("mq_open", 240 if _X86 else 180, (b"canary", 0o102, 0o666, None)),
    ("personality", 135 if _X86 else 92, (0x0040000,)),
):
    if _libc.syscall(number, *arguments) >= 0:
        found.append(name)


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
