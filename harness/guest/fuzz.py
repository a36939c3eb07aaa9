#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fuzz.py ARCH NR FIRST: compare the patched kernel with the unpatched one.

Two guests run mm_oracle, one on each kernel, and do the same NR seeds from FIRST
on, or until some have failed.  Prints TAP.  Where they differ, the sequence is
made shorter as long as they still do, and what is left goes to
build/v6.1/fuzz/ARCH-SEED.txt: the steps, and how the two differ after the last.
The kernels and the initramfs of the tests are built before.
"""
import difflib
import os
import pathlib
import re
import select
import subprocess
import sys

STEPS = 100
SECONDS = 120		# for one seed, or for a boot
ENOUGH = 5		# seeds that fail
LAST = 2		# lines after those of the steps
DIRTY = re.compile(r"(.*) dirty \w+ (\d+) kB")
DEAD = "the guest "	# instead of a line of the oracle
TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = TOP / "build/v6.1"


class Guest:
    """A guest that is booted when it is needed, and again when it has died."""

    def __init__(self, arch, variant):
        config = os.environ.get("CONFIG", "test")
        kernel = f"{arch}-{variant}-{config}"
        self.has_blocks = (arch, variant) == ("arm64", "patched") and config != "nocontpte"
        self.what = [arch, BUILD / kernel, BUILD / f"tests-{arch}.cpio"]
        self.qemu = None

    def has_kvm(self):
        return subprocess.run([TOP / "harness/guest/probe-kvm.sh", *self.what],
                              stdout=subprocess.DEVNULL).returncode == 0

    def boot(self):
        self.qemu = subprocess.Popen(
            [TOP / "harness/guest/qemu.sh", *self.what],
            env={**os.environ, "SMP": "1",
                 "APPEND": "only=mm_oracle oracle=serve seconds=1000000"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = b""
        self.console = []
        return self.read_until("ready")

    def stop(self):
        if self.qemu:
            self.qemu.kill()
            self.qemu.wait()
            self.qemu = None

    def read_until(self, end):
        """The lines of the oracle; a last one says what is wrong with the guest."""
        lines, ended = [], False
        while not ended:
            if not select.select([self.qemu.stdout], [], [], SECONDS)[0]:
                return lines + self.died("hangs")
            got = os.read(self.qemu.stdout.fileno(), 1 << 16)
            if not got:
                return lines + self.died("has died")
            *full, self.text = (self.text + got).split(b"\n")
            for line in full:
                line = line.decode(errors="replace").strip()
                if line == f"~ {end}":
                    ended = True
                elif line.startswith("~ "):
                    lines.append(line[2:])
                elif line:
                    self.console.append(line)
                if line.startswith("# end mm_oracle"):
                    return lines + self.died("has left the oracle")
        if end != "ready" and self.console and self.has_complaint():
            return lines + self.died("complains")
        return lines

    def has_complaint(self):
        """What is a complaint, console-tap.awk knows."""
        tap = subprocess.run(["awk", "-f", TOP / "harness/guest/console-tap.awk"], text=True,
                             input="\n".join(self.console), stdout=subprocess.PIPE).stdout
        return any(line.startswith("not ok") and line.endswith("without complaint")
                   for line in tap.splitlines())

    def died(self, how):
        self.stop()
        return [DEAD + how, *self.console[-40:]]

    def send(self, *numbers):
        dead = [] if self.qemu else self.boot()
        if self.qemu:
            self.console = []
            try:
                self.qemu.stdin.write((" ".join(map(str, numbers)) + "\n").encode())
                self.qemu.stdin.flush()
            except OSError:
                return self.died("has died")
        return dead

    def receive(self, seed, dead):
        return self.read_until(f"end {seed}") if self.qemu else dead


def run(guests, seed, steps, show=0):
    """Do these steps of the seed on all guests: their lines."""
    last = max(steps)
    skip = sorted(set(range(1, last + 1)) - set(steps))
    dead = [guest.send(seed, last, show, *skip) for guest in guests]
    return [guest.receive(seed, how) for guest, how in zip(guests, dead)]


def equal(base, patched, blocks):
    """Of contiguous entries all are dirty if one is."""
    b, p = DIRTY.fullmatch(base), DIRTY.fullmatch(patched)
    if blocks and b and p:
        return b[1] == p[1] and int(b[2]) <= int(p[2])
    return base == patched


def differ(guests, seed, steps):
    """The steps up to the first difference, None if there is none."""
    lines = run(guests, seed, steps)
    same = [equal(b, p, guests[1].has_blocks) and not b.startswith(DEAD)
            for b, p in zip(*lines)] + [False]
    if all(same[:-1]) and len(lines[0]) == len(lines[1]) == len(steps) + LAST:
        return None
    if any(line.startswith(DEAD) for line in lines[0] + lines[1]):
        for guest in guests:	# so that both have the same past
            guest.stop()
    return steps[:same.index(False) + 1]


def shorten(guests, seed, steps):
    chunk = len(steps) // 2
    while chunk:
        at = 0
        while at < len(steps):
            rest = steps[:at] + steps[at + chunk:]
            less = differ(guests, seed, rest) if rest else None
            steps = less or steps
            at += 0 if less else chunk
        chunk //= 2
    return steps


def report(guests, seed, steps, name, head):
    base, patched = run(guests, seed, steps, show=1)
    text = [head, "", *base[:len(steps)], "",
            *difflib.unified_diff(base, patched, "base", "patched", n=0, lineterm="")]
    if any(line.startswith(DEAD) for line in base + patched):
        text = [head, "", "base:", *base, "", "patched:", *patched]
    name.parent.mkdir(exist_ok=True)
    name.write_text("\n".join(text) + "\n")
    for line in text[:40]:
        print("#", line)
    print(f"# all of it: {name.relative_to(TOP)}", flush=True)


def main():
    if len(sys.argv) != 4 or not all(arg.isdigit() and int(arg) for arg in sys.argv[2:]):
        sys.exit("usage: fuzz.py ARCH NR FIRST (make fuzz SEEDS=NR FIRST=...), numbers from 1")
    arch, nr, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    guests = [Guest(arch, "base"), Guest(arch, "patched")]
    if "CPU" not in os.environ and guests[0].has_kvm():
        os.environ["ACCEL"] = "kvm"
    failures = done = 0
    try:
        for seed in range(first, first + nr):
            if failures == ENOUGH:
                break
            done += 1
            steps = differ(guests, seed, list(range(1, STEPS + 1)))
            print("not ok" if steps else "ok", f"- {arch}: seed {seed}", flush=True)
            if not steps:
                continue
            failures += 1
            name = BUILD / "fuzz" / f"{arch}-{seed}.txt"
            for guest in guests:
                guest.stop()
            steps = differ(guests, seed, steps)
            if steps:
                steps = shorten(guests, seed, steps)
                report(guests, seed, steps, name, f"seed {seed}, {len(steps)} of {STEPS} steps")
            else:
                print(f"# only after the seeds {first}-{seed - 1}, not alone")
    finally:
        for guest in guests:
            guest.stop()
    print(f"1..{done}")
    sys.exit(failures > 0)


main()
