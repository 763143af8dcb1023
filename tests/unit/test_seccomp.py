"""The filter of system calls, run here as the kernel runs it: what each rule lets through, and nothing else."""

import itertools
import platform
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

from passerby.errors import LockdownError
from passerby.gate import lockdown, seccomp
from passerby.gate.seccomp import Argument, Rule, program

KILL, ALLOW, ERRNO = "kill", "allow", "errno"
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
OTHER_ARCH = 0x40000003  # i386, whose numbers mean other calls
MACHINES = tuple(ARCH)
X32 = 0x40000000
RULES = (*lockdown._COMMON, *lockdown._PIXELS, *lockdown._FILE, *lockdown._NETWORK, *lockdown._FOLDER)


@dataclass(frozen=True)
class Call:
    """A system call as the kernel shows it to a filter (struct seccomp_data)."""

    number: int
    arguments: tuple[int, ...] = ()
    arch: int = ARCH["x86_64"]

    def pack(self) -> bytes:
        arguments = [value & (2**64 - 1) for value in self.arguments]
        return struct.pack("<IIQ6Q", self.number & 0xFFFFFFFF, self.arch, 0, *arguments, *[0] * (6 - len(arguments)))


def verdict(code: bytes, call: Call) -> str:
    """Runs classic BPF (linux/filter.h), as far as seccomp filters use it."""
    steps = list(struct.iter_unpack("<HBBI", code))
    data, accumulator, at = call.pack(), 0, 0
    while True:
        operation, if_true, if_false, k = steps[at]
        at += 1
        if operation == 0x20:  # load a word
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif operation == 0x06:  # return
            return {0x80000000: KILL, 0x7FFF0000: ALLOW}.get(k, f"{ERRNO} {k & 0xFFFF}" if k >> 16 == 5 else "other")
        else:
            holds = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}[operation]
            at += if_true if holds else if_false


def number(name: str, machine: str = "x86_64") -> int:
    return seccomp._NUMBERS[name][MACHINES.index(machine)]


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_not_on_the_list_ends_the_process(machine: str) -> None:
    code = program((Rule("read"), Rule("exit_group")), machine)
    allowed = {n for n in range(700) if verdict(code, Call(n, arch=ARCH[machine])) == ALLOW}
    assert allowed == {number("read", machine), number("exit_group", machine)}


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_of_another_machine_end_the_process(machine: str) -> None:
    code = program(RULES, machine)
    others = {*ARCH.values(), OTHER_ARCH} - {ARCH[machine]}
    for arch, rule in itertools.product(others, RULES):
        assert verdict(code, Call(number(rule.name, machine), arch=arch)) == KILL


def test_the_second_numbering_of_the_same_processor_ends_the_process() -> None:
    """x32: the same calls again, by numbers from 0x40000000 on."""
    code = program(RULES, "x86_64")
    for rule in RULES:
        assert verdict(code, Call(number(rule.name) | X32)) == KILL
    assert verdict(code, Call(0xFFFFFFFF)) == KILL


def test_one_of_some_values() -> None:
    code = program((Rule("write", (Argument(0, one_of=(1, 7)),)), Rule("read")), "x86_64")
    found = {fd: verdict(code, Call(1, (fd, 3))) for fd in (0, 1, 2, 6, 7, 8, 2**32 - 1)}
    assert {fd for fd, word in found.items() if word == ALLOW} == {1, 7}
    assert verdict(code, Call(0)) == ALLOW, "the next rule is reached"


def test_without_some_bits() -> None:
    code = program((Rule("mmap", (Argument(2, without=4),)), Rule("read")), "x86_64")
    for bits in range(16):
        assert verdict(code, Call(9, (0, 4096, bits))) == (KILL if bits & 4 else ALLOW)


def test_all_arguments_of_a_rule_hold() -> None:
    rule = Rule("socket", (Argument(0, one_of=(2, 10)), Argument(1, one_of=(1,)), Argument(2, without=~6 & 0xFFFFFFFF)))
    code = program((rule, Rule("exit_group")), "x86_64")
    for family, kind, protocol in itertools.product((0, 1, 2, 10, 16), (1, 2, 3), (0, 6, 17, 262)):
        allowed = family in (2, 10) and kind == 1 and protocol in (0, 2, 4, 6)
        assert verdict(code, Call(41, (family, kind, protocol))) == (ALLOW if allowed else KILL)
    assert verdict(code, Call(231)) == ALLOW


