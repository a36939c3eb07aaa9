// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU TCG plugin: between the markers of markers.h, count the guest's
 * instructions, those of them that are atomic read-modify-writes, and the lines
 * of memory that they use.
 *
 *	-plugin count.so,out=FILE[,lines=on][,profile=on]
 *
 * At each record marker, write one line to FILE, the sums over all begin..end
 * before it: instructions, atomics, both of the forks alone, each from its fork
 * marker to the first forked marker after it, and lines.  With profile=on, a line
 * "ADDRESS COUNT" (hexadecimal, decimal) follows for each address, and then an
 * empty line.  The markers themselves are not counted.
 *
 * Each instruction adds to the counters by itself, so that a translation block
 * which an exception leaves early is counted correctly.  An instruction that
 * faults is counted each time it is tried.
 *
 * A line is 64 bytes of RAM, by physical address, that an instruction reads or
 * writes.  With lines=on, each is counted once between begin and end.  Device
 * memory, fetches of instructions and the CPU's walks of page tables are not
 * counted.  QEMU does not report what arm64's DC ZVA and powerpc's dcbz clear:
 * the lines of a page that they clear are counted even if they are used again.
 */
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "markers.h"

/* From QEMU's qemu-plugin.h, version 1 of the interface. */
typedef uint64_t qemu_plugin_id_t;
typedef struct {
	const char *target_name;
	struct {
		int min;
		int cur;
	} version;
	bool system_emulation;
	struct {
		int smp_vcpus;
		int max_vcpus;
	} system;
} qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
typedef uint32_t qemu_plugin_meminfo_t;
#define QEMU_PLUGIN_CB_NO_REGS		0
#define QEMU_PLUGIN_INLINE_ADD_U64	0
#define QEMU_PLUGIN_MEM_RW		3

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
		void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
		size_t idx);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
		void (*cb)(unsigned int cpu, void *data), int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
		int op, void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
		void (*cb)(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
			   void *data), int flags, int rw, void *data);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info,
		uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *hwaddr);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *hwaddr);

#define LINE_SHIFT	6
#define NR_LINES	(8ULL << (30 - LINE_SHIFT))	/* 8 GiB, more than a guest has */

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

struct isa {
	const char *name;
	uint32_t marks[BENCH_MARKS];
	bool (*atomic)(const uint8_t *insn, size_t size);
	uint32_t clear, clear_mask;	/* the instruction that clears lines */
	uint32_t clear_lines;		/* how many it clears */
};

/* Executed until now, and between begin and end */
struct count {
	uint64_t now, sum;
};

static const struct isa *isa;
static FILE *out;
static GHashTable *profile;	/* address to struct count, or NULL */
static uint64_t *lines;		/* a bitmap of those used, or NULL */

static struct count insns, atomics, fork_insns, fork_atomics;
static uint64_t nr_lines;
static bool begun, forking;

/* begin() subtracts, end() adds: unsigned overflow cancels out. */
static void begin(struct count *count, const struct count *of)
{
	count->sum -= of->now;
}

