// SPDX-License-Identifier: GPL-2.0
/*
 * Print what userspace sees of random sequences of memory management calls.
 *
 * This program has no verdict of its own: a seed passes when its sequence has ended.
 * The verdict comes from a comparison of its output on two kernels, one of which is the
 * oracle for the other: for the same seed and on the same machine, two kernels that
 * behave the same print the same lines that begin with "~".  Apart from how much is
 * dirty, these lines have nothing that may differ without harm: no pfn, no time, no young
 * bit, no size of page tables.
 *
 * A seed has up to MAX_PROCS processes, and begins with one.  In each step one of them
 * makes one call, on the arena, which lies across the ends of page tables of all levels.
 * The seed and the number of the step alone determine the call and its arguments, except
 * that a range is relative to one of the VMAs that the process has then, and that the
 * first calls are mmap().  So steps can be left out of a sequence.
 *
 * Each step prints a line with the call, its result, and hashes of what is seen of all
 * processes:
 *   contents	of the pages that are present, at every fourth step
 *   pages	pagemap, mapcounts, page flags, and which pages are the same page
 *   smaps	of the VMAs in the arena, without what is about accessed or dirty
 *   rss	the counters of status
 *   memcg	memory.stat of two memory cgroups, between which processes move with their
 *		charges
 *   dirty	the rest of smaps except accessed, and how much is dirty, which may be
 *		more on a kernel that maps contiguous entries
 * Two more lines follow at the end: hashes of all contents, and what is still in use.
 *
 * The program does the seeds 1 to NR_SEEDS, or those of seeds=FIRST-LAST in the
 * environment.  With oracle=serve in the environment it reads lines of numbers from
 * stdin instead: a seed, the number of its steps, 1 to print all that is seen after the
 * last step and not only hashes, and the steps to leave out.
 *
 * Needs root, tmpfs and ramfs.  Without /dev/ram0 to swap to, THPs, debugfs, io_uring,
 * userfaultfd, soft-dirty bits or memory cgroups of version 1, the calls that need these
 * fail or have no effect, and the output shows that.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_util.h"

#define NR_SEEDS	10
#define NR_STEPS	100
#define NR_MMAPS	5	/* first steps, each an mmap() of a unit */
#define MAX_STEPS	500
#define MAX_PROCS	4
#define PATIENCE	60000	/* for an answer, in ms */
#define UNITS		6	/* of the arena, see @unit */
#define MAX_PAGES	(UNITS * 2048)
#define MAX_VMAS	256
/* Where tables of all levels end, as far as this architecture has the level */
#define MIDDLE		((uintptr_t)1 << (sizeof(long) == 8 ? 40 : 30))

static size_t ps;	/* page size, in bytes */
static size_t unit;	/* pages of a THP, or 512 if there is none to test */
static char *arena;
static size_t nr_pages;	/* of the arena */
static bool have_swap, have_memcgs;

enum op {
	MMAP, MUNMAP, MPROTECT, MREMAP, MADVISE, MLOCK, MUNLOCK, WRITE, READ,
	FORK, EXIT, CLEAR_REFS, UFFD_WP, TRUNCATE, SPLIT, PIN, UNPIN, MIGRATE,
	LOOK, UNPROTECT,	/* not drawn as steps */
	NR_OPS
};

static const struct {
	const char *name;
	int weight;
} ops[NR_OPS] = {
	[MMAP] = { "mmap", 7 },
	[MUNMAP] = { "munmap", 4 },
	[MPROTECT] = { "mprotect", 8 },
	[MREMAP] = { "mremap", 7 },
	[MADVISE] = { "madvise", 18 },
	[MLOCK] = { "mlock2", 3 },
	[MUNLOCK] = { "munlock", 2 },
	[WRITE] = { "write", 18 },
	[READ] = { "read", 8 },
	[FORK] = { "fork", 12 },
	[EXIT] = { "exit", 5 },
	[CLEAR_REFS] = { "clear_refs", 6 },
	[UFFD_WP] = { "uffd-wp", 4 },
	[TRUNCATE] = { "truncate", 2 },
	[SPLIT] = { "split", 3 },
	[PIN] = { "pin", 3 },
	[UNPIN] = { "unpin", 1 },
	[MIGRATE] = { "migrate", 4 },
};

