// SPDX-License-Identifier: GPL-2.0
/*
 * Test which blocks of a THP arm64 maps by contiguous page table entries, after fork(),
 * mprotect(), mremap(), munmap(), MADV_DONTNEED and page faults.
 *
 * The test writes to one page of each block while none of the pages is writable, so that
 * each write faults.  perf samples the fault, and reports the size by which the MMU maps the
 * address as the data page size.
 *
 * Needs arm64, root, THPs of at most 64 MiB, perf events and debugfs; one check needs
 * preemption and idle page tracking.  The test has a verdict of its own: it counts the
 * blocks that are mapped as a whole.  For a kernel without CONFIG_ARM64_CONTPTE set
 * contpte=off in the environment: then there must be none.
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

static size_t ps, thp, block;	/* in bytes */
static size_t nr_blocks;	/* that count_blocks() checks */
static bool off;
static sigjmp_buf fault;

static void on_fault(int sig)
{
	siglongjmp(fault, 1);
}

/*
 * Write to the page with the index @page of each block.  Return: how many of these blocks
 * were mapped as a whole, or -1 if not all writes were sampled.
 */
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
			ksft_print_msg("%#llx has a data page size of %llu bytes\n",
				       (long long)sample[0], (long long)size);
		count += size == block;
		samples++;
	}
	if (samples != nr_blocks)
		ksft_print_msg("%zu page faults sampled, not %zu\n", samples, nr_blocks);
	munmap(meta, 17 * ps);
	close(event);
	return samples == nr_blocks ? count : -1;
}

/* Call count_blocks() in a child, whose writes do not change what the parent maps. */
static size_t in_child(char *addr, size_t page)
{
	int ends[2];
	size_t count;
	pid_t pid;

	if (pipe(ends))
		mm_die("pipe");
	pid = mm_fork();
	if (!pid) {
		count = count_blocks(addr, page);
		_exit(write(ends[1], &count, sizeof(count)) != sizeof(count));
	}
	close(ends[1]);
	if (read(ends[0], &count, sizeof(count)) != sizeof(count))
		mm_die("the child died");
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

/*
 * Start a process that waits for the PTL of the pages again and again: setting the idle
 * bit of a page looks up its mappings.  The idle bit of a folio is its first page's.
 */
static pid_t start_waiter(const char *addr)
{
	uint64_t entry, idle = 1;
	pid_t pid;
	int bitmap = open(PAGE_IDLE, O_WRONLY);

	if (bitmap < 0)
		mm_die(PAGE_IDLE);
	mm_pagemap(getpid(), addr, 1, &entry);
	pid = mm_fork();
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!pid)
		if (pwrite(bitmap, &idle, sizeof(idle), (entry & PM_PFN) / 8) < 0)
			mm_die(PAGE_IDLE);
	close(bitmap);
	return pid;
}

/*
 * fork() drops a contended PTL between two blocks, but not within one.  Contention is
 * mostly seen right after the lock was taken.  So the first block is kept whole, and a
 * page near the end is protected instead.
 */
static void fork_with_waiters(void)
{
	char *addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, thp / ps - 3);
	size_t count = 0, least = nr_blocks;
	struct utsname name;
	pid_t waiter[3];

	uname(&name);
	if (!strstr(name.version, "PREEMPT") || access(PAGE_IDLE, W_OK)) {
		ksft_test_result_skip("no preemption, or no idle bits\n");
		return;
	}
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		ksft_test_result_skip("no second CPU\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(waiter); i++)
		waiter[i] = start_waiter(addr);
	for (int i = 0; i < 30; i++) {
		count = in_child(addr, 7);
		if (count < least)
			least = count;
		if (count > nr_blocks)	/* count_blocks() failed */
			break;
	}
	for (size_t i = 0; i < ARRAY_SIZE(waiter); i++) {
		kill(waiter[i], SIGKILL);
		waitpid(waiter[i], NULL, 0);
	}
	expect(count > nr_blocks ? count : least, nr_blocks - 1,
	       "page table lock contended: child");
}

