#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: profile-table.py WORKLOAD DIR BASE-MAP PATCHED-MAP

Print the instructions of one row by kernel function, base beside patched.

Reads:  VARIANT-profile.log and .counts in DIR, build/v6.1/bench-ARCH/; the System.map of
        both kernels
Writes: nothing
"""

import bisect
import collections
import sys

KERNEL = 1 << 63
POWERPC = 0xc << 60
REAL_MODE = 0x10000000      # powerpc: its kernel in real mode is below, user space above


def read_map(path):
    symbols = {}
    for line in open(path):
        address, kind, name = line.split()
        if kind in 'tTwW' and int(address, 16) >= KERNEL:
            symbols.setdefault(int(address, 16), name)
    return sorted(symbols), symbols


def read_profile(directory, variant, workload, path):
    """Return the number of units, their name, and the instructions by function."""
    order, shape = [], {}
    for line in open(f'{directory}/{variant}-profile.log', errors='replace'):
        words = line.split()
        if words[:1] == ['bench'] and words[2] != 'skip':
            order.append(words[1])
            shape[words[1]] = int(words[2]), words[3]
        elif words[:2] == ['bench', workload]:
            sys.exit(f'error: {workload} was skipped: {" ".join(words[3:])}')
    if workload not in order:
        sys.exit(f'error: there is no row {workload}, only {" ".join(order)}')
    with open(f'{directory}/{variant}-profile.counts') as f:
        record = f.read().split('\n\n')[order.index(workload)].splitlines()
    starts, names = read_map(path)
    functions = collections.Counter()
    for line in record[1:]:
        address, count = line.split()
        address = int(address, 16)
        if starts[0] >> 60 == POWERPC >> 60 and address < REAL_MODE:
            address |= POWERPC
        where = bisect.bisect(starts, address) if address >= KERNEL else 0
        functions[names[starts[where - 1]] if where else '(user space)'] += int(count)
    total = int(record[0].split()[0])
    if functions.total() != total:
        sys.exit(f'error: {variant}: the profile sums to {functions.total()}, not {total}')
    units, unit = shape[workload]
    return units, unit, functions


def main():
    workload, directory, *maps = sys.argv[1:]
    units, unit, base = read_profile(directory, 'base', workload, maps[0])
    _, _, patched = read_profile(directory, 'patched', workload, maps[1])
    rows = sorted({*base, *patched}, key=lambda f: (-max(base[f], patched[f]), f))
    shown = [f for f in rows if max(base[f], patched[f]) * 1000 >= max(base.total(), patched.total())]

    def row(name, old, new):
        print(f'{old / units:12.2f}{new / units:12.2f}{(new - old) / units:+12.2f}  {name}')

    print(f'{workload}: instructions per {unit}\n')
    print(f'{"base":>12}{"patched":>12}{"change":>12}  function')
    for name in shown:
        row(name, base[name], patched[name])
    rest = [f for f in rows if f not in shown]
    row(f'({len(rest)} more)', sum(base[f] for f in rest), sum(patched[f] for f in rest))
    row('total', base.total(), patched.total())


main()