static const int advices[] = {
	MADV_HUGEPAGE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTNEED,
	MADV_DONTNEED, MADV_FREE, MADV_COLD, MADV_PAGEOUT, MADV_PAGEOUT,
	MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_DONTFORK, MADV_DOFORK,
	MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_COLLAPSE, MADV_REMOVE,
};

/* What mmap() maps, private or shared */
enum { ANON, SHMEM, RAMFS, NR_KINDS };

static int files[NR_KINDS];

/* Counts of /proc/vmstat that must be as before when all processes have ended */
static const char * const counted[] = {
	"nr_anon_pages", "nr_mapped", "nr_shmem", "nr_mlock", "nr_page_table_pages",
};

#define NR_COUNTED	ARRAY_SIZE(counted)


/* One step; page numbers count from the start of the arena */
struct call {
	enum op op;
	int slot;		/* the process that makes the call */
	size_t page, nr;
	size_t to, to_nr;	/* mremap: the new range; mmap: the offset */
	int how;		/* flags, protection or advice, as the call has it, or the memcg */
	int more;		/* mmap: what to map; truncate: the file; touch: the stride */
	bool huge;		/* mmap: MADV_HUGEPAGE follows */
	int populate;		/* mmap: the advice that follows, or 0 */
	uint32_t value;		/* write: the value */
};

struct answer {
	long ret;		/* what the call returned, or -errno */
	uint64_t hash;
};

struct proc {
	pid_t pid;
	size_t nr_vmas;
	struct { size_t page, nr; } vma[MAX_VMAS];
};

static struct proc procs[MAX_PROCS];
static int commands[MAX_PROCS][2], answers[2];

/* Hashes */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

static uint64_t rng;

static uint32_t draw(uint32_t below)
{
	rng += 0x9e3779b97f4a7c15;
	return (mix(mix(1, rng), rng >> 17) >> 20) % below;
}

/* What a process does */

static sigjmp_buf fault;
static int uffd = -1, ring = -1;

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

static char *at(size_t page)
{
	return arena + page * ps;
}

/* Return: a hash of the page's contents, or the signal if it can't be read. */
static uint64_t read_page(size_t page)
{
	volatile uint64_t *word = (void *)at(page);
	uint64_t signal = sigsetjmp(fault, 0);

	return signal ?: mix(mix(0, word[0]), word[ps / 8 - 1]);
}

static int write_page(size_t page, uint32_t value)
{
	volatile uint64_t *word = (void *)at(page);
	int signal = sigsetjmp(fault, 0);

	if (!signal) {
		word[0] = (uint64_t)value << 32 | page;
		word[ps / 8 - 1] = (uint64_t)page << 32 | value;
	}
	return signal;
}

/* Hash the contents of the pages that are present: reading others would map them. */
static uint64_t contents(void)
{
	static uint64_t entry[MAX_PAGES];
	uint64_t hash = 0;

	mm_pagemap(getpid(), arena, nr_pages, entry);
	for (size_t i = 0; i < nr_pages; i++)
		if (entry[i] & PM_PRESENT)
			hash = mix(hash, mix(i, read_page(i)));
	return hash;
}

static long do_uffd(const struct call *c)
{
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)at(c->page), c->nr * ps },
		.mode = c->how ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};
	struct uffdio_register reg = {
		.range = wp.range, .mode = UFFDIO_REGISTER_MODE_WP,
	};

	/* A write to a write-protected page has to end in a signal: no thread resolves it. */
	if (uffd < 0)
		uffd = mm_open_uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_SIGBUS |
				    UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
	if (uffd < 0)
		return -1;
	return ioctl(uffd, UFFDIO_REGISTER, &reg) ?:
	       ioctl(uffd, UFFDIO_WRITEPROTECT, &wp);
}

static long do_pin(const struct call *c)
{
	struct iovec range = { at(c->page), c->nr * ps };

	if (ring < 0)
		ring = mm_open_ring();
	mm_unpin(ring);	/* An io_uring has one set of buffers. */
	return mm_pin(ring, &range, 1);
}

static void close_all(void)
{
	close(uffd);
	close(ring);
	uffd = -1;
	ring = -1;
}

static long touch(const struct call *c, uint64_t *hash)
{
	long faults = 0;

	for (size_t i = c->page; i < c->page + c->nr; i += c->more) {
		if (c->op == READ)
			*hash = mix(*hash, read_page(i));
		else
			faults += !!write_page(i, c->value);
	}
	return faults;
}

