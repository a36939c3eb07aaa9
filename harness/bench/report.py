#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py ARCH QEMU WALL DIR OUT: what bench.sh measured in DIR, as tables on
stdout, OUT.json and OUT.svg.  WALL is KVM, or why there is no wall time."""

import json
import re
import statistics
import subprocess
import sys

RECORD = ('instructions', 'atomics', 'fork_instructions', 'fork_atomics', 'lines')
SHOWN = ('instructions', 'atomics', 'lines')
MARGIN = 1.01       # above base by more than this is marked
LEAST = 0.01        # of a unit: less than this makes no row worse
DRIFT = 0.0005      # of instructions, between the two runs of a kernel


def read_console(path):
    """Kernel, compiler, rows {name: (units, unit, kind)}, skipped, tables, times."""
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
            print(f'warning: {name}: {row}: {drift:+.2%} in the second run', file=sys.stderr)
        f['lines'] = again[row]['lines']
        if row in tables:
            f['child_tables_kib'] = tables[row]
    return {'kernel': kernel, 'compiler': compiler}, rows, skipped, figures


def above(row):
    """The figures that are above base."""
    return [f for f in SHOWN
            if row['patched'][f] > row['base'][f] * MARGIN and
            row['patched'][f] - row['base'][f] >= row['units'] * LEAST]


def number(value, figure):
    return f'{value:.{0 if value >= 1000 else 1 if "instructions" in figure else 2}f}'


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
    """figure(row, variant) of both."""
    print(f'\n{title}\n')
    print(f'{"row":22}{"base":>11}{"patched":>10}{"ratio":>7}')
    for name, w in rows.items():
        base, patched = (figure(w, v) for v in ('base', 'patched'))
        print(f'{name:22}{base:11.{digits}f}{patched:10.{digits}f}{patched / base:7.2f}')


CHART = '''
set terminal svg size 960,{height} dynamic noenhanced font "sans-serif,12" background "white"
set output "{svg}"
set title "{title}"
set xlabel "patched / base (less is better); at the right instructions, base → patched per unit"
set xrange [0:{xmax}]
set yrange [{rows} - 0.4:-0.6]
set ytics nomirror scale 0 ({labels})
set xtics nomirror 0.2
set rmargin 20
set grid xtics linecolor "#dddddd"
set border 3
set arrow from 1, graph 0 to 1, graph 1 nohead back linecolor "#444444" dashtype 2
set key outside top center horizontal
$rows << END
{data}
END
set style fill solid noborder
plot $rows using (0):1:(0):2:($1 - 0.36):($1 + 0.36):(column(5) > 0 ? 0xc0392b : 0x8fb3d6) with boxxyerror \\
	linecolor rgb variable title "instructions (red: a figure is above base)", \\
     $rows using 3:1 with points pointtype 13 pointsize 0.9 \\
	linecolor "#e0973b" title "atomic read-modify-writes", \\
     $rows using 4:1 with points pointtype 7 pointsize 0.6 \\
	linecolor "#2e7d4f" title "lines of memory", \\
     $rows using ({xmax}):1:6 with labels left offset 0.5,0 font ",10" notitle
'''


def chart(arch, kernels, rows, svg):
    data, labels, longest = [], [], 1
    for i, (name, w) in enumerate(rows.items()):
        ratios = [w['patched'][f] / w['base'][f] if w['base'][f] else 1 for f in SHOWN]
        longest = max(longest, *ratios)
        text = ' → '.join(number(w[v]['instructions'] / w['units'], 'instructions')
                          for v in ('base', 'patched'))
        data.append(f'{i} {" ".join(f"{r:.4f}" for r in ratios)} {len(w["above"])} "{text}"')
        labels.append(f'"{name}, per {w["unit"]}" {i}')
    script = CHART.format(
        height=140 + 18 * len(data), svg=svg, rows=len(data), xmax=min(longest, 1.8) + 0.1,
        title=f'{arch}: patched against base Linux {kernels["base"]["kernel"]}',
        labels=', '.join(labels), data='\n'.join(data))
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


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
