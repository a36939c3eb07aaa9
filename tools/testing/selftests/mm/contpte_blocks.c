// SPDX-License-Identifier: GPL-2.0
/*
 * arm64: which blocks of a THP are mapped by contiguous page table entries
 *
 * The size that the MMU maps an address by is what perf samples as the data page
 * size of a page fault: of a write to what is mapped read-only, or is shared with
 * a process after fork().  A block is asked for by one such write.
 *
 * With contpte=off in its environment, there must be no block.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_util.h"

#define FAULT_AROUND	MM_DEBUGFS "/fault_around_bytes"
#define PAGE_IDLE	"/sys/kernel/mm/page_idle/bitmap"

static size_t ps, thp, block, nr_blocks;
static bool off;
static int fd = -1;	/* of the file that is mapped, if any */
static sigjmp_buf fault;

static void on_fault(int sig)
{
	siglongjmp(fault, 1);
}

/* Write to a page of each block: how many were mapped by more than a page? */
static size_t count_blocks(char *addr, size_t page)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS, .sample_period = 1,
		.sample_type = PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE,
		.exclude_kernel = 1,
	};
	struct perf_event_mmap_page *meta;
	size_t count = 0, samples = 0;
	uint64_t at, head, size;
	char *data;
	int event;

	event = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (event < 0)
		mm_die("perf_event_open");
	meta = mmap(NULL, 17 * ps, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
	if (meta == MAP_FAILED)
		mm_die("mmap of perf events");

	for (volatile size_t i = 0; i < nr_blocks; i++)
		if (!sigsetjmp(fault, 1))
			addr[i * block + page * ps] = 77;

	ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
	head = __atomic_load_n(&meta->data_head, __ATOMIC_ACQUIRE);
	data = (char *)meta + meta->data_offset;
	for (at = 0; at < head;) {
		struct perf_event_header *header = (void *)(data + at % meta->data_size);
		uint64_t *sample = (void *)(header + 1);

		at += header->size;
		if (header->type != PERF_RECORD_SAMPLE || sample[0] - (uintptr_t)addr >= thp)
			continue;
		size = sample[1];
		if (size != ps && size != block)
			ksft_print_msg("%#llx is mapped by %llu bytes\n",
				       (long long)sample[0], (long long)size);
		count += size == block;
		samples++;
	}
	if (samples != nr_blocks)
		ksft_print_msg("%zu faults of %zu\n", samples, nr_blocks);
	munmap(meta, 17 * ps);
	close(event);
	return samples == nr_blocks ? count : -1;
}

static size_t in_child(char *addr, size_t page)
{
	int ends[2];
	size_t count;
	pid_t pid;

	if (pipe(ends))
		mm_die("pipe");
	pid = fork();
	switch (pid) {
	case -1:
		mm_die("fork");
	case 0:
		count = count_blocks(addr, page);
		_exit(write(ends[1], &count, sizeof(count)) != sizeof(count));
	}
	close(ends[1]);
	if (read(ends[0], &count, sizeof(count)) != sizeof(count))
		mm_die("no answer");
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return count;
}

static void expect(size_t count, size_t expected, const char *what)
{
	if (off)
		expected = 0;
	if (count != expected)
		ksft_print_msg("%zd blocks of %zu, not %zu\n", (ssize_t)count, nr_blocks,
			       expected);
	ksft_test_result(count == expected, "%s\n", what);
}

static void protect(char *addr, size_t len, int prot)
{
	if (mprotect(addr, len, prot))
		mm_die("mprotect");
}