static long do_mmap(const struct call *c)
{
	int fd = files[c->more], flags = MAP_FIXED | c->how >> 3;
	char *addr = at(c->page);

	if (fd < 0)
		flags |= MAP_ANONYMOUS;
	if (mmap(addr, c->nr * ps, c->how & 7, flags, fd, c->to * ps) != addr)
		return -1;
	if (c->huge)
		madvise(addr, c->nr * ps, MADV_HUGEPAGE);
	return c->populate ? madvise(addr, c->nr * ps, c->populate) : 0;
}

static long do_call(const struct call *c, uint64_t *hash)
{
	struct clone_args sibling = { .flags = CLONE_PARENT };
	char *addr = at(c->page);
	size_t len = c->nr * ps;

	switch (c->op) {
	case MMAP:
		return do_mmap(c);
	case MUNMAP:
		return munmap(addr, len);
	case MPROTECT:
		return mprotect(addr, len, c->how);
	case MREMAP:
		return mremap(addr, len, c->to_nr * ps, c->how,
			      at(c->to)) == MAP_FAILED ? -1 : 0;
	case MADVISE:
		return madvise(addr, len, c->how);
	case MLOCK:
		return syscall(__NR_mlock2, addr, len, c->how);
	case MUNLOCK:
		return munlock(addr, len);
	case WRITE:
	case READ:
		return touch(c, hash);
	case FORK:
		return syscall(__NR_clone3, &sibling, sizeof(sibling));
	case CLEAR_REFS:
		return mm_write_file("/proc/self/clear_refs", "4");
	case UFFD_WP:
		return do_uffd(c);
	case TRUNCATE:
		return ftruncate(files[c->more], c->page * ps) ?:
		       c->how ? ftruncate(files[c->more], nr_pages * ps) : 0;
	case SPLIT:
		return mm_split_thps(addr, len);
	case PIN:
		return do_pin(c);
	case UNPIN:
		return mm_unpin(ring);
	case LOOK:
		*hash = c->how ? contents() : 0;
		mm_sync_rss();
		return 0;
	case UNPROTECT:
		for (size_t page = 0; page < nr_pages; page++)
			mprotect(at(page), ps, PROT_READ | PROT_WRITE);
		return 0;
	case EXIT:
		mm_unpin(ring);
		return 0;
	case MIGRATE:
		return have_memcgs ? mm_move_to_memcg(getpid(), c->how, 1) : 0;
	case NR_OPS:
		break;
	}
	return 0;
}

/*
 * Make the child's page tables the same on all kernels.  If a page table of the parent is
 * empty, the child may have one or not, and can get a huge page there only without one.
 * So give the child a page table, through a VMA of one page.
 */
static void have_tables(void)
{
	static uint64_t entry[MAX_PAGES];
	size_t page, i;
	bool done;

	mm_pagemap(getpid(), arena, nr_pages, entry);
	for (page = 0; page < nr_pages; page += unit) {
		for (i = page; i < page + unit && !(entry[i] & ~PM_SOFT_DIRTY); i++)
			;
		done = i < page + unit;
		for (i = page; !done && i < page + unit; i++) {
			if (madvise(at(i), ps, MADV_DONTFORK))
				continue;
			done = !madvise(at(i), ps, MADV_POPULATE_READ);
			madvise(at(i), ps, MADV_DONTNEED);
			madvise(at(i), ps, MADV_DOFORK);
		}
	}
}

__attribute__((noreturn))
static void proc_main(int slot)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct answer answer;
	struct call c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	close_all();
	while (read(commands[slot][0], &c, sizeof(c)) == sizeof(c)) {
		answer.hash = 0;
		answer.ret = do_call(&c, &answer.hash);
		if (answer.ret < 0)
			answer.ret = -errno;
		if (c.op == FORK && !answer.ret) {
			slot = c.how;
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close_all();
			have_tables();
			answer.ret = getpid();
		} else if (c.op == FORK && answer.ret > 0) {
			continue;	/* the child answers */
		}
		if (write(answers[1], &answer, sizeof(answer)) != sizeof(answer))
			break;
		if (c.op == EXIT)
			break;
	}
	_exit(0);
}

/* What the main process reads of the others */

