"""Tries to get out of a sandbox. Runs inside of it, by itself, and prints what it reached.

Its one rule: each attempt is harmless if it succeeds: it touches the traps that the doctor has laid, and nothing else.
An attempt returns what it reached, or None; a failure of any kind means that it was held.
"""

import contextlib
import ctypes
import functools
import json
import os
import resource
import socket
import sys
from collections.abc import Callable

Attempt = Callable[[], "str | None"]
told = json.load(sys.stdin)
libc = ctypes.CDLL(None, use_errno=True)
CANARY = told["canary"]
FOLDER = os.path.dirname(CANARY)


def call(name: str, *arguments: object) -> int:
    """A system call by its name; OSError if it fails."""
    found = libc.syscall(told["numbers"][name], *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), name)
    return int(found)


def reads_canary(path: str) -> str | None:
    with open(path, encoding="utf-8", errors="replace") as file:
        return "read it" if told["secret"] in file.read() else None


def in_child(attempt: Callable[[], object]) -> bool:
    """Whether something succeeds in a process of its own, which then ends."""
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            attempt()
            os._exit(7)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


# Network


def tcp() -> str | None:
    socket.create_connection(("127.0.0.1", told["tcp"]), timeout=2).close()
    return "connected"


def udp() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(b"out", ("127.0.0.1", told["udp"]))
    return "sent"


def unix_socket() -> str | None:
    with socket.socket(socket.AF_UNIX) as out:
        out.connect(os.path.join(FOLDER, "socket"))
    return "connected"


def unix_datagram_of_a_pair() -> str | None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"out", os.path.join(FOLDER, "datagrams"))
    return "sent"


def abstract_socket() -> str | None:
    with socket.socket(socket.AF_UNIX) as out:
        out.connect("\0" + told["abstract"])
    return "connected"


def other_sockets() -> str | None:
    made = []
    for family, kind, protocol in ((16, 3, 0), (17, 3, 0), (40, 1, 0), (2, 3, 1), (31, 3, 1), (38, 5, 0)):
        with contextlib.suppress(OSError):
            socket.socket(family, kind, protocol).close()
            made.append(str(family))
    return f"made sockets of the families {', '.join(made)}" if made else None


def io_uring() -> str | None:
    return f"made a ring ({call('io_uring_setup', 4, ctypes.create_string_buffer(120))})"


# Files


def read_outside() -> str | None:
    return reads_canary(CANARY)


def list_outside() -> str | None:
    return f"saw {len(os.listdir(FOLDER))} names"


def write_outside() -> str | None:
    done = []
    for name, flags in (("append", os.O_WRONLY | os.O_APPEND), ("truncate", os.O_RDONLY | os.O_TRUNC)):
        with contextlib.suppress(OSError):
            fd = os.open(CANARY, flags)
            with contextlib.suppress(OSError):
                os.write(fd, b"changed")
            os.close(fd)
            done.append(name)
    with contextlib.suppress(OSError):
        os.truncate(CANARY, 1)
        done.append("truncate by name")
    with contextlib.suppress(OSError), open(os.path.join(FOLDER, "new"), "w"):
        done.append("create")
    with contextlib.suppress(OSError):
        os.mkdir(os.path.join(FOLDER, "new-folder"))
        done.append("make a folder")
    return ", ".join(done) or None


def change_outside() -> str | None:
    done = []
    attempts: dict[str, Attempt] = {
        "chmod": lambda: os.chmod(CANARY, 0o777),  # noqa: S103  (a trap)
        "chown": lambda: os.chown(CANARY, os.getuid(), os.getgid()),
        "times": lambda: os.utime(CANARY, (1, 1)) if os.stat(CANARY).st_mtime != 1 else None,
        "attributes": lambda: os.setxattr(CANARY, "user.changed", b"1"),
    }
    for name, attempt in attempts.items():
        with contextlib.suppress(OSError):
            attempt()
            if name != "times" or os.stat(CANARY).st_mtime == 1:
                done.append(name)
    return ", ".join(done) or None


def remove_outside() -> str | None:
    os.rename(os.path.join(FOLDER, "victim"), os.path.join(FOLDER, "moved"))
    return "renamed"