static void end(struct count *count, const struct count *of)
{
	count->sum += of->now;
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool x86_atomic(const uint8_t *insn, size_t size)
{
	static const uint8_t prefixes[] = "\x26\x2e\x36\x3e\x64\x65\x66\x67\xf2\xf3";

	while (size && (memchr(prefixes, *insn, sizeof(prefixes) - 1) ||
			(*insn & 0xf0) == 0x40)) {
		insn++;
		size--;
	}
	/* LOCK, which may come before REX only, or XCHG with memory */
	return size && (*insn == 0xf0 ||
			((*insn & 0xfe) == 0x86 && size > 1 && insn[1] < 0xc0));
}

static bool arm64_atomic(const uint8_t *insn, size_t size)
{
	uint32_t op = size == 4 ? le32(insn) : 0;

	return (op & 0x3f208c00) == 0x38200000 ||	/* LD<op>, ST<op> */
	       (op & 0x3f20fc00) == 0x38208000 ||	/* SWP */
	       (op & 0x3fa07c00) == 0x08a07c00 ||	/* CAS */
	       (op & 0xbfa07c00) == 0x08207c00 ||	/* CASP */
	       (op & 0x3fe00000) == 0x08000000 ||	/* STXR, STLXR */
	       (op & 0xbfe00000) == 0x88200000;		/* STXP, STLXP */
}

static bool powerpc_atomic(const uint8_t *insn, size_t size)
{
	uint32_t op = size == 4 ? le32(insn) & 0xfc0007ff : 0;

	return op == (31u << 26 | 694 << 1 | 1) ||	/* stbcx. */
	       op == (31u << 26 | 726 << 1 | 1) ||	/* sthcx. */
	       op == (31u << 26 | 150 << 1 | 1) ||	/* stwcx. */
	       op == (31u << 26 | 214 << 1 | 1) ||	/* stdcx. */
	       op == (31u << 26 | 182 << 1 | 1);	/* stqcx. */
}

#define MARKS(word) \
	{ word(BENCH_BEGIN), word(BENCH_FORK), word(BENCH_FORKED), word(BENCH_END), \
	  word(BENCH_RECORD) }

static const struct isa isas[] = {
	{ "x86_64",  MARKS(BENCH_X86),	   x86_atomic },
	/* DC ZVA clears 64 bytes of -cpu max. */
	{ "aarch64", MARKS(BENCH_ARM64),   arm64_atomic, 0xd50b7420, 0xffffffe0, 1 },
	/* Little endian; dcbz clears 128 bytes of POWER9. */
	{ "ppc64",   MARKS(BENCH_POWERPC), powerpc_atomic, 0x7c0007ec, 0xffe007ff, 2 },
};

/* Return: the marker, or BENCH_MARKS if this instruction is none. */
static int find_mark(const uint8_t *insn, size_t size)
{
	int mark = BENCH_MARKS;

	if (size == 7 && !memcmp(insn, "\x0f\x1f\x80", 3))
		insn += 3;
	else if (size != 4)
		return mark;
	for (mark = 0; mark < BENCH_MARKS; mark++)
		if (le32(insn) == isa->marks[mark])
			break;
	return mark;
}

static void each_count(void (*change)(struct count *count, const struct count *of))
{
	GHashTableIter iter;
	struct count *count;

	if (!profile)
		return;
	g_hash_table_iter_init(&iter, profile);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&count))
		change(count, count);
}

static void write_profile(void)
{
	GHashTableIter iter;
	struct count *count;
	uint64_t *addr;

	g_hash_table_iter_init(&iter, profile);
	while (g_hash_table_iter_next(&iter, (void **)&addr, (void **)&count)) {
		if (count->sum)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", *addr, count->sum);
		count->sum = 0;
	}
	fputc('\n', out);
}

static void write_record(void)
{
	fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		insns.sum, atomics.sum, fork_insns.sum, fork_atomics.sum,
		nr_lines);
	insns.sum = atomics.sum = fork_insns.sum = fork_atomics.sum = 0;
	nr_lines = 0;
	if (profile)
		write_profile();
	fflush(out);
}

static void reached(unsigned int cpu, void *mark)
{
	switch (GPOINTER_TO_INT(mark)) {
	case BENCH_BEGIN:
		if (begun)
			break;
		begun = true;
		if (lines)
			memset(lines, 0, NR_LINES / 8);
		each_count(begin);
		begin(&insns, &insns);
		begin(&atomics, &atomics);
		break;
	case BENCH_FORK:
		begin(&fork_insns, &insns);
		begin(&fork_atomics, &atomics);
		forking = true;
		break;
	case BENCH_FORKED:
		if (!forking)
			break;
		forking = false;
		end(&fork_insns, &insns);
		end(&fork_atomics, &atomics);
		break;
	case BENCH_END:
		if (!begun)
			break;
		begun = false;
		each_count(end);
		end(&insns, &insns);
		end(&atomics, &atomics);
		break;
	case BENCH_RECORD:
		write_record();
		break;
	}
}