static struct answer ask(const struct call *c)
{
	struct pollfd answered = { .fd = answers[0], .events = POLLIN };
	struct answer answer;

	if (write(commands[c->slot][1], c, sizeof(*c)) != sizeof(*c) ||
	    poll(&answered, 1, PATIENCE) != 1 ||
	    read(answers[0], &answer, sizeof(answer)) != sizeof(answer))
		mm_die("process %d does not answer", c->slot);
	return answer;
}

/* Hashes, see the top of this file, and how much is dirty according to smaps */
struct view {
	uint64_t contents, pages, smaps, rss, memcg, dirty;
	unsigned long dirty_kb;
};

/* Return: a name that a page has wherever it is mapped, instead of its pfn. */
static uint32_t name_of(uint64_t pfn, bool reset)
{
	static struct { uint64_t pfn; uint32_t name; } table[1 << 16];
	static uint32_t nr;
	size_t i;

	if (reset) {
		memset(table, 0, sizeof(table));
		nr = 0;
		return 0;
	}
	for (i = mix(0, pfn) >> 48; table[i].name; i = (i + 1) % ARRAY_SIZE(table))
		if (table[i].pfn == pfn)
			return table[i].name;
	table[i].pfn = pfn;
	return table[i].name = ++nr;
}

#define SEEN_IN_PAGEMAP	(PM_SOFT_DIRTY | PM_MMAP_EXCLUSIVE | PM_UFFD_WP | \
			 PM_FILE | PM_SWAP | PM_PRESENT)
/* mm_sync_rss() drains the lists of this CPU, so that these flags are up to date. */
#define SEEN_OF_FLAGS	(KPF_LRU | KPF_UNEVICTABLE | KPF_MLOCKED | KPF_DIRTY | \
			 KPF_MMAP | KPF_ANON | KPF_SWAPBACKED | KPF_COMPOUND_HEAD | \
			 KPF_COMPOUND_TAIL | KPF_THP | KPF_ZERO_PAGE | KPF_ANON_EXCLUSIVE)

static void look_at_pages(int slot, struct view *v, bool print)
{
	static uint64_t entry[MAX_PAGES], count[MAX_PAGES], flags[MAX_PAGES];

	mm_pagemap(procs[slot].pid, arena, nr_pages, entry);
	mm_kpagecount(entry, nr_pages, count);
	mm_kpageflags(entry, nr_pages, flags);
	for (size_t i = 0; i < nr_pages; i++) {
		uint64_t bits = entry[i] & SEEN_IN_PAGEMAP;
		uint32_t name = 0;

		/* A swap entry has its type here; its offset gets a name, like a pfn. */
		if (entry[i] & PM_SWAP)
			bits |= entry[i] & 31;
		if (entry[i] & (PM_PRESENT | PM_SWAP))
			name = name_of(entry[i] & (PM_PFN | PM_SWAP), false);
		if (!(bits & ~PM_SOFT_DIRTY))
			continue;
		flags[i] &= SEEN_OF_FLAGS;
		v->pages = mix(mix(mix(mix(mix(v->pages, i), bits), count[i]), flags[i]), name);
		if (print)
			printf("~ process %d page %zu: #%u pagemap %llx flags %llx mapcount %llu\n",
			       slot, i, name, (unsigned long long)bits,
			       (unsigned long long)flags[i], (unsigned long long)count[i]);
	}
}

/*
 * Take a line of smaps that distinguishes clean from dirty into @dirty.  With contiguous
 * entries the MMU may make a block dirty as a whole, so that more can be dirty.  Return:
 * false if the line is another one.
 */
static bool look_at_dirty(const char *line, struct view *v, unsigned long *shared)
{
	static const char * const names[] = {
		"Shared_Clean:", "Shared_Dirty:", "Private_Clean:", "Private_Dirty:",
		"Pss_Dirty:", "LazyFree:",
	};
	unsigned long kb;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(line, names[i], strlen(names[i])))
			break;
	if (i == ARRAY_SIZE(names) || sscanf(line, "%*s %lu", &kb) != 1)
		return false;
	v->dirty = mix(v->dirty, kb);
	if (i == 1 || i == 3)
		v->dirty_kb += kb;
	/* The private pages are the rest of Rss. */
	if (i == 0)
		*shared = kb;
	if (i == 1)
		v->smaps = mix(v->smaps, *shared + kb);
	return true;
}