def links() -> str | None:
    found = []
    with contextlib.suppress(OSError):
        os.symlink(CANARY, "by-symlink")
        if reads_canary("by-symlink"):
            found.append("symbolic link")
    with contextlib.suppress(OSError):
        os.symlink(FOLDER, "folder")
        if reads_canary(os.path.join("folder", os.path.basename(CANARY))):
            found.append("link to a folder")
    with contextlib.suppress(OSError):
        os.link(CANARY, "by-link")
        found.append("hard link")
    return ", ".join(found) or None


def through_proc() -> str | None:
    places = ["/proc/1/root", "/proc/self/root", f"/proc/{told['doctor']}/root", f"/proc/{told['doctor']}/cwd/../../.."]
    places += ["/proc/self/cwd/../../../../..", "/proc/thread-self/root"]
    places += [f"/proc/self/fd/{fd}/../../../.." for fd in range(20)]
    for place in places:
        with contextlib.suppress(OSError):
            if reads_canary(place + CANARY):
                return f"read it at {place.split('/')[2]}/{place.split('/')[3]}"
    return None


def memory_of_others() -> str | None:
    found = []
    for name in ("mem", "environ", "maps", "fd/0"):
        with contextlib.suppress(OSError), open(f"/proc/{told['doctor']}/{name}", "rb") as file:
            file.read(1)
            found.append(name)
    return ", ".join(found) or None


def devices() -> str | None:
    names = ["mem", "kmem", "port", "kmsg", "fuse", "kvm", "vda", "sda", "nvme0n1", "loop0", "loop-control", "uinput"]
    found = []
    for path in [f"/dev/{name}" for name in (*names, "net/tun", "shm/x")] + ["/proc/kcore", "/proc/sysrq-trigger"]:
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
            found.append(path)
    return ", ".join(found) or None


def system_settings() -> str | None:
    found = []
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/panic_on_oom",
        "/sys/kernel/uevent_helper",
        "/etc/passwd",
    ):
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_WRONLY))
            found.append(path)
    return ", ".join(found) or None


def watching() -> str | None:
    fd = call("inotify_init1", 0)
    watch = libc.inotify_add_watch(fd, FOLDER.encode(), 0xFFF)
    return "watches a folder outside" if watch >= 0 else None


def by_handle() -> str | None:
    return f"opened ({call('open_by_handle_at', -100, ctypes.create_string_buffer(64), 0)})"


def names_outside() -> str | None:
    return f"saw that a file exists, and its {os.stat(CANARY).st_size} bytes"


def attributes_outside() -> str | None:
    return "read one" if told["secret"].encode() in os.getxattr(CANARY, "user.ringfence") else None


# What is handed over


def descriptors() -> str | None:
    found = []
    for fd in range(3, 256):
        with contextlib.suppress(OSError):
            os.fstat(fd)
            found.append(str(fd))
    return f"open: {', '.join(found)}" if found else None


