"""Namespaces, capabilities, Landlock, seccomp and rlimits through ctypes: Linux on x86-64 and aarch64.

Each function does one thing to the calling process and raises OSError if the kernel refuses; none fails
silently.  Constants are those of the kernel's own headers.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable

__all__ = [
    "deny_syscalls",
    "die_with_parent",
    "drop_capabilities",
    "into_huge_pages",
    "landlock_abi",
    "no_new_privileges",
    "private_scratch",
    "restrict_files",
    "set_limits",
    "virtual_memory",
]

_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWIPC = 0x00020000, 0x10000000, 0x08000000
MS_NOSUID, MS_NODEV = 2, 4
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
MADV_COLLAPSE = 25
CAPABILITY_VERSION_3 = 0x20080522

# name: (x86-64, aarch64); None where the architecture has no such call
SYSCALLS: dict[str, tuple[int | None, int | None]] = {
    "accept": (43, 202), "accept4": (288, 242), "acct": (163, 89), "add_key": (248, 217),
    "bind": (49, 200), "bpf": (321, 280), "capset": (126, 91), "chroot": (161, 51),
    "clone": (56, 220), "clone3": (435, 435), "connect": (42, 203), "delete_module": (176, 106),
    "execve": (59, 221), "execveat": (322, 281), "fanotify_init": (300, 262),
    "finit_module": (313, 273), "fork": (57, None), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fsopen": (430, 430), "fspick": (433, 433), "init_module": (175, 105), "inotify_init1": (294, 26),
    "inotify_init": (253, None), "semctl": (66, 191), "semop": (65, 193), "msgsnd": (69, 189),
    "msgrcv": (70, 188), "msgctl": (71, 187),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425),
    "ioctl": (16, 29), "kcmp": (312, 272), "kexec_load": (246, 104), "keyctl": (250, 219),
    "kill": (62, 129), "landlock_add_rule": (445, 445), "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446), "listen": (50, 201), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "mount": (165, 40), "mount_setattr": (442, 442), "move_mount": (429, 429),
    "mq_open": (240, 180), "msgget": (68, 186), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "perf_event_open": (298, 241),
    "personality": (135, 92), "pidfd_getfd": (438, 438), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "pivot_root": (155, 41), "prlimit64": (302, 261),
    "process_madvise": (440, 440), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "ptrace": (101, 117), "quotactl": (179, 60), "reboot": (169, 142), "request_key": (249, 218),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "seccomp": (317, 277),
    "semget": (64, 190), "setdomainname": (171, 162), "sethostname": (170, 161), "setns": (308, 268),
    "setpriority": (141, 140), "shmat": (30, 196), "shmctl": (31, 195), "shmget": (29, 194),
    "socket": (41, 198), "socketpair": (53, 199), "swapoff": (168, 225), "swapon": (167, 224),
    "syslog": (103, 116), "tgkill": (234, 131), "tkill": (200, 130), "umount2": (166, 39),
    "unshare": (272, 97), "userfaultfd": (323, 282), "vfork": (58, None),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "fcntl": (72, 25), "prctl": (157, 167),
    "ioprio_set": (251, 30), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "process_mrelease": (448, 448), "sched_setattr": (314, 274), "sched_setparam": (142, 118),
    # Landlock does not cover a file's mode, owner, times and attributes, and an owner may change them
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
}  # fmt: skip

# Calls that a student's process never needs.  The rest of the list above has rules of its own.
DENIED = tuple(
    name
    for name in SYSCALLS
    if name not in {"clone", "clone3", "ioctl", "fcntl", "prctl", "kill", "tgkill", "seccomp", "capset"}
    and name not in {"prlimit64", "socketpair"}
    and not name.startswith("landlock")
)

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def _architecture() -> tuple[int, int]:
    """Column in `SYSCALLS` and the kernel's AUDIT_ARCH constant."""
    try:
        return _ARCHITECTURES[platform.machine()]
    except KeyError:
        raise OSError(f"no system call table for {platform.machine()}, only for x86_64 and aarch64") from None


def _number(name: str) -> int:
    number = SYSCALLS[name][_architecture()[0]]
    assert number is not None, name
    return number