static void look_at_vmas(int slot, struct view *v, bool print)
{
	struct proc *p = &procs[slot];
	unsigned long start, end, shared = 0;
	bool inside = false;
	char *line;

	p->nr_vmas = 0;
	line = mm_read_proc(p->pid, "smaps");
	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
		if (*line < 'A' || *line > 'Z') {
			char *tail = line;

			if (sscanf(line, "%lx-%lx", &start, &end) != 2)
				mm_die("smaps: %s", line);
			inside = start >= (uintptr_t)arena &&
				 start < (uintptr_t)at(nr_pages);
			if (inside && p->nr_vmas < MAX_VMAS) {
				p->vma[p->nr_vmas].page = (start - (uintptr_t)arena) / ps;
				p->vma[p->nr_vmas++].nr = (end - start) / ps;
			}
			/* The device, inode and name of the file differ each time. */
			for (int i = 0; i < 3; i++)
				tail += strcspn(tail, " ") + 1;
			tail[-1] = 0;
		}
		if (!inside || !strncmp(line, "Referenced:", 11))
			continue;
		if (!look_at_dirty(line, v, &shared))
			for (char *c = line; *c; c++)
				v->smaps = mix(v->smaps, *c);
		if (print && !strstr(line, "   0 kB"))
			printf("~ process %d %s\n", slot, line);
	}
}

static void look_at_rss(int slot, struct view *v, bool print)
{
	struct mm_status s;

	mm_status(procs[slot].pid, &s);
	v->rss = mix(mix(mix(mix(mix(v->rss, s.anon), s.file), s.shmem), s.swap), s.locked);
	if (print)
		printf("~ process %d anon %lu file %lu shmem %lu swap %lu locked %lu\n",
		       slot, s.anon, s.file, s.shmem, s.swap, s.locked);
}

static void look_at_memcgs(struct view *v, bool print)
{
	long count[MM_NR_MEMCG_STATS];

	for (int memcg = 0; memcg < 2; memcg++) {
		mm_memcg_stat(memcg, count);
		for (size_t i = 0; i < MM_NR_MEMCG_STATS; i++) {
			v->memcg = mix(v->memcg, count[i]);
			if (print)
				printf("~ memcg %d %s %ld\n", memcg, mm_memcg_stat_name[i],
				       count[i]);
		}
	}
}

/* Reading the contents makes pages young, so this is not done after each step. */
static struct view look(bool contents, bool print)
{
	struct view v = { };

	name_of(0, true);
	for (int i = 0; i < MAX_PROCS; i++) {
		struct call c = { .op = LOOK, .slot = i, .how = contents };

		if (!procs[i].pid)
			continue;
		v.contents = mix(v.contents, ask(&c).hash);
		look_at_rss(i, &v, print);
		look_at_vmas(i, &v, print);
		look_at_pages(i, &v, print);
	}
	if (have_memcgs)
		look_at_memcgs(&v, print);
	return v;
}

/* Drawing a step */

/* Draw a range of the arena: a unit, some pages, or pages across the end of a unit. */
static void draw_range(size_t *page, size_t *nr)
{
	*page = draw(nr_pages);
	switch (draw(6)) {
	case 0:
		*nr = 1 + draw(16);
		break;
	case 1:
		*nr = 1 + draw(2 * unit);
		break;
	case 2:
		*page -= *page % unit;
		*page += unit - 1 - draw(unit < 8 ? unit : 8);
		*nr = 1 + draw(unit);
		break;
	default:
		*page -= *page % unit;
		*nr = unit;
	}
	if (*nr > nr_pages - *page)
		*nr = nr_pages - *page;
}

/* Draw a range in or around a VMA, if there is one. */
static void draw_target(const struct proc *p, bool touch, size_t *page, size_t *nr)
{
	size_t i = draw(1 << 16), start, len;

	draw_range(page, nr);
	if (!p->nr_vmas || !draw(8))
		return;
	start = p->vma[i % p->nr_vmas].page;
	len = p->vma[i % p->nr_vmas].nr;
	switch (touch ? draw(3) : draw(5)) {
	case 0:			/* all of it */
		*page = start;
		*nr = len;
		break;
	case 1:			/* as much of the range as lies in it */
		*page = start + *page % len;
		if (*nr > start + len - *page)
			*nr = start + len - *page;
		break;
	default:		/* some pages, so that most of it is left */
		*page = start + *page % len;
		*nr = 1 + *nr % (draw(2) ? 8 : 64);
		if (*nr > nr_pages - *page)
			*nr = nr_pages - *page;
	}
}