def environment() -> str | None:
    known = {"PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "PWD", "SHLVL", "OLDPWD", "_", "LC_CTYPE"}
    extra = sorted(os.environ.keys() - known)
    return f"variables: {len(extra)}" if extra or told["secret"] in "".join(os.environ.values()) else None


def terminal() -> str | None:
    found = []
    with contextlib.suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR))
        found.append("/dev/tty")
    import fcntl

    for fd in (0, 1, 2):
        for name, number in (("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541C), ("TIOCSCTTY", 0x540E)):
            with contextlib.suppress(OSError):
                fcntl.ioctl(fd, number, b"x")
                found.append(name)
    return ", ".join(found) or None


# Processes


def see_processes() -> str | None:
    seen = [name for name in os.listdir("/proc") if name.isdecimal()]
    for pid in seen:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            if told["secret"].encode() in file.read():
                return "saw a process outside"
    return None


def signal_others() -> str | None:
    found = []
    for name, pid in (("sentinel", told["sentinel"]), ("doctor", told["doctor"])):
        with contextlib.suppress(OSError):
            os.kill(pid, 18)  # SIGCONT
            found.append(name)
    with contextlib.suppress(OSError):
        os.kill(told["sentinel"], 9)
    return f"signalled the {', the '.join(found)}" if found else None


def trace_others() -> str | None:
    pid = told["sentinel"]
    with contextlib.suppress(OSError):
        call("ptrace", 16, pid, 0, 0)  # PTRACE_ATTACH
        call("ptrace", 17, pid, 0, 0)
        return "attached"
    local = ctypes.create_string_buffer(8)

    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    own = Vector(ctypes.addressof(local), 8)
    call("process_vm_readv", pid, ctypes.byref(own), 1, ctypes.byref(own), 1, 0)
    return "read memory"


def trace_oneself() -> str | None:
    return "traced" if in_child(lambda: call("ptrace", 0, 0, 0, 0)) else None


def limits_of_others() -> str | None:
    found = []
    with contextlib.suppress(OSError):
        resource.prlimit(told["sentinel"], resource.RLIMIT_NOFILE, (64, 64))
        found.append("limits")
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, told["sentinel"], 5)
        found.append("priority")
    with contextlib.suppress(OSError):
        os.sched_setaffinity(told["sentinel"], {0})
        found.append("processors")
    return ", ".join(found) or None


def handles_of_others() -> str | None:
    fd = call("pidfd_open", told["doctor"], 0)
    return f"took a descriptor ({call('pidfd_getfd', fd, 0, 0)})"


def new_session() -> str | None:
    return "left its group" if in_child(os.setsid) or in_child(lambda: os.setpgid(0, 0)) else None


# Privileges


def other_users() -> str | None:
    found = []
    for name, attempt in (("setuid", os.setuid), ("setgid", os.setgid)):
        if os.getuid() != 0:
            with contextlib.suppress(OSError):
                attempt(0)
                found.append(name)
    return ", ".join(found) or None


def setuid_programs() -> str | None:
    return None if libc.prctl(39, 0, 0, 0, 0) == 1 else "programs can give it more rights"


def capabilities() -> str | None:
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    return f"effective: {data[0]:x}" if libc.capget(header, data) == 0 and (data[0] or data[3]) else None


def namespaces() -> str | None:
    kinds = {
        "user": 0x10000000,
        "mount": 0x20000,
        "net": 0x40000000,
        "pid": 0x20000000,
        "uts": 0x4000000,
        "ipc": 0x8000000,
    }
    found = [name for name, flag in kinds.items() if in_child(functools.partial(call, "unshare", flag))]
    return ", ".join(found) or None


def new_namespace_by_clone() -> str | None:
    pid = libc.syscall(told["numbers"]["clone"], 0x10000000 | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
        return "made a user namespace"
    return None


def mounts() -> str | None:
    done = []
    with contextlib.suppress(OSError):
        call("mount", b"none", os.getcwd().encode(), b"tmpfs", 0, 0)
        done.append("mount")
        call("umount2", os.getcwd().encode(), 2)
    if in_child(lambda: os.chroot(".")):
        done.append("chroot")
    return ", ".join(done) or None


def kernel_doors() -> str | None:
    """What has no use here and a history of faults. Each is called with arguments that do nothing."""
    found = []
    attempts: dict[str, tuple[object, ...]] = {
        "keyctl": (0, -3, 0),
        "add_key": (b"user", b"x", b"x", 1, -1),
        "bpf": (0, ctypes.create_string_buffer(b"\2" + bytes(71), 72), 72),
        "perf_event_open": (ctypes.create_string_buffer(120), 0, -1, -1, 0),
        "userfaultfd": (1,),
        "shmget": (0x5EC0DE, 4096, 0o600),
        "msgget": (0x5EC0DE, 0o600),
        "memfd_create": (b"x", 0),
        "pidfd_open": (os.getpid(), 0),
        "kcmp": (os.getpid(), os.getpid(), 0, 0, 0),
        "seccomp": (2, 0, ctypes.create_string_buffer(4)),
    }
    for name, arguments in attempts.items():
        with contextlib.suppress(OSError):
            call(name, *arguments)
            found.append(name)
        if name in ("shmget", "msgget") and ctypes.get_errno() == 2:  # there is none yet, but it might be asked for
            found.append(name)
        ctypes.set_errno(0)
    return ", ".join(found) or None


def foreign_calls() -> str | None:
    """Calls by the numbers of another kind of machine, which a filter might take for others (x86_64 only)."""
    return f"x32 ({libc.syscall(0x40000000 + 39)})" if libc.syscall(0x40000000 + 39) > 0 else None


def main() -> None:
    found: dict[str, str | None] = {}
    for name in told["attempts"]:
        attempt: Attempt = globals()[name]
        try:
            found[name] = attempt()
        except BaseException:
            found[name] = None
    sys.stdout.write(json.dumps(found))


main()