def test_a_call_can_be_answered_instead_of_made() -> None:
    code = program((Rule("openat", refused=13), Rule("read")), "x86_64")
    assert verdict(code, Call(257)) == f"{ERRNO} 13"
    assert verdict(code, Call(0)) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_the_rooms_make_no_executable_memory_and_open_nothing_to_write(machine: str) -> None:
    code = program(RULES, machine)
    arch = ARCH[machine]
    for name in ("mmap", "mprotect"):
        assert verdict(code, Call(number(name, machine), (0, 4096, 7, 0x22), arch)) == KILL
    for flags in (1, 2, 0o100, 0o1000):
        assert verdict(code, Call(number("openat", machine), (-100, 0, flags), arch)) == KILL
    for family, kind, protocol in ((1, 1, 0), (2, 2, 0), (2, 3, 6), (16, 3, 0), (2, 1, 262), (2, 1, 132)):
        assert verdict(code, Call(number("socket", machine), (family, kind, protocol), arch)) == KILL
    assert verdict(code, Call(number("socket", machine), (2, 1, 6), arch)) == ALLOW
    assert verdict(code, Call(number("sendto", machine), (3, 0, 0, 0x20000000), arch)) == KILL


FORBIDDEN = {  # x86_64, aarch64
    "execve": (59, 221),
    "execveat": (322, 281),
    "clone": (56, 220),
    "clone3": (435, 435),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "kill": (62, 129),
    "bind": (49, 200),
    "listen": (50, 201),
    "memfd_create": (319, 279),
    "io_uring_setup": (425, 425),
    "shmget": (29, 194),
    "prctl": (157, 167),
    "setsockopt": (54, 208),
    "sendmsg": (46, 211),
    "unlinkat": (263, 35),
    "bpf": (321, 280),
    "keyctl": (250, 219),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_no_room_may_ever_make_these(machine: str) -> None:
    code = program(RULES, machine)
    for name, numbers in FORBIDDEN.items():
        assert verdict(code, Call(numbers[MACHINES.index(machine)], arch=ARCH[machine])) == KILL, name


@pytest.mark.parametrize("machine", MACHINES)
def test_every_rule_has_a_number_of_its_own(machine: str) -> None:
    assert {rule.name for rule in RULES} <= set(seccomp._NUMBERS)
    numbers = [number(name, machine) for name in seccomp._NUMBERS]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= one < 600 for one in numbers)


@pytest.mark.parametrize(
    ("machine", "header"),
    [("x86_64", "x86_64-linux-gnu/asm/unistd_64.h"), ("aarch64", "asm-generic/unistd.h")],
)
def test_the_numbers_are_the_kernel_s(machine: str, header: str) -> None:
    """aarch64 uses the generic table (arch/arm64/include/uapi/asm/unistd.h)."""
    file = Path("/usr/include") / header
    if not file.is_file():
        pytest.skip(f"{file} is absent: it comes with linux-libc-dev")
    known = {name: int(value) for name, value in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", file.read_text())}
    generic = {"poll": "ppoll", "newfstatat": "fstatat"} if machine == "aarch64" else {}
    ours = {name: number(name, machine) for name in seccomp._NUMBERS}
    assert ours == {name: known[generic.get(name, name)] for name in ours}


def test_an_unknown_machine_stays_shut() -> None:
    with pytest.raises(LockdownError, match="x86_64 and aarch64"):
        program((Rule("read"),), "riscv64")


def test_a_program_is_no_longer_than_the_kernel_takes() -> None:
    for machine in MACHINES:
        assert len(program(RULES, machine)) // 8 < 4096, "BPF_MAXINSNS"


def test_this_machine_says_whether_it_can() -> None:
    assert seccomp.available() in (True, False)
    if platform.machine() not in ARCH:
        assert not seccomp.available()
