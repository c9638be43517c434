"""The filter of system calls, interpreted as the kernel does, over all numbers and the arguments that matter."""

from __future__ import annotations

import struct
from errno import EAFNOSUPPORT, ENOSYS, ENOTTY, EOPNOTSUPP, EPERM

import pytest

from ringfence.connectors.sandbox import seccomp, syscalls

MACHINES = ("x86_64", "aarch64")
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def verdict(code: bytes, machine: str, number: int, *arguments: int, audit: int | None = None) -> int | str:
    """ "allow", "kill", or the number of the error."""
    kind = syscalls.ARCHITECTURES[machine][1] if audit is None else audit
    values = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", number, kind, 0, *(value % (1 << 64) for value in values))
    instructions = list(struct.iter_unpack("<HBBI", code))
    at, loaded = 0, 0
    for _ in range(len(instructions)):
        operation, yes, no, constant = instructions[at]
        at += 1
        match operation:
            case 0x20:
                loaded = struct.unpack_from("<I", data, constant)[0]
            case 0x15:
                at += yes if loaded == constant else no
            case 0x35:
                at += yes if loaded >= constant else no
            case 0x45:
                at += yes if loaded & constant else no
            case 0x06:
                return {ALLOW: "allow", KILL: "kill"}.get(constant, constant & 0xFFFF)
    raise AssertionError("the filter does not end")


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return request.param


def program(machine: str, own: bool) -> bytes:
    return seccomp.program(own_files=own, own_signals=own, machine=machine)


@pytest.mark.parametrize("own", [True, False])
def test_only_what_is_listed_is_allowed(machine: str, own: bool) -> None:
    code = program(machine, own)
    numbers = syscalls.numbers(machine)
    listed = {numbers[name] for name in (*syscalls.FREE, *syscalls.CHECKED, *syscalls.OWN_FILES) if name in numbers}
    allowed = {number for number in range(1000) if verdict(code, machine, number) == "allow"}
    assert allowed <= listed
    assert {numbers[name] for name in ("read", "write", "mmap", "execve", "exit_group")} <= allowed
    assert len(code) // 8 < 4096


def test_what_is_newer_does_not_exist(machine: str) -> None:
    code = program(machine, True)
    assert {verdict(code, machine, number) for number in range(454, 700)} == {ENOSYS}


NEVER = """
socket:41 connect:42 bind:49 listen:50 accept:43 accept4:288 setsid:112 setpgid:109 ptrace:101
process_vm_readv:310 process_vm_writev:311 keyctl:250 add_key:248 request_key:249 bpf:321 mount:165 umount2:166
unshare:272 setns:308 io_uring_setup:425 perf_event_open:298 userfaultfd:323 chroot:161 pivot_root:155
inotify_init1:294 fanotify_init:300 shmget:29 msgget:68 semget:64 mq_open:240 setuid:105 setgid:106
setresuid:117 setgroups:116 capset:126 setpriority:141 kcmp:312 pidfd_open:434 pidfd_getfd:438
pidfd_send_signal:424 rt_sigqueueinfo:129 open_by_handle_at:304 init_module:175 kexec_load:246 reboot:169
syslog:103 setxattr:188 move_pages:279 sync:162 swapon:167 fsopen:430 open_tree:428
"""
X86 = {name: int(number) for name, _, number in (entry.partition(":") for entry in NEVER.split())}


@pytest.mark.parametrize("name", X86)
def test_what_reaches_outside_is_not_permitted(name: str) -> None:
    for own in (True, False):
        assert verdict(program("x86_64", own), "x86_64", X86[name]) == EPERM


def test_a_call_of_another_machine_kills(machine: str) -> None:
    code = program(machine, True)
    assert verdict(code, machine, 1, audit=0x40000003) == "kill"
    assert verdict(code, machine, 0x40000000 | 1) == ENOSYS


ARGUMENTS = [
    ("clone", (0x11,), "allow"),
    ("clone", (0x3D0F00,), "allow"),  # as threads are made
    ("clone", (0x10000011,), EPERM),
    ("clone", (0x20011,), EPERM),
    ("clone", ((1 << 40) | 0x40000011,), EPERM),
    ("clone3", (), ENOSYS),
    ("openat2", (), ENOSYS),
    ("memfd_create", (), ENOSYS),
    ("ioctl", (0, 0x5401), "allow"),
    ("ioctl", (0, 0x5412), ENOTTY),  # TIOCSTI
    ("ioctl", (0, (1 << 32) | 0x5412), ENOTTY),
    ("ioctl", (0, (5 << 32) | 0x5401), "allow"),  # the kernel takes the lower half as well
    ("ioctl", (0, 0x541C), ENOTTY),  # TIOCLINUX
    ("ioctl", (0, 0x8901), ENOTTY),  # FIOSETOWN
    ("fcntl", (0, 3), "allow"),
    ("fcntl", (0, 8), EPERM),  # F_SETOWN: signals to anybody
    ("fcntl", (0, 1024), EPERM),  # F_SETLEASE
    ("prctl", (15,), "allow"),
    ("prctl", (4,), EPERM),  # PR_SET_DUMPABLE
    ("prctl", (22,), EPERM),
    ("personality", (0xFFFFFFFF,), "allow"),
    ("personality", (0x40000,), EPERM),  # ADDR_NO_RANDOMIZE
    ("prlimit64", (0,), "allow"),
    ("prlimit64", (1,), EPERM),
    ("sched_setaffinity", (7,), EPERM),
    ("socketpair", (1, 1), "allow"),
    ("socketpair", (1, 0x80801), "allow"),
    ("socketpair", (1, 2), EAFNOSUPPORT),
    ("socketpair", (2, 1), EAFNOSUPPORT),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), ARGUMENTS)
def test_arguments_are_looked_at(machine: str, name: str, arguments: tuple[int, ...], expected: object) -> None:
    number = syscalls.numbers(machine)[name]
    for own in (True, False):
        assert verdict(program(machine, own), machine, number, *arguments) == expected


SHARED = [
    ("kill", (0, 9), "allow"),
    ("kill", (1, 9), EPERM),
    ("kill", (-1, 9), EPERM),
    ("tgkill", (1, 1, 9), EPERM),
    ("openat", (0, 0, 0x80000), "allow"),
    ("openat", (0, 0, 0x410000 | 2), EPERM),  # O_TMPFILE
    ("fchmod", (3, 0o777), EPERM),
    ("fchmodat", (), EPERM),
    ("fchownat", (), EPERM),
    ("truncate", (), EPERM),
    ("mknodat", (), EPERM),
    ("utimensat", (), 0),  # pretended
    ("sendmsg", (), EPERM),
    ("getxattr", (), EOPNOTSUPP),
    ("llistxattr", (), EOPNOTSUPP),
    ("ftruncate", (), "allow"),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), SHARED)
def test_more_is_refused_where_the_files_are_those_of_the_host(
    machine: str, name: str, arguments: tuple[int, ...], expected: object
) -> None:
    number = syscalls.numbers(machine)[name]
    assert verdict(program(machine, False), machine, number, *arguments) == expected
    assert verdict(program(machine, True), machine, number, *arguments) == "allow"


def test_another_processor_has_no_filter() -> None:
    with pytest.raises(LookupError):
        seccomp.program(own_files=True, own_signals=True, machine="riscv64")
