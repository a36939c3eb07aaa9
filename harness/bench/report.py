#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: report.py ARCH QEMU WALL DIR OUT

Print the tables of what compare.sh has measured.  ARCH is a label, such as x86_64-swap;
QEMU its version.  WALL is KVM if wall time was measured, else the reason why not.

Reads:  DIR, build/v6.1/bench-ARCH/
Writes: OUT.json, all figures; OUT.svg, the chart
"""

import json
import statistics
import sys

sys.dont_write_bytecode = True
from chart import chart
from results import RECORD, SHOWN, above, number, read_console, read_variant


def table(title, rows, figures):
    print(f'\n{title}\n')
    print(f'{"":33}' + ''.join(f'{f.removeprefix("fork_"):>29}' for f in figures))
    print(f'{"row":22}{"unit":11}' + len(figures) * f'{"base":>11}{"patched":>10}{"ratio":>7} ')
    for name, w in rows.items():
        line = f'{name:22}{w["unit"]:11}'
        for f in figures:
            base, patched = (w[v][f] for v in ('base', 'patched'))
            line += f'{number(base / w["units"], f):>11}{number(patched / w["units"], f):>10}'
            line += f'{patched / base:7.2f}' if base else f'{"":7}'
            line += '+' if f in w['above'] else ' '
        print(line.rstrip())


def small_table(title, rows, figure, digits):
    """Print a table of one figure, figure(row, variant)."""
    print(f'\n{title}\n')
    print(f'{"row":22}{"base":>11}{"patched":>10}{"ratio":>7}')
    for name, w in rows.items():
        base, patched = (figure(w, v) for v in ('base', 'patched'))
        print(f'{name:22}{base:11.{digits}f}{patched:10.{digits}f}{patched / base:7.2f}')


def main():
    arch, qemu, wall, directory, out = sys.argv[1:]
    kernels, shape, figures = {}, {}, {}
    for variant in 'base', 'patched':
        kernels[variant], rows, skipped, figures[variant] = read_variant(directory, variant)
        if shape and shape != rows:
            sys.exit('error: base and patched did not run the same rows')
        shape = rows
    rows = {name: {'kind': kind, 'units': units, 'unit': unit,
                   **{v: figures[v][name] for v in figures}}
            for name, (units, unit, kind) in shape.items()}
    for w in rows.values():
        w['above'] = above(w)
    if wall == 'KVM':
        for variant in figures:
            for name, times in read_console(f'{directory}/{variant}-wall.log')[-1].items():
                rows[name][variant]['wall_ns'] = times
    with open(f'{out}.json', 'w') as f:
        json.dump({'arch': arch, 'kernels': kernels, 'qemu': qemu,
                   'measure': 'executed guest instructions, atomic read-modify-writes and '
                              'distinct 64-byte lines of memory, of the whole row: fork + exit + '
                              'wait, or calls; fork_*: of the forks alone, each up to the first '
                              'return from it; above: the figures above base by more than 1 %; '
                              'child_tables_kib: the size of a child\'s page tables',
                   'rows': rows, 'skipped': skipped,
                   'wall_time': 'ns, of the whole row' if wall == 'KVM' else wall},
                  f, indent=1)
        f.write('\n')

    def of(kind):
        return {name: w for name, w in rows.items() if w['kind'] == kind}

    print(f'{arch}: base {kernels["base"]["kernel"]}, patched {kernels["patched"]["kernel"]}, '
          f'{kernels["base"]["compiler"]}, {qemu}')
    print('lines: distinct 64-byte lines of memory; +: above base by more than 1 %')
    table('fork + exit + wait, per unit', of('fork'), SHOWN)
    table('fork alone, per unit', of('fork'), RECORD[2:4])
    table('calls, per unit', of('call'), SHOWN)
    small_table('Page tables of a child in KiB', of('fork'),
                lambda w, v: w[v]['child_tables_kib'], 0)
    if wall == 'KVM':
        small_table('Wall time in ns per unit, median of the runs (KVM)',
                    rows, lambda w, v: statistics.median(w[v]['wall_ns']) / w['units'], 1)
    else:
        print(f'\nNo wall time: {wall}.')
    for reason in sorted({*skipped.values()}):
        names = ' '.join(name for name in skipped if skipped[name] == reason)
        print(f'Left out, {reason}: {names}.')
    chart(arch, kernels, rows, f'{out}.svg')
    marked = [name for name, w in rows.items() if w['above']]
    print(f'{len(marked)} of {len(rows)} rows are above base by more than 1 %'
          f'{": " if marked else "."}{" ".join(marked)}')


if __name__ == '__main__':
    main()