def _check(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def _syscall(name: str, *arguments: object) -> int:
    return _check(_libc.syscall(_number(name), *arguments), name)


def _prctl(option: int, argument: int, what: str) -> None:
    _check(_libc.prctl(option, *(ctypes.c_ulong(x) for x in (argument, 0, 0, 0))), what)


def private_scratch(path: str, size: int) -> None:
    """Enter user, mount and IPC namespaces of our own and mount an empty tmpfs of `size` bytes at `path`."""
    uid, gid = os.getuid(), os.getgid()
    _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        # os.write, because a buffered file swallows the EPERM at close
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)
    options = f"size={size},mode=700,nr_inodes=4096".encode()
    flags = ctypes.c_ulong(MS_NOSUID | MS_NODEV)
    _check(_libc.mount(b"tmpfs", path.encode(), b"tmpfs", flags, options), f"mount {path}")


def drop_capabilities() -> None:
    """Give up every capability, also for programs that this process might start."""
    for capability in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break  # past the last one the kernel knows, or not allowed: then there is nothing to drop
    _syscall("capset", struct.pack("<Ii", CAPABILITY_VERSION_3, 0), bytes(24))


def no_new_privileges() -> None:
    _prctl(PR_SET_NO_NEW_PRIVS, 1, "no_new_privs")


def die_with_parent(signal: int) -> None:
    """Have the kernel send `signal` to this process when its parent dies."""
    _prctl(PR_SET_PDEATHSIG, signal, "pdeathsig")


# ------------------------------------------------------------------------------------------------- Landlock

LANDLOCK_VERSION_FLAG, LANDLOCK_PATH_BENEATH = 1, 1
FS_EXECUTE, FS_WRITE_FILE, FS_READ_FILE, FS_READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FS_MAKE_CHAR, FS_MAKE_BLOCK = 1 << 6, 1 << 11
FS_TRUNCATE, FS_IOCTL_DEV = 1 << 14, 1 << 15
# ABI version → number of file-system rights it knows
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}


def landlock_abi() -> int:
    """The kernel's Landlock version, 0 if it has none."""
    try:
        number = _number("landlock_create_ruleset")
    except OSError:
        return 0
    return max(0, int(_libc.syscall(number, None, ctypes.c_size_t(0), LANDLOCK_VERSION_FLAG)))


