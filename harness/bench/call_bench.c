// SPDX-License-Identifier: GPL-2.0
/*
 * Faults, and calls that walk page tables, each on memory of several kinds.
 * A row is named CALL-KIND, or CALL where the kind has no name.
 */
#include <signal.h>
#include <sys/swap.h>
#include <sys/uio.h>

#include "bench.h"

static int memory_flags;	/* MAP_SHARED or MAP_PRIVATE, for mapping it again */
static char *spare;		/* the target of the next mremap() */
static pid_t holder;		/* a child that shares all pages, or 0 */

static void done(const char *what, int failed)
{
	if (failed) {
		printf("# %s: %s: %s\n", name, what, strerror(errno));
		exit(1);
	}
}

/* Kinds of memory */

static long one_a_table(void)
{
	return sparse(512, pmd);
}

/* Adjacent pages are not those of adjacent addresses, and every other one is clean and old. */
static long mixed(void)
{
	long nr = anon();

	done("madvise", madvise(memory, length, MADV_DONTNEED));
	for (size_t first = 0; first < 7 * page; first += page)
		write_each(memory + first, length - first, 7 * page);
	for (size_t i = 0; i < length; i += 2 * page)
		done("madvise", madvise(memory + i, page, MADV_FREE));
	return nr;
}

static void share(int fd)
{
	memory_fd = fd;
	memory_flags = MAP_SHARED;
	if (mmap(memory, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) != memory)
		skip("mmap: %s", strerror(errno));
	madvise(memory, length, MADV_NOHUGEPAGE);
	write_each(memory, length, step);
}

static long shared(void)
{
	long nr = anon();

	share(memory_file(size, 0));
	return nr;
}