static enum op draw_op(void)
{
	int sum = 0, pick;
	size_t op;

	for (op = 0; op < NR_OPS; op++)
		sum += ops[op].weight;
	pick = draw(sum);
	for (op = 0; pick >= ops[op].weight; op++)
		pick -= ops[op].weight;
	return op;
}

static int draw_prot(void)
{
	static const int prots[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE
	};

	return prots[draw(4)];
}

static void draw_mmap(struct call *c, bool first)
{
	static const int populate[] = {
		0, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_POPULATE_WRITE
	};

	c->more = draw(2) ? ANON : draw(NR_KINDS);
	c->huge = draw(4);
	c->populate = populate[draw(4)];
	c->how = (draw(4) ? PROT_READ | PROT_WRITE : draw_prot()) |
		 (draw(3) ? MAP_PRIVATE : MAP_SHARED) << 3;
	draw_range(&c->page, &c->nr);
	if (first) {
		c->page -= c->page % unit;
		c->nr = unit;
	}
	/* With the offset in the file equal to that in the arena, it can be a THP. */
	c->to = draw(3) ? c->page : draw(nr_pages - c->nr + 1);
}

static void draw_mremap(struct call *c)
{
	size_t room;

	c->to_nr = draw(3) ? c->nr : 1 + draw(2 * unit);
	c->to = draw(nr_pages);
	if (draw(2))		/* so that whole tables can move */
		c->to += c->page % unit - c->to % unit;
	c->to %= nr_pages;
	room = nr_pages - c->to;
	if (c->to_nr > room)
		c->to_nr = room;
	c->how = MREMAP_MAYMOVE | MREMAP_FIXED;
	if (!draw(3) && c->to_nr == c->nr)
		c->how |= MREMAP_DONTUNMAP;
}

static struct call draw_call(uint64_t seed, size_t step)
{
	static const int strides[] = { 1, 1, 1, 2, 7, 61 };
	struct call c = { };
	int live[MAX_PROCS], nr_live = 0;

	rng = mix(mix(0, seed), step);
	for (int i = 0; i < MAX_PROCS; i++)
		if (procs[i].pid)
			live[nr_live++] = i;
	c.slot = live[draw(1 << 16) % nr_live];
	c.op = draw_op();
	c.value = seed << 16 | step;
	if (step <= NR_MMAPS || !procs[c.slot].nr_vmas)
		c.op = MMAP;
	if (c.op == FORK && nr_live == MAX_PROCS)
		c.op = EXIT;
	if (c.op == EXIT && nr_live == 1)
		c.op = READ;
	draw_target(&procs[c.slot], c.op == WRITE || c.op == READ, &c.page, &c.nr);
	c.how = draw(1 << 16);
	switch (c.op) {
	case MMAP:
		draw_mmap(&c, step <= NR_MMAPS);
		break;
	case MPROTECT:
		c.how = draw_prot();
		break;
	case MREMAP:
		draw_mremap(&c);
		break;
	case MADVISE:
		c.how = advices[draw(ARRAY_SIZE(advices))];
		break;
	case MLOCK:
		c.how %= 2;	/* MLOCK_ONFAULT */
		break;
	case WRITE:
	case READ:
		c.more = strides[draw(ARRAY_SIZE(strides))];
		break;
	case FORK:
		for (c.how = 0; procs[c.how].pid; c.how++)
			;
		break;
	case UFFD_WP:
	case TRUNCATE:
		c.how = !!(c.how % 4);
		c.more = 1 + draw(NR_KINDS - 1);
		break;
	case PIN:
		if (c.nr > 8)
			c.nr = 8;
		break;
	case MIGRATE:
		c.how %= 2;
		break;
	default:
		c.how = 0;
	}
	return c;
}

/* Running a seed */