def restrict_files(readable: Iterable[str], writable: Iterable[str] = ()) -> None:
    """Allow nothing but reading below `readable` and working below `writable`; also no TCP, no abstract
    sockets and no signals outward where the kernel's Landlock can say so.

    Paths that do not exist are passed over.
    """
    abi = landlock_abi()
    if abi < 1:
        raise OSError("this kernel has no Landlock")
    rights = (1 << _RIGHTS.get(abi, 16)) - 1
    attributes = struct.pack("<Q", rights)
    if abi >= 4:
        attributes += struct.pack("<Q", 0b11)  # bind and connect
    if abi >= 6:
        attributes += struct.pack("<Q", 0b11)  # abstract sockets and signals
    ruleset = _syscall("landlock_create_ruleset", attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        for paths, access in (
            (readable, FS_READ_FILE | FS_READ_DIR | FS_EXECUTE),
            (writable, rights & ~(FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_BLOCK)),
        ):
            for path in paths:
                _allow(ruleset, path, access & rights)
        _syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV
        rule = struct.pack("<Qi", access, fd)
        _syscall("landlock_add_rule", ruleset, LANDLOCK_PATH_BENEATH, rule, 0)
    finally:
        os.close(fd)


# -------------------------------------------------------------------------------------------------- seccomp

SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC = 1, 1
RET_KILL, RET_ALLOW, RET_ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
EPERM, EAGAIN, ENOSYS = 1, 11, 38
TIOCSTI, FIOSETOWN, SIOCSPGRP = 0x5412, 0x8901, 0x8902
F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
ANY_BUT_STREAM = 2 | 4 | 8  # bits of every socket type but SOCK_STREAM
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16


class _SockFprog(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def deny_syscalls() -> None:
    """Load a filter after which this process cannot fork, start threads, exec, open sockets, trace, mount,
    enter namespaces or signal anybody but itself."""
    program = _filter(os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    sock_fprog = _SockFprog(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _syscall("seccomp", SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(sock_fprog))


def _filter(pid: int) -> bytes:
    column, audit_arch = _architecture()

    def op(code: int, if_true: int, if_false: int, value: int) -> bytes:
        return struct.pack("<HBBI", code, if_true, if_false, value & 0xFFFFFFFF)

    def refuse(error: int) -> bytes:
        return op(_RETURN, 0, 0, RET_ERRNO | error)

    def argument(n: int) -> bytes:  # its low 32 bits, on a little-endian machine
        return op(_LOAD, 0, 0, _OFFSET_ARGUMENTS + 8 * n)

    def rule(name: str, *body: bytes) -> bytes:
        number = SYSCALLS[name][column]
        return b"" if number is None else op(_JUMP_EQUAL, 0, len(body), number) + b"".join(body)

    def all_but(n: int, *values: int) -> list[bytes]:  # argument n may be anything else
        refused = [part for v in values for part in (op(_JUMP_EQUAL, 0, 1, v), refuse(EPERM))]
        return [argument(n), *refused, allow]

    allow = op(_RETURN, 0, 0, RET_ALLOW)
    only_itself = (argument(0), op(_JUMP_EQUAL, 1, 0, pid), refuse(EPERM), allow)
    return b"".join(
        [
            op(_LOAD, 0, 0, _OFFSET_ARCH),
            op(_JUMP_EQUAL, 1, 0, audit_arch),
            op(_RETURN, 0, 0, RET_KILL),
            op(_LOAD, 0, 0, _OFFSET_NUMBER),
            *([op(_JUMP_GREATER_EQUAL, 0, 1, 0x40000000), refuse(ENOSYS)] if column == 0 else []),  # x32
            rule("clone3", refuse(ENOSYS)),  # glibc then falls back to clone
            # no threads either: nothing caps their number for root, and numpy and torch are told to use one
            rule("clone", refuse(EAGAIN)),
            # another process's limits are anybody's to change who has its user id
            rule("prlimit64", argument(0), op(_JUMP_EQUAL, 1, 0, 0), refuse(EPERM), allow),
            rule("kill", *only_itself),
            rule("tgkill", *only_itself),
            rule("ioctl", *all_but(1, TIOCSTI, FIOSETOWN, SIOCSPGRP)),
            # a file whose owner is another process makes the kernel signal that one
            rule("fcntl", *all_but(1, F_SETOWN, F_SETSIG, F_SETOWN_EX)),
            rule("prctl", *all_but(0, PR_SET_PDEATHSIG)),
            # a datagram socket can be addressed to anybody without a call of connect
            rule("socketpair", argument(1), op(_JUMP_ANY_BIT, 0, 1, ANY_BUT_STREAM), refuse(EPERM), allow),
            *(rule(name, refuse(EPERM)) for name in DENIED),
            allow,
        ]
    )


# --------------------------------------------------------------------------------------------------- limits


def into_huge_pages() -> None:
    """Put what this process has allocated into huge pages, as far as the kernel (6.1 or later) has any.

    A fork copies its page table, and the end of the fork takes that down: a hundred entries then, and not
    sixty thousand.  Where the kernel cannot, forks only cost more, so that it is not asked whether it did.
    """
    with open("/proc/self/maps", encoding="ascii", errors="replace") as f:
        mappings = [line.split() for line in f]
    for addresses, access, _, _, inode, *_ in mappings:
        if access == "rw-p" and inode == "0":
            first, end = (int(address, 16) for address in addresses.split("-"))
            _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(end - first), MADV_COLLAPSE)


def virtual_memory() -> int:
    """Address space of this process, in bytes."""
    with open("/proc/self/statm", encoding="ascii") as f:
        return int(f.read().split()[0]) * resource.getpagesize()


def set_limits(*, memory: int, cpu_seconds: int, file_size: int, files: int) -> None:
    """Hard limits: `memory` bytes of address space, CPU time, size of a written file, open files."""
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (allowed, allowed))