/* The pages of a block device are written back, unlike those of a memfd. */
static long device(void)
{
	long nr = anon();
	int fd = open("/dev/ram1", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		skip("the kernel has no block device; CONFIG=swap has");
	share(fd);
	return nr;
}

enum kind {
	SMALL	 = 1 << 0,
	THP	 = 1 << 1,
	SHARED	 = 1 << 2,
	ONE	 = 1 << 3,
	FILE_4K	 = 1 << 4,
	FILE_THP = 1 << 5,
	THP_PMD	 = 1 << 6,
	DEVICE	 = 1 << 7,
	SWAPPED	 = 1 << 8,
	SWAP_ONE = 1 << 9,
	MIXED	 = 1 << 10,
	ALL	 = SMALL | THP | SHARED | ONE,
};

static const struct {
	const char *name;
	const char *unit;
	long (*setup)(void);
} kinds[] = {
	{ "-4k",	"page",	anon },
	{ "-thp",	"page",	thp_pte },
	{ "-shared",	"page",	shared },
	{ "-one",	"page",	one_a_table },	/* one page in each table */
	{ "-file",	"page",	file },		/* private, in memory */
	{ "-file-thp",	"page",	shmem_thp },	/* the same, by PTEs */
	{ "",		"PMD",	thp_pmd },
	{ "-device",	"page",	device },
	{ "-swap",	"page",	swapped },
	{ "-swap-one",	"page",	swapped },	/* one page is in swap */
	{ "-mixed",	"page",	mixed },	/* neighbors have nothing in common */
};

static long (*setup)(void);	/* of the kind that is measured */

/* Called before each call, not measured */

static void touch(void)
{
	write_each(memory, length, step);
}

/*
 * Flush the TLB: while it has an entry, nothing sets the accessed bit again.  How
 * much QEMU keeps in its own TLB depends on the host's time.
 */
static void flush_and_touch(void)
{
	mprotect(memory, length, PROT_READ);
	mprotect(memory, length, PROT_READ | PROT_WRITE);
	touch();
}

static void look(void)
{
	read_each(memory, length, step);
}

/* Map the memory again, without pages and page tables. */
static void empty(void)
{
	int flags = (memory_flags ?: MAP_PRIVATE) | MAP_FIXED | MAP_NORESERVE |
		    (memory_fd < 0 ? MAP_ANONYMOUS : 0);

	mmap(memory, length, PROT_READ | PROT_WRITE, flags, memory_fd, 0);
	madvise(memory, length, MADV_NOHUGEPAGE);
}

static void refill(void)
{
	empty();
	touch();
}

static void refill_and_swap(void)
{
	refill();
	swap_out(length);
}

/*
 * workingset_refault() activates a page or not, depending on how much memory is active: let
 * that be more than is swapped in.  Its count is brought up to date every two seconds.
 */
static void refill_and_swap_with_active(void)
{
	static char *active;

	if (!active) {
		active = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		/* A page is active once it has been accessed twice. */
		for (int i = 0; i < 2; i++)
			done("madvise", madvise(active, 2 * size, MADV_POPULATE_WRITE));
		sleep(5);
	}
	refill_and_swap();
}

static void refill_and_swap_one(void)
{
	refill();
	swap_out(page);
}

static void empty_with_tables(void)
{
	empty();
	write_each(memory, length, pmd);
}

static void empty_and_look(void)
{
	empty();
	look();
}

/* Set up the memory again: the call splits or frees huge pages. */
static void renew(void)
{
	munmap(memory, length);
	if (memory_fd >= 0)
		close(memory_fd);
	setup();
}

static void let_go(void)
{
	if (holder) {
		kill(holder, SIGKILL);
		waitpid(holder, NULL, 0);
	}
	holder = 0;
}

static void hold(void)
{
	if (!holder)
		atexit(let_go);
	let_go();
	holder = fork();
	if (!holder)
		for (;;)
			pause();
}

static void renew_and_hold(void)
{
	let_go();
	renew();
	hold();
}

static void refill_file(void)
{
	if (ftruncate(memory_fd, length))
		skip("ftruncate: %s", strerror(errno));
	touch();
}

/* The calls that are measured */

static void protect(int prot)
{
	done("mprotect", mprotect(memory, length, prot));
}

static void protect_read(void)	{ protect(PROT_READ); }
static void protect_write(void)	{ protect(PROT_READ | PROT_WRITE); }
static void protect_none(void)	{ protect(PROT_NONE); }

static void advise(int advice)
{
	done("madvise", madvise(memory, length, advice));
}

static void cold(void)		{ advise(MADV_COLD); }
static void pageout(void)	{ advise(MADV_PAGEOUT); }
static void lazyfree(void)	{ advise(MADV_FREE); }
static void dontneed(void)	{ advise(MADV_DONTNEED); }

static void unlock(void)	{ done("munlock", munlock(memory, length)); }
static void swap_off(void)	{ done("swapoff", swapoff(SWAP_DEVICE)); }
static void unmap(void)		{ done("munmap", munmap(memory, length)); }
static void sync_pages(void)	{ done("msync", msync(memory, length, MS_SYNC)); }
static void cut(void)		{ done("ftruncate", ftruncate(memory_fd, 0)); }

/* Where a table has one page, mlock() would fill it: lock on fault. */
static void lock(void)
{
	done("mlock", mlock2(memory, length, step == page ? 0 : MLOCK_ONFAULT));
}

/* Reserve the target, a page further in its table, so that mremap() moves no whole table. */
static void make_room(void)
{
	if (!spare)
		spare = map(-1, length + pmd, pmd) + page;
	mmap(spare, length, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

static void move(void)
{
	char *old = memory;

	memory = mremap(old, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, spare);
	done("mremap", memory != spare);
	spare = old;
}

static char *buffer(size_t bytes)
{
	static char *p;

	if (!p) {
		p = map(-1, bytes, page);
		write_each(p, bytes, page);
	}
	return p;
}

/* Populate the buffer of the results before the call. */
static void make_buffer(void)
{
	buffer(length / page * sizeof(uint64_t));
}

static void resident(void)
{
	done("mincore", mincore(memory, length, (unsigned char *)buffer(0)));
}

static void read_proc(const char *file, off_t offset, size_t bytes)
{
	int fd = open(file, O_RDONLY);

	done(file, fd < 0 || lseek(fd, offset, SEEK_SET) < 0);
	while (bytes) {
		ssize_t got = read(fd, buffer(0), bytes);

		done(file, got < 0);
		if (!got)
			break;
		bytes -= got;
	}
	close(fd);
}

static void read_smaps(void)
{
	read_proc("/proc/self/smaps", 0, length / page * sizeof(uint64_t));
}

static void read_pagemap(void)
{
	read_proc("/proc/self/pagemap", (uintptr_t)memory / page * sizeof(uint64_t),
		  length / page * sizeof(uint64_t));
}

static void clear_referenced(void)
{
	put("/proc/self/clear_refs", "1");
}

static void readv_page_wise(void)
{
	struct iovec local = { buffer(0), page }, remote = { memory, page };

	for (size_t i = 0; i < length; i += step, remote.iov_base = memory + i)
		done("process_vm_readv",
		     process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != page);
}

/* A PMD-mapped huge page that loses one of its pages is mapped by PTEs. */
static void split_pmd(void)
{
	for (size_t i = 0; i < length; i += pmd)
		done("madvise", madvise(memory + i, page, MADV_DONTNEED));
}

/* Advice for a part splits a huge page into small ones. */
static void split_folio(void)
{
	for (size_t i = 0; i < length; i += pmd)
		done("madvise", madvise(memory + i, page, MADV_COLD));
}

#define ONE_TIMES	60

/* Each call is repeated for about 20 million instructions. */
static const struct {
	const char *name;
	int kinds;
	int times;		/* for kinds but ONE, which has ONE_TIMES */
	void (*prepare)(void);
	void (*call)(void);
} calls[] = {
	{ "fault-write",  SMALL | SHARED | ONE,	2,  empty,	  touch },
	{ "fault-read",	  SMALL | SHARED | ONE | FILE_4K, 4, empty, look },
	{ "fault-read",	  FILE_THP,		4,  empty_with_tables, look },
	{ "fault-read",	  SWAPPED,		2,  refill_and_swap_with_active, look },
	{ "cow",	  SMALL | ONE,		2,  hold,	  touch },
	{ "cow",	  THP,			2,  renew_and_hold, touch },
	{ "cow",	  FILE_4K,		2,  empty_and_look, touch },
	{ "mprotect-ro",  ALL | SWAPPED | MIXED, 60, protect_write, protect_read },
	{ "mprotect-rw",  ALL | MIXED,		60, protect_read, protect_write },
	{ "mprotect-none", ALL | MIXED,		60, protect_write, protect_none },
	{ "mprotect-back", ALL | MIXED,		60, protect_none, protect_write },
	{ "mremap",	  ALL | SWAPPED,	80, make_room,	  move },
	{ "cold",	  SMALL | SHARED | ONE,	20, touch,	  cold },
	{ "cold",	  THP,			2,  renew,	  cold },
	{ "pageout",	  SMALL | ONE,		6,  refill,	  pageout },
	{ "pageout",	  THP,			2,  renew,	  pageout },
	{ "free",	  SMALL | ONE,		4,  refill,	  lazyfree },
	{ "free",	  THP,			4,  renew,	  lazyfree },
	{ "dontneed",	  SMALL | SHARED | ONE,	6,  touch,	  dontneed },
	{ "dontneed",	  SWAPPED,		12, refill_and_swap, dontneed },
	{ "dontneed",	  THP,			6,  renew,	  dontneed },
	{ "munmap",	  SMALL | SHARED | ONE,	6,  refill,	  unmap },
	{ "munmap",	  FILE_4K,		6,  empty_and_look, unmap },
	{ "munmap",	  SWAPPED,		6,  refill_and_swap, unmap },
	{ "munmap",	  THP | FILE_THP,	6,  renew,	  unmap },
	{ "mlock",	  ALL,			8,  unlock,	  lock },
	{ "munlock",	  SMALL | SHARED | ONE,	8,  lock,	  unlock },
	{ "munlock",	  THP,			40, lock,	  unlock },
	{ "mincore",	  ALL | SWAPPED,	160, make_buffer,  resident },
	{ "smaps",	  ALL | SWAPPED,	16, make_buffer,  read_smaps },
	{ "pagemap",	  ALL | SWAPPED,	24, make_buffer,  read_pagemap },
	{ "clear-refs",	  ALL,			40, flush_and_touch, clear_referenced },
	{ "truncate",	  SHARED,		6,  refill_file,  cut },
	{ "truncate",	  FILE_THP,		6,  renew,	  cut },
	{ "msync",	  DEVICE,		3,  touch,	  sync_pages },
	{ "readv",	  ALL,			3,  make_buffer,  readv_page_wise },
	{ "swapoff",	  SWAPPED,		2,  refill_and_swap, swap_off },
	{ "swapoff",	  SWAP_ONE,		8,  refill_and_swap_one, swap_off },
	{ "split-pmd",	  THP_PMD,		20, renew,	  split_pmd },
	{ "split-folio",  THP_PMD,		3,  renew,	  split_folio },
};

void run_call_table(void)
{
	char row[64];

	size = pmd > 32 * MiB ? pmd : 32 * MiB;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			struct workload w = {
				row, kinds[k].unit, kinds[k].setup,
				1 << k == ONE ? ONE_TIMES : calls[i].times,
				.prepare = calls[i].prepare, .call = calls[i].call,
			};

			if (!(calls[i].kinds & 1 << k))
				continue;
			snprintf(row, sizeof(row), "%s%s", calls[i].name, kinds[k].name);
			setup = kinds[k].setup;
			run(&w);
		}
}