static void print_step(uint64_t seed, size_t step, const struct call *c,
		       const struct answer *a, const struct view *v)
{
	long ret = c->op == FORK && a->ret > 0 ? 0 : a->ret;

	printf("~ %llu %zu: %d %s %zu+%zu to %zu+%zu %#x %d = %ld %08x ",
	       (unsigned long long)seed, step, c->slot, ops[c->op].name, c->page,
	       c->nr, c->to, c->to_nr, c->how, c->more, ret, (uint32_t)a->hash);
	printf("contents %08x pages %08x smaps %08x rss %08x memcg %08x dirty %08x %lu kB\n",
	       (uint32_t)v->contents, (uint32_t)v->pages, (uint32_t)v->smaps,
	       (uint32_t)v->rss, (uint32_t)v->memcg, (uint32_t)v->dirty, v->dirty_kb);
}

static void end_proc(int slot)
{
	struct call c = { .op = EXIT, .slot = slot };
	int status;

	ask(&c);
	if (waitpid(procs[slot].pid, &status, 0) != procs[slot].pid || status)
		mm_die("process %d: wait status %#x", slot, status);
	procs[slot].pid = 0;
}

static void do_step(struct call *c, struct answer *a)
{
	if (c->op == EXIT) {
		end_proc(c->slot);
		return;
	}
	*a = ask(c);
	if (c->op == FORK && a->ret > 0) {
		procs[c->how] = procs[c->slot];
		procs[c->how].pid = a->ret;
	}
}

static void start(void)
{
	static char text[1 << 16] __attribute__((aligned(8)));
	struct call ready = { .op = LOOK };

	files[ANON] = -1;
	files[SHMEM] = mm_temp_file("tmpfs", mm_pmd_thp_size() ? "huge=advise" : "");
	files[RAMFS] = mm_temp_file("ramfs", "");
	for (int i = SHMEM; i < NR_KINDS; i++) {
		if (files[i] < 0 || ftruncate(files[i], nr_pages * ps))
			mm_die("a file of tmpfs or ramfs");
		/* The file has pages in every other unit, and holes in the rest. */
		for (size_t page = 0; page < nr_pages; page++) {
			uint64_t *word = (uint64_t *)text;

			if ((page / unit + i) % 2)
				continue;
			word[0] = page << 8 | i;
			word[ps / 8 - 1] = page << 8 | i;
			if (pwrite(files[i], text, ps, page * ps) != (ssize_t)ps)
				mm_die("pwrite");
		}
	}
	/*
	 * After fork(), parent and child write to the same pages.  Who is first gets a copy,
	 * the other keeps the page.  So charge both to the same memory cgroup, as is the case
	 * when process 0 forks.
	 */
	if (have_memcgs && mm_move_to_memcg(getpid(), 0, 1))
		mm_die("a memory cgroup");
	procs[0].pid = mm_fork();
	if (!procs[0].pid)
		proc_main(0);
	procs[0].nr_vmas = 0;
	ask(&ready);
	if (have_memcgs && mm_move_to_memcg(getpid(), MM_ROOT_MEMCG, 1))
		mm_die("the root memory cgroup");
}

/* Print hashes of all contents, also of what was not present or not readable before. */
static void print_end(uint64_t seed)
{
	printf("~ %llu contents", (unsigned long long)seed);
	for (int i = 0; i < MAX_PROCS; i++) {
		struct call c = { .op = READ, .slot = i, .nr = nr_pages, .more = 1 };

		if (!procs[i].pid)
			continue;
		printf(" %08x", (uint32_t)ask(&c).hash);
		c.op = UNPROTECT;
		ask(&c);
		c.op = READ;
		printf(" %08x", (uint32_t)ask(&c).hash);
	}
	printf("\n");
}

/* Print what is still in use when all processes have ended, and lost swap entries. */
static void print_left(uint64_t seed, const long *before)
{
	bool unmapped = !have_memcgs || mm_memcgs_are_unmapped();
	long left[NR_COUNTED];

	for (int tries = 0; tries < 50; tries++) {
		mm_vmstat(counted, NR_COUNTED, left);
		if (!memcmp(left, before, sizeof(left)))
			break;
		usleep(20000);
	}
	printf("~ %llu left", (unsigned long long)seed);
	for (size_t i = 0; i < NR_COUNTED; i++)
		printf(" %s %ld", counted[i], left[i] - before[i]);
	printf(" memcg %s", unmapped ? "unmapped" : "mapped");
	printf(" swap %d\n", have_swap ? mm_swapoff() : 0);
	have_swap = have_swap && !mm_swapon();
}