static void use_line(uint64_t line)
{
	uint64_t bit = 1ULL << line % 64;

	if (line < NR_LINES && !(lines[line / 64] & bit)) {
		lines[line / 64] |= bit;
		nr_lines++;
	}
}

static void accessed(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr,
		     void *data)
{
	struct qemu_plugin_hwaddr *hwaddr;
	uint64_t first, last;

	if (!begun)
		return;
	hwaddr = qemu_plugin_get_hwaddr(info, vaddr);
	if (!hwaddr || qemu_plugin_hwaddr_is_io(hwaddr))
		return;
	first = qemu_plugin_hwaddr_phys_addr(hwaddr);
	last = first + (1U << qemu_plugin_mem_size_shift(info)) - 1;
	use_line(first >> LINE_SHIFT);
	/* The physical address of the next page is not known. */
	if (!((first ^ last) >> 12))
		use_line(last >> LINE_SHIFT);
}

/*
 * Count the lines of a loop that clears a page.  Shorter loops are those of memset(),
 * whose memory is used anyway.
 */
static void cleared(unsigned int cpu, void *data)
{
	static const unsigned int page_lines = 1 << (12 - LINE_SHIFT);
	static unsigned int done;
	static uint64_t last;

	done = (insns.now - last <= 4 ? done : 0) + isa->clear_lines;
	last = insns.now;
	if (begun && done >= page_lines)
		nr_lines += done == page_lines ? page_lines : isa->clear_lines;
}

static struct count *profile_count(uint64_t addr)
{
	struct count *count = g_hash_table_lookup(profile, &addr);

	if (!count) {
		count = g_new0(struct count, 1);
		g_hash_table_insert(profile, g_memdup2(&addr, sizeof(addr)), count);
	}
	return count;
}

static void count_insn(struct qemu_plugin_insn *insn, struct count *count, uint64_t nr)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
						   &count->now, nr);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t nr = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < nr; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *data = qemu_plugin_insn_data(insn);
		size_t size = qemu_plugin_insn_size(insn);
		int mark = find_mark(data, size);

		if (mark != BENCH_MARKS) {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, reached,
				QEMU_PLUGIN_CB_NO_REGS, GINT_TO_POINTER(mark));
			continue;
		}
		count_insn(insn, &insns, 1);
		if (isa->atomic(data, size))
			count_insn(insn, &atomics, 1);
		if (profile)
			count_insn(insn, profile_count(qemu_plugin_insn_vaddr(insn)), 1);
		if (!lines)
			continue;
		qemu_plugin_register_vcpu_mem_cb(insn, accessed, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, NULL);
		if (size == 4 && isa->clear &&
		    (le32(data) & isa->clear_mask) == isa->clear)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, cleared,
				QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
			       int argc, char **argv)
{
	for (size_t i = 0; i < G_N_ELEMENTS(isas); i++)
		if (!strcmp(info->target_name, isas[i].name))
			isa = &isas[i];
	if (!isa || !info->system_emulation || info->system.smp_vcpus != 1) {
		fprintf(stderr, "count: wants one CPU of x86_64, aarch64 or ppc64\n");
		return -1;
	}
	for (int i = 0; i < argc; i++) {
		if (g_str_has_prefix(argv[i], "out="))
			out = fopen(argv[i] + 4, "w");
		else if (!strcmp(argv[i], "lines=on"))
			lines = g_malloc(NR_LINES / 8);
		else if (!strcmp(argv[i], "profile=on"))
			profile = g_hash_table_new(g_int64_hash, g_int64_equal);
	}
	if (!out) {
		fprintf(stderr, "count: no out=FILE that can be written\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
