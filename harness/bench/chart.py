# SPDX-License-Identifier: GPL-2.0
"""Draw the ratios of all rows as bars, with gnuplot."""

import subprocess

from results import SHOWN, number

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
