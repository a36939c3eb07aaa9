/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marker instructions: no-ops that neither compilers nor kernels emit.  The
 * benchmark executes them, and the plugin (count.c) knows them by their bytes.
 */
#ifndef BENCH_MARKERS_H
#define BENCH_MARKERS_H

enum bench_mark {
	BENCH_BEGIN,	/* begin of one repetition */
	BENCH_FORK,
	BENCH_FORKED,	/* in the parent and in the child */
	BENCH_END,	/* end of one repetition */
	BENCH_RECORD,	/* all repetitions of a row are done */
	BENCH_MARKS
};

/* The displacement of nopl disp32(%rax), after the bytes 0f 1f 80. */
#define BENCH_X86(mark)		(0x4b524f00u + (mark))
/* hint #(120 + mark) is not allocated, and so a no-op. */
#define BENCH_ARM64(mark)	(0xd5032f1fu + ((mark) << 5))
/* xoris rN,rN,0 with N = 20 + mark.  Compilers emit ori to load a constant. */
#define BENCH_POWERPC(mark)	(0x6e940000u + ((mark) << 21) + ((mark) << 16))

#if defined(__x86_64__)
#define bench_mark(mark) \
	asm volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0" \
		     : : "i" (BENCH_X86(mark)) : "memory")
#elif defined(__aarch64__)
#define bench_mark(mark) \
	asm volatile(".inst %c0" : : "i" (BENCH_ARM64(mark)) : "memory")
#elif defined(__powerpc64__)
#define bench_mark(mark) \
	asm volatile(".long %c0" : : "i" (BENCH_POWERPC(mark)) : "memory")
#endif

#define bench_begin()	bench_mark(BENCH_BEGIN)
#define bench_fork()	bench_mark(BENCH_FORK)
#define bench_forked()	bench_mark(BENCH_FORKED)
#define bench_end()	bench_mark(BENCH_END)
#define bench_record()	bench_mark(BENCH_RECORD)

#endif
