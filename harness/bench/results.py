# SPDX-License-Identifier: GPL-2.0
"""Read what the guests and the plugin have written, in build/v6.1/bench-ARCH/."""

import re
import sys

RECORD = ('instructions', 'atomics', 'fork_instructions', 'fork_atomics', 'lines')
SHOWN = ('instructions', 'atomics', 'lines')
MARGIN = 1.01       # a figure is above base if it is more than 1 % above,
LEAST = 0.01        # and by at least this much per unit
DRIFT = 0.0005      # of the instructions, allowed between the two runs of a kernel


def read_console(path):
    """Return kernel, compiler, rows {name: (units, unit, kind)}, skipped, tables, times."""
    kernel, compiler, rows, skipped, tables, wall = None, None, {}, {}, {}, {}
    for line in open(path, errors='replace'):
        words = line.split()
        if found := re.search(r'Linux version (\S+) \S+ \((.*)\) #', line):
            kernel, compiler = found[1], found[2].split(', GNU ld')[0]
        elif words[:1] == ['bench'] and words[2] == 'skip':
            skipped[words[1]] = ' '.join(words[3:])
        elif words[:1] == ['bench']:
            rows[words[1]] = int(words[2]), words[3], words[4]
        elif words[:1] == ['tables']:
            tables[words[1]] = int(words[2])
        elif words[:1] == ['wall']:
            wall.setdefault(words[1], []).append(int(words[2]))
    return kernel, compiler, rows, skipped, tables, wall


def read_records(path, rows):
    records = [dict(zip(RECORD, map(int, line.split()))) for line in open(path)]
    if len(records) != len(rows):
        sys.exit(f'error: {path}: {len(records)} records of {len(rows)} rows')
    return dict(zip(rows, records))


def read_variant(directory, name):
    kernel, compiler, rows, skipped, tables, _ = read_console(f'{directory}/{name}.log')
    figures = read_records(f'{directory}/{name}.counts', rows)
    again = read_records(f'{directory}/{name}-lines.counts', rows)
    for row, f in figures.items():
        drift = again[row]['instructions'] / f['instructions'] - 1
        if abs(drift) > DRIFT:
            print(f'warning: {name}: {row}: {drift:+.2%} instructions in the second run', file=sys.stderr)
        f['lines'] = again[row]['lines']
        if row in tables:
            f['child_tables_kib'] = tables[row]
    return {'kernel': kernel, 'compiler': compiler}, rows, skipped, figures


def above(row):
    """Return the figures of a row that are above base."""
    return [f for f in SHOWN
            if row['patched'][f] > row['base'][f] * MARGIN and
            row['patched'][f] - row['base'][f] >= row['units'] * LEAST]


def number(value, figure):
    """Format a figure per unit."""
    return f'{value:.{0 if value >= 1000 else 1 if "instructions" in figure else 2}f}'