static void run_seed(uint64_t seed, size_t nr_steps, const bool *skip, bool show)
{
	long before[NR_COUNTED];
	struct view v = { };

	mm_vmstat(counted, NR_COUNTED, before);
	start();
	for (size_t step = 1; step <= nr_steps; step++) {
		struct answer a = { };
		struct call c;

		if (skip && skip[step])
			continue;
		c = draw_call(seed, step);
		do_step(&c, &a);
		v = look(step % 4 == 0, false);
		print_step(seed, step, &c, &a, &v);
	}
	if (show)
		look(true, true);
	print_end(seed);
	for (int i = 0; i < MAX_PROCS; i++)
		if (procs[i].pid)
			end_proc(i);
	close(files[SHMEM]);
	close(files[RAMFS]);
	print_left(seed, before);
}

static void serve(void)
{
	struct termios tio;
	char line[8 * MAX_STEPS];

	/* The terminal must not echo the input. */
	if (!tcgetattr(0, &tio)) {
		tio.c_lflag &= ~ECHO;
		tcsetattr(0, TCSANOW, &tio);
	}
	printf("~ ready\n");
	while (fgets(line, sizeof(line), stdin)) {
		bool skip[MAX_STEPS + 1] = { };
		uint64_t seed, steps, show, step;
		char *s = line;

		seed = strtoull(s, &s, 10);
		steps = strtoull(s, &s, 10);
		show = strtoull(s, &s, 10);
		while ((step = strtoull(s, &s, 10)))
			skip[step <= MAX_STEPS ? step : 0] = true;
		if (!steps || steps > MAX_STEPS)
			ksft_exit_fail_msg("no such sequence: %s", line);
		run_seed(seed, steps, skip, show);
		printf("~ end %llu\n", (unsigned long long)seed);
	}
}

/* Let nothing else change what is seen: no THP is collapsed, no page is read ahead. */
static void be_deterministic(void)
{
	long count[NR_COUNTED];

	mm_stay_on_one_cpu();
	mm_set("/proc/sys/vm/page-cluster", "0");
	mm_set("/proc/sys/vm/overcommit_memory", "1");
	mm_set(MM_THP "/shmem_enabled", "advise");
	mm_stop_khugepaged();
	have_swap = !mm_swapon();
	if (!have_swap)
		printf("# no %s: MADV_PAGEOUT has no effect\n", MM_SWAP_DEVICE);
	have_memcgs = !mm_make_memcgs();
	if (!have_memcgs)
		printf("~ no memory cgroups: %s\n", strerror(errno));
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	/* What ended before may free its page tables only now. */
	mm_settled_vmstat(counted, NR_COUNTED, count);
}

static void restore(void)
{
	mm_restore_settings();
	mm_start_khugepaged();
	if (have_memcgs)
		mm_remove_memcgs();
	if (have_swap)
		mm_swapoff();
}

int main(int argc, char **argv)
{
	char *seeds = getenv("seeds"), *mode = getenv("oracle");
	uint64_t first = 1, last = NR_SEEDS;

	/* The number of page tables and of pages depends on where the stack is. */
	if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) {
		personality(ADDR_NO_RANDOMIZE);
		execv("/proc/self/exe", argv);
	}
	mm_begin();
	ps = getpagesize();
	unit = mm_pmd_thp_size() / ps;
	if (!unit || unit > MAX_PAGES / UNITS)
		unit = 512;
	nr_pages = UNITS * unit;
	arena = (char *)MIDDLE - nr_pages / 2 * ps;
	be_deterministic();
	if (pipe(answers))
		mm_die("pipe");
	for (int i = 0; i < MAX_PROCS; i++)
		if (pipe(commands[i]))
			mm_die("pipe");

	if (mode && !strcmp(mode, "serve")) {
		serve();
		restore();
		ksft_exit_pass();
	}
	if (seeds && sscanf(seeds, "%llu-%llu", (unsigned long long *)&first,
			    (unsigned long long *)&last) != 2)
		ksft_exit_fail_msg("seeds=%s is not FIRST-LAST\n", seeds);
	ksft_set_plan(last - first + 1);
	for (uint64_t seed = first; seed <= last; seed++) {
		run_seed(seed, NR_STEPS, NULL, false);
		ksft_test_result_pass("seed %llu\n", (unsigned long long)seed);
	}
	restore();
	ksft_finished();
}
