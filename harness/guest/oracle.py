# SPDX-License-Identifier: GPL-2.0
"""Run mm_oracle in a guest: send it seeds, receive what it prints.  For fuzz.py.

Reads:  build/v6.1/ARCH-VARIANT-CONFIG/ and tests-ARCH.cpio; CONFIG, from the environment
Writes: nothing
"""
import os
import pathlib
import select
import subprocess
import time

SECONDS = 300		# for a seed, or for a boot
DEAD = "the guest "	# how a line begins that says why the lines after it are missing
TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = TOP / "build/v6.1"
HERE = TOP / "harness/guest"


class Guest:
    """A guest.  Boots when it is first needed, and again after it has died."""

    def __init__(self, arch, variant):
        config = os.environ.get("CONFIG", "test")
        kernel = f"{arch}-{variant}-{config}"
        self.has_blocks = (arch, variant) == ("arm64", "patched") and config != "nocontpte"
        self.what = [arch, BUILD / kernel, BUILD / f"tests-{arch}.cpio"]
        self.qemu = None

    def has_kvm(self):
        return subprocess.run([HERE / "probe-kvm.sh", *self.what],
                              stdout=subprocess.DEVNULL).returncode == 0

    def boot(self):
        self.qemu = subprocess.Popen(
            [HERE / "qemu.sh", *self.what],
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
        """Return the lines of mm_oracle, and a DEAD line if something is wrong."""
        lines, ended, deadline = [], False, time.monotonic() + SECONDS
        while not ended:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self.qemu.stdout], [], [], left)[0]:
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
        """Let console-tap.awk decide what is a complaint of the kernel."""
        tap = subprocess.run(["awk", "-f", HERE / "console-tap.awk"], text=True,
                             input="\n".join(self.console), stdout=subprocess.PIPE).stdout
        return any(line.startswith("not ok") and line.endswith("without complaint")
                   for line in tap.splitlines())

    def died(self, how):
        self.stop()
        return [DEAD + how, *self.console[-40:]]

    def send(self, *numbers):
        """Return nothing, or the lines that say why nothing could be sent."""
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
