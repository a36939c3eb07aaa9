#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: check-figures.py IGNORE JSON...

Print TAP of what compare.sh has written: a row fails if one of its figures is above base
by more than 1 % and 0.01 per unit, and IGNORE gives no reason for it.

Reads:  IGNORE, which is bench-ignore; JSON...
Writes: nothing
"""

import json
import re
import sys


def read_ignore(path):
    """Return [regex of the architecture, regex of row and figure, reason] of each line."""
    lines = [line.rstrip('\n').split('\t') for line in open(path) if line[0] not in '#\n']
    for line in lines:
        if len(line) != 3:
            sys.exit(f'error: {path}: not ARCH<tab>ROW<tab>REASON: {" ".join(line)}')
    return lines


def main():
    ignore, used, lines = read_ignore(sys.argv[1]), set(), []

    def reason(arch, what):
        for i, (arch_regex, regex, why) in enumerate(ignore):
            if re.fullmatch(arch_regex, arch) and re.search(regex, what):
                used.add(i)
                return why

    archs = []
    for path in sys.argv[2:]:
        try:
            result = json.load(open(path))
        except (OSError, ValueError) as e:
            lines.append((False, str(e)))
            continue
        archs.append(result['arch'])
        for name, row in result['rows'].items():
            known, bad = [], []
            for figure in row['above']:
                ratio = row['patched'][figure] / row['base'][figure] if row['base'][figure] else 0
                why = reason(result['arch'], f'{name} {figure}')
                (known if why else bad).append(f'{figure} {ratio:.3f}' + (f': {why}' if why else ''))
            lines.append((not bad, ', '.join([f'{result["arch"]} {name}', *bad, *known])))
        for name, why in result['skipped'].items():
            lines.append((True, f'{result["arch"]} {name} # SKIP {why}'))
        if not result['rows']:
            lines.append((False, f'{result["arch"]}: there are rows'))

    print(f'1..{len(lines)}')
    for i, (ok, text) in enumerate(lines, 1):
        print(f'{"ok" if ok else "not ok"} {i} - {text}')
    for i, (arch_regex, regex, _) in enumerate(ignore):
        if i not in used and any(re.fullmatch(arch_regex, arch) for arch in archs):
            print(f'# bench-ignore has an entry for figures that are not above base: {arch_regex} {regex}')


main()
