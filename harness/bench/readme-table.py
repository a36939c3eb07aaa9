#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: readme-table.py README JSON...

Replace the table of results in README, between its two "bench" comments, by selected rows
of what compare.sh has written, one architecture a column.

Reads:  JSON...
Writes: README
"""

import json
import re
import sys

sys.dont_write_bytecode = True
from results import number

ROWS = {
    'anon': 'fork and exit: a 4K page',
    'holes-2': 'fork and exit: one page in 2',
    'holes-16': 'fork and exit: one page in 16',
    'sparse-pmd': 'fork and exit: one page in each 2 MiB',
    'sparse-gib': 'fork and exit: one page in each GiB',
    'emptied': 'fork and exit: a page table that is empty again',
    'thp-pte': 'fork and exit: a page of a PTE-mapped THP',
    'thp-pmd': 'fork and exit: a PMD-mapped THP',
    'file': 'fork and exit: a page of a file',
    'vmas': 'fork and exit: a small VMA',
    'process': 'fork and exit: a small process',
    'dash-fork': "fork and exit: dash's subshell",
    'dash-exec': 'fork, exec and exit: a small program',
    'fault-read-file': 'fault-around: a page of a file',
    'fault-read-file-thp': 'fault-around: a page of a huge page of a file',
    'mprotect-ro-4k': 'mprotect(): a 4K page',
    'munmap-file': 'munmap(): a page of a file',
    'munmap-thp': 'munmap(): a page of a PTE-mapped THP',
    'munmap-one': 'munmap(): a table with one page',
}


def main():
    readme, *paths = sys.argv[1:]
    try:
        results = [json.load(open(path)) for path in paths]
    except OSError as e:
        sys.exit(f"error: {e.filename}: {e.strerror}: run 'make bench-all' first")

    def cell(result, name):
        if name not in result['rows']:
            return ''
        row = result['rows'][name]
        return ' → '.join(number(row[v]['instructions'] / row['units'], 'instructions')
                          for v in ('base', 'patched'))

    lines = ['| instructions, base → patched | ' + ' | '.join(r['arch'] for r in results) + ' |',
             '| --- |' + ' --- |' * len(results)]
    for name, text in ROWS.items():
        lines.append(f'| {text} | ' + ' | '.join(cell(r, name) for r in results) + ' |')
    above = (f'{sum(bool(w["above"]) for w in r["rows"].values())} of {len(r["rows"])} on {r["arch"]}'
             for r in results)
    lines += ['', f'Rows above base by more than 1 %, in instructions, atomics or lines: '
                  f'{", ".join(above)}.']
    text = open(readme).read()
    new, n = re.subn(r'(<!-- bench: .*?-->\n).*?(<!-- bench end -->)',
                     lambda m: m[1] + '\n'.join(lines) + '\n' + m[2], text, flags=re.S)
    if n != 1:
        sys.exit(f'error: {readme} has no <!-- bench: ... --> and <!-- bench end -->')
    open(readme, 'w').write(new)


main()