int main(void)
{
	const char *env = getenv("contpte");
	char *addr, *to;
	size_t all;
	char size[24];
	pid_t pid;
	int fd;

	mm_begin();
#ifndef __aarch64__
	ksft_exit_skip("no contiguous page table entries\n");
#endif
	ps = getpagesize();
	block = ps == 4096 ? 64 << 10 : 2 << 20;
	thp = mm_pmd_thp_size();
	if (!thp || thp > 64 << 20)
		ksft_exit_skip("no THP of at most 64 MiB\n");
	nr_blocks = thp / block;
	all = nr_blocks;
	off = env && !strcmp(env, "off");
	signal(SIGSEGV, on_fault);
	mm_stop_khugepaged();
	ksft_set_plan(15);

	addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, 5);
	expect(in_child(addr, 7), all - 1, "split by mprotect of a page: child");
	expect(count_blocks(addr, 7), all - 1, "split by mprotect of a page: parent");

	addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, 5);
	pid = mm_fork();
	if (!pid)
		pause();
	addr[3 * block + ps] = 1;
	expect(in_child(addr, 7), all - 2, "a page of another block copied on write");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);

	fork_with_waiters();

	addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, 5);
	mm_protect(addr, thp, PROT_READ);
	mm_protect(addr, thp, PROT_READ | PROT_WRITE);
	expect(in_child(addr, 7), all, "mprotect of the whole THP and back");
	mm_protect(addr, thp, PROT_NONE);
	expect(in_child(addr, 7), 0, "PROT_NONE");
	mm_protect(addr, thp, PROT_READ);
	expect(in_child(addr, 7), all, "readable again");

	addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, 5);
	mm_protect(addr, thp, PROT_READ);
	to = mremap(addr, thp - block, thp - block, MREMAP_MAYMOVE | MREMAP_FIXED,
		    addr + thp + block);
	if (to != addr + thp + block)
		mm_die("mremap");
	nr_blocks--;
	expect(in_child(to, 7), all - 1, "moved");
	addr = mm_map_thp(MAP_PRIVATE, -1) + ps;
	if (mremap(to, thp - block, thp - block, MREMAP_MAYMOVE | MREMAP_FIXED, addr) != addr)
		mm_die("mremap");
	expect(in_child(addr, 7), 0, "moved to where pages are not aligned");
	nr_blocks++;

	addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, 5);
	munmap(addr + 2 * block + ps, ps);
	nr_blocks = 2;
	expect(in_child(addr, 7), 1, "a page unmapped: before it");
	nr_blocks = all - 3;
	expect(in_child(addr + 3 * block, 7), all - 3, "a page unmapped: after it");
	nr_blocks = all;

	addr = mm_map_thp_by_ptes(MAP_PRIVATE, -1, 5);
	mm_advise(addr + 2 * block, block, MADV_DONTNEED);
	nr_blocks = 2;
	expect(in_child(addr, 7), 1, "a block dropped: before it");
	nr_blocks = all - 3;
	expect(in_child(addr + 3 * block, 7), all - 3, "a block dropped: after it");

	fd = mm_temp_file("tmpfs", "huge=advise");
	if (fd < 0 || ftruncate(fd, 2 * thp))
		mm_die("a file of tmpfs");
	mount("debugfs", MM_DEBUGFS, "debugfs", 0, NULL);
	snprintf(size, sizeof(size), "%zu", block);
	if (mm_set(FAULT_AROUND, size))
		mm_die(FAULT_AROUND);
	/* This unmaps the THP, as it is of a file; page faults map it again by PTEs. */
	addr = mm_map_thp_by_ptes(MAP_SHARED, fd, 5);
	mm_protect(addr + 6 * ps, thp - 6 * ps, PROT_READ);
	mm_protect(addr, 5 * ps, PROT_READ);
	mm_protect(addr + 5 * ps, ps, PROT_NONE);
	nr_blocks = all;
	/*
	 * The VMA begins within the first block, so that fault-around there reaches
	 * into the second block.  Begin with the last block.
	 */
	for (size_t i = nr_blocks; i--;)
		*(volatile char *)(addr + i * block + 7 * ps);
	expect(count_blocks(addr, 7), all - 1, "fault-around");
	/* Map page by page: the fault of the last page folds the block. */
	snprintf(size, sizeof(size), "%zu", ps);
	if (mm_write_file(FAULT_AROUND, size))
		mm_die(FAULT_AROUND);
	mm_advise(addr, thp, MADV_DONTNEED);
	for (size_t i = 0; i < thp; i += ps)
		if (i != 5 * ps)
			*(volatile char *)(addr + i);
	expect(count_blocks(addr, 7), all - 1, "fault by fault");
	mm_restore_settings();
	mm_start_khugepaged();
	ksft_finished();
}