/* One that is mapped by a PMD, at the start of what is mapped, of twice its size */
static char *map_thp(int flags)
{
	char *addr = mmap(NULL, 3 * thp, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (addr == MAP_FAILED)
		mm_die("mmap");
	addr = (char *)(((uintptr_t)addr + thp - 1) & -thp);
	flags |= fd < 0 ? MAP_FIXED | MAP_ANONYMOUS : MAP_FIXED;
	if (mmap(addr, 2 * thp, PROT_READ | PROT_WRITE, flags, fd, 0) != addr)
		mm_die("mmap");
	if (madvise(addr, 2 * thp, MADV_HUGEPAGE))
		mm_die("MADV_HUGEPAGE");
	memset(addr, 1, thp);
	return addr;
}

/* Map it by entries of a page table, as a change of one of its pages does. */
static char *map_by_entries(int flags, size_t page)
{
	char *addr = map_thp(flags);

	protect(addr + page * ps, ps, PROT_READ);
	return addr;
}

/*
 * Wait for the PTL of the pages again and again: who sets the idle bit of a page
 * looks for its mappings.  That of a folio is its first page's.
 */
static pid_t start_waiter(const char *addr)
{
	uint64_t entry, idle = 1;
	pid_t pid;
	int bitmap = open(PAGE_IDLE, O_WRONLY);

	if (bitmap < 0)
		mm_die(PAGE_IDLE);
	mm_pagemap(getpid(), addr, 1, &entry);
	pid = fork();
	if (pid < 0)
		mm_die("fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!pid)
		if (pwrite(bitmap, &idle, sizeof(idle), (entry & PM_PFN) / 8) < 0)
			mm_die(PAGE_IDLE);
	close(bitmap);
	return pid;
}

/*
 * fork() gives up a lock that others wait for between two blocks only.  It mostly sees
 * that they wait when it has just got the lock: at the first block, which is whole.
 */
static void fork_with_waiters(void)
{
	char *addr = map_by_entries(MAP_PRIVATE, thp / ps - 3);
	size_t count = 0, least = nr_blocks;
	struct utsname name;
	pid_t waiter[3];

	uname(&name);
	if (!strstr(name.version, "PREEMPT") || access(PAGE_IDLE, W_OK)) {
		ksft_test_result_skip("no preemption, or no idle bits\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(waiter); i++)
		waiter[i] = start_waiter(addr);
	for (int i = 0; i < 30; i++) {
		count = in_child(addr, 7);
		if (count < least)
			least = count;
		if (count > nr_blocks)	/* it could not be counted */
			break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(waiter); i++) {
		kill(waiter[i], SIGKILL);
		waitpid(waiter[i], NULL, 0);
	}
	expect(count > nr_blocks ? count : least, nr_blocks - 1,
	       "others wait for the page table lock: child");
}

int main(void)
{
	const char *env = getenv("contpte");
	char *addr, *to, *was;
	size_t all;
	char size[24];
	pid_t pid;

	ksft_print_header();
#ifndef __aarch64__
	ksft_exit_skip("no contiguous page table entries\n");
#endif
	ps = getpagesize();
	block = ps == 4096 ? 64 << 10 : 2 << 20;
	thp = mm_pmd_thp_size();
	if (!thp || thp > 64 << 20)
		ksft_exit_skip("no THP of a size to have\n");
	nr_blocks = thp / block;
	all = nr_blocks;
	off = env && !strcmp(env, "off");
	signal(SIGSEGV, on_fault);
	mm_stop_khugepaged();
	ksft_set_plan(15);

	addr = map_by_entries(MAP_PRIVATE, 5);
	expect(in_child(addr, 7), all - 1, "split by mprotect of a page: child");
	expect(count_blocks(addr, 7), all - 1, "split by mprotect of a page: parent");

	addr = map_by_entries(MAP_PRIVATE, 5);
	pid = fork();
	if (pid < 0)
		mm_die("fork");
	if (!pid)
		pause();
	addr[3 * block + ps] = 1;
	expect(in_child(addr, 7), all - 2, "a page of another block copied on write");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);

	fork_with_waiters();

	addr = map_by_entries(MAP_PRIVATE, 5);
	protect(addr, thp, PROT_READ);
	protect(addr, thp, PROT_READ | PROT_WRITE);
	expect(in_child(addr, 7), all, "mprotect of all of it and back");
	protect(addr, thp, PROT_NONE);
	expect(in_child(addr, 7), 0, "PROT_NONE");
	protect(addr, thp, PROT_READ);
	expect(in_child(addr, 7), all, "readable again");

	addr = map_by_entries(MAP_PRIVATE, 5);
	protect(addr, thp, PROT_READ);
	to = mremap(addr, thp - block, thp - block, MREMAP_MAYMOVE | MREMAP_FIXED,
		    addr + thp + block);
	if (to != addr + thp + block)
		mm_die("mremap");
	nr_blocks--;
	expect(in_child(to, 7), all - 1, "moved");
	addr = map_thp(MAP_PRIVATE) + ps;
	if (mremap(to, thp - block, thp - block, MREMAP_MAYMOVE | MREMAP_FIXED, addr) != addr)
		mm_die("mremap");
	expect(in_child(addr, 7), 0, "moved to where pages are not aligned");
	nr_blocks++;

	addr = map_by_entries(MAP_PRIVATE, 5);
	munmap(addr + 2 * block + ps, ps);
	nr_blocks = 2;
	expect(in_child(addr, 7), 1, "a page unmapped: before it");
	nr_blocks = all - 3;
	expect(in_child(addr + 3 * block, 7), all - 3, "a page unmapped: after it");
	nr_blocks = all;

	addr = map_by_entries(MAP_PRIVATE, 5);
	if (madvise(addr + 2 * block, block, MADV_DONTNEED))
		mm_die("MADV_DONTNEED");
	nr_blocks = 2;
	expect(in_child(addr, 7), 1, "a block dropped: before it");
	nr_blocks = all - 3;
	expect(in_child(addr + 3 * block, 7), all - 3, "a block dropped: after it");

	fd = mm_temp_file("tmpfs", "huge=advise");
	if (fd < 0 || ftruncate(fd, 2 * thp))
		mm_die("a file of tmpfs");
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	was = mm_read_file(FAULT_AROUND);
	was = was ? strdup(was) : NULL;
	snprintf(size, sizeof(size), "%zu", block);
	if (!was || mm_write_file(FAULT_AROUND, size))
		mm_die(FAULT_AROUND);
	/* Of a file, this unmaps all of it. */
	addr = map_by_entries(MAP_SHARED, 5);
	protect(addr + 6 * ps, thp - 6 * ps, PROT_READ);
	protect(addr, 5 * ps, PROT_READ);
	protect(addr + 5 * ps, ps, PROT_NONE);
	nr_blocks = all;
	/* Of the first, what is mapped around it reaches into the second. */
	for (size_t i = nr_blocks; i--;)
		*(volatile char *)(addr + i * block + 7 * ps);
	expect(count_blocks(addr, 7), all - 1, "fault-around");
	/* Page by page, the last one of a block makes it whole. */
	snprintf(size, sizeof(size), "%zu", ps);
	if (mm_write_file(FAULT_AROUND, size))
		mm_die(FAULT_AROUND);
	if (madvise(addr, thp, MADV_DONTNEED))
		mm_die("MADV_DONTNEED");
	for (size_t i = 0; i < thp; i += ps)
		if (i != 5 * ps)
			*(volatile char *)(addr + i);
	expect(count_blocks(addr, 7), all - 1, "fault by fault");
	mm_write_file(FAULT_AROUND, was);
	mm_start_khugepaged();
	ksft_finished();
}
