#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py ARCH QEMU WALL DIR OUT: what bench.sh measured in DIR, as a table on
stdout, OUT.json and OUT.svg.  WALL is KVM, or why there is no wall time."""

import json
import re
import statistics
import subprocess
import sys

FIGURES = ('instructions', 'atomics', 'fork_instructions', 'fork_atomics')


def read_console(path):
    """Kernel, compiler, workloads {name: (units, unit)}, skipped, tables, times."""
    kernel, compiler, workloads, skipped, tables, wall = None, None, {}, {}, {}, {}
    for line in open(path, errors='replace'):
        words = line.split()
        if found := re.search(r'Linux version (\S+) \S+ \((.*)\) #', line):
            kernel, compiler = found[1], found[2].split(', GNU ld')[0]
        elif words[:1] == ['bench'] and words[2] == 'skip':
            skipped[words[1]] = ' '.join(words[3:])
        elif words[:1] == ['bench']:
            workloads[words[1]] = int(words[2]), words[3]
        elif words[:1] == ['tables']:
            tables[words[1]] = int(words[2])
        elif words[:1] == ['wall']:
            wall.setdefault(words[1], []).append(int(words[2]))
    return kernel, compiler, workloads, skipped, tables, wall


def read_variant(base, name):
    kernel, compiler, workloads, skipped, tables, _ = read_console(f'{base}/{name}.log')
    records = [[int(n) for n in line.split()] for line in open(f'{base}/{name}.counts')]
    if len(records) != len(workloads):
        sys.exit(f'error: {name}: {len(records)} records for {len(workloads)} workloads')
    figures = {w: {**dict(zip(FIGURES, r)), 'child_tables_kib': tables[w]}
               for w, r in zip(workloads, records)}
    return {'kernel': kernel, 'compiler': compiler}, workloads, skipped, figures


def number(value, atomics=False):
    return f'{value:.2f}' if atomics else f'{value:.{0 if value >= 1000 else 1}f}'


def table(title, workloads, instructions, atomics):
    print(f'\n{title}\n')
    print(f'{"":14} {"":14}{"instructions":>30}  {"atomics":>26}')
    print(f'{"workload":14} {"units":>14}' + 2 * f'{"base":>11}{"patched":>10}{"ratio":>7}')
    for name, w in workloads.items():
        row = f'{name:14} {w["units"]:>6} {w["unit"]:7}'
        for key in instructions, atomics:
            base, patched = (w[v][key] for v in ('base', 'patched'))
            for figure, width in (base, 11), (patched, 10):
                row += f'{number(figure / w["units"], key == atomics):>{width}}'
            row += f'{patched / base:7.2f}' if base else f'{"":7}'
        print(row)


def small_table(title, workloads, figure, digits):
    """figure(workload, variant) of both."""
    print(f'\n{title}\n')
    print(f'{"workload":14}{"base":>11}{"patched":>10}{"ratio":>7}')
    for name, w in workloads.items():
        base, patched = (figure(w, v) for v in ('base', 'patched'))
        print(f'{name:14}{base:11.{digits}f}{patched:10.{digits}f}{patched / base:7.2f}')


CHART = '''
set terminal svg size 960,{height} dynamic noenhanced font "sans-serif,13" background "white"
set output "{svg}"
set title "{title}"
set xlabel "patched / base (less is better); beside each bar base → patched per unit"
set xrange [0:{xmax}]
set yrange [{rows} - 0.4:-0.6]
set ytics nomirror scale 0 ({labels})
set xtics nomirror 0.2
set grid xtics linecolor "#dddddd"
set border 3
set arrow from 1, graph 0 to 1, graph 1 nohead back linecolor "#444444" dashtype 2
set key outside top center horizontal
$bars << END
{bars}
END
set style fill solid noborder
plot $bars using (0):($1 - 0.18):(0):2:($1 - 0.34):($1 - 0.02) with boxxyerror \\
	linecolor "#2b6ca3" title "instructions", \\
     $bars using (0):($1 + 0.18):(0):3:($1 + 0.02):($1 + 0.34) with boxxyerror \\
	linecolor "#e0973b" title "atomic read-modify-writes", \\
     $bars using 2:($1 - 0.18):4 with labels left offset 0.5,0 font ",10" notitle, \\
     $bars using 3:($1 + 0.18):5 with labels left offset 0.5,0 font ",10" notitle
'''


def chart(arch, kernels, workloads, svg):
    bars, labels, longest = [], [], 1
    for i, (name, w) in enumerate(workloads.items()):
        row = [str(i)]
        texts = []
        for key in FIGURES[:2]:
            base, patched = w['base'][key], w['patched'][key]
            ratio = patched / base if base else 1
            longest = max(longest, ratio)
            row.append(f'{ratio:.4f}')
            texts.append('"' + ' → '.join(number(n / w['units'], key == 'atomics')
                                          for n in (base, patched)) + '"')
        bars.append(' '.join(row + texts))
        labels.append(f'"{name}, per {w["unit"]}" {i}')
    script = CHART.format(
        height=140 + 48 * len(bars), svg=svg, rows=len(bars), xmax=longest + 0.3,
        title=f'{arch}: fork + exit + wait, patched against base Linux {kernels["base"]["kernel"]}',
        labels=', '.join(labels), bars='\n'.join(bars))
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


def main():
    arch, qemu, wall, base_dir, out = sys.argv[1:]
    kernels, workloads, figures = {}, {}, {}
    for variant in 'base', 'patched':
        kernels[variant], shape, skipped, figures[variant] = read_variant(base_dir, variant)
        if workloads and workloads != shape:
            sys.exit('error: base and patched did not run the same workloads')
        workloads = shape
    workloads = {name: {'units': units, 'unit': unit,
                        **{v: figures[v][name] for v in figures}}
                 for name, (units, unit) in workloads.items()}
    if wall == 'KVM':
        for variant in figures:
            for name, times in read_console(f'{base_dir}/{variant}-wall.log')[-1].items():
                workloads[name][variant]['wall_ns'] = times
    with open(f'{out}.json', 'w') as f:
        json.dump({'arch': arch, 'kernels': kernels, 'qemu': qemu,
                   'measure': 'executed guest instructions and atomic read-modify-writes, '
                              'whole workload, fork + exit + wait; fork_*: of the forks alone, '
                              'each up to the first return from it; child_tables_kib: '
                              'what the page tables of a child take',
                   'workloads': workloads, 'skipped': skipped,
                   'wall_time': 'ns, whole workload, fork + exit + wait' if wall == 'KVM' else wall},
                  f, indent=1)
        f.write('\n')
    print(f'{arch}: base {kernels["base"]["kernel"]}, patched {kernels["patched"]["kernel"]}, '
          f'{kernels["base"]["compiler"]}, {qemu}')
    table('fork + exit + wait, per unit', workloads, 'instructions', 'atomics')
    table('fork alone, per unit', workloads, 'fork_instructions', 'fork_atomics')
    small_table('Page tables of a child in KiB', workloads,
                lambda w, v: w[v]['child_tables_kib'], 0)
    if wall == 'KVM':
        small_table('Wall time of fork + exit + wait in ns per unit, median of the runs (KVM)',
                    workloads, lambda w, v: statistics.median(w[v]['wall_ns']) / w['units'], 1)
    else:
        print(f'\nNo wall time: {wall}.')
    for name, reason in skipped.items():
        print(f'Left out: {name}: {reason}.')
    chart(arch, kernels, workloads, f'{out}.svg')


main()
