#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: fuzz.py ARCH NR FIRST

Run mm_oracle on base and patched kernel, in two guests, with the same NR seeds from
FIRST on, and compare what it prints after each step.  Print TAP; stop after ENOUGH
failures.  Where the two differ, shorten the sequence of steps as long as they still do.

Reads:  build/v6.1/ARCH-VARIANT-CONFIG/ and tests-ARCH.cpio; from the environment CONFIG
        (test) and CPU (if set, KVM is not used)
Writes: build/v6.1/fuzz/ARCH-CONFIG[-CPU]-SEED.txt: the shortened sequence, and the
        difference; removed if the seed passes
"""
import difflib
import os
import re
import sys

sys.dont_write_bytecode = True
from oracle import BUILD, DEAD, TOP, Guest

STEPS = 100
ENOUGH = 5
LAST = 2		# lines that follow those of the steps
DIRTY = re.compile(r"(.*) dirty \w+ (\d+) kB")


def run(guests, seed, steps, show=0):
    """Do these steps of the seed in both guests.  Return the lines of each."""
    last = max(steps)
    skip = sorted(set(range(1, last + 1)) - set(steps))
    dead = [guest.send(seed, last, show, *skip) for guest in guests]
    return [guest.receive(seed, how) for guest, how in zip(guests, dead)]


def equal(base, patched, blocks):
    """Compare two lines.  If one entry of a contiguous block is dirty, all are."""
    b, p = DIRTY.fullmatch(base), DIRTY.fullmatch(patched)
    if blocks and b and p:
        return b[1] == p[1] and int(b[2]) <= int(p[2])
    return base == patched


def differ(guests, seed, steps):
    """Return the steps up to the first difference, None if there is none, and the two
    lines that differ."""
    lines = run(guests, seed, steps)
    same = [equal(b, p, guests[1].has_blocks) and not b.startswith(DEAD)
            for b, p in zip(*lines)] + [False]
    if all(same[:-1]) and len(lines[0]) == len(lines[1]) == len(steps) + LAST:
        return None, []
    if any(line.startswith(DEAD) for line in lines[0] + lines[1]):
        for guest in guests:	# a reboot of one alone would leave them with different pasts
            guest.stop()
    at = same.index(False)
    return steps[:at + 1], lines[0][at:at + 1] + lines[1][at:at + 1]


def shorten(guests, seed, steps):
    """Remove chunks of steps, ever smaller, as long as the two still differ."""
    chunk = len(steps) // 2
    while chunk:
        at = 0
        while at < len(steps):
            rest = steps[:at] + steps[at + chunk:]
            less = differ(guests, seed, rest)[0] if rest else None
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
    print(f"# the whole report: {name.relative_to(TOP)}", flush=True)


def main():
    if len(sys.argv) != 4 or not all(arg.isdigit() and int(arg) for arg in sys.argv[2:]):
        sys.exit("usage: fuzz.py ARCH NR FIRST, with numbers from 1 on")
    arch, nr, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    tag = "-".join(filter(None, (arch, os.environ.get("CONFIG", "test"), os.environ.get("CPU"))))
    guests = [Guest(arch, "base"), Guest(arch, "patched")]
    if "CPU" not in os.environ and guests[0].has_kvm():
        os.environ["ACCEL"] = "kvm"
    failures = done = 0
    try:
        for seed in range(first, first + nr):
            if failures == ENOUGH:
                break
            done += 1
            steps, lines = differ(guests, seed, list(range(1, STEPS + 1)))
            print("not ok" if steps else "ok", f"- {arch}: seed {seed}", flush=True)
            name = BUILD / "fuzz" / f"{tag}-{seed}.txt"
            if not steps:
                name.unlink(missing_ok=True)
                continue
            failures += 1
            for guest in guests:
                guest.stop()
            steps, _ = differ(guests, seed, steps)
            if steps:
                steps = shorten(guests, seed, steps)
                report(guests, seed, steps, name, f"seed {seed}, {len(steps)} of {STEPS} steps")
            else:
                print("# does not differ by itself: it needs the seeds before it, or is random:")
                for line in lines:
                    print("#", line)
                name.unlink(missing_ok=True)
    finally:
        for guest in guests:
            guest.stop()
    print(f"1..{done}")
    sys.exit(failures > 0)


main()
