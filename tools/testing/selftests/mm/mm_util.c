// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "mm_util.h"

#define MAX_MESSAGES	4

/* Static, so that reading allocates no memory, which would show in what is read. */
static char buf[1 << 20];

void mm_begin(void)
{
	ksft_print_header();
	if (geteuid())
		ksft_exit_skip("not root\n");
	/* A 32-bit C library sleeps by system calls that take a 32-bit time. */
	if (usleep(1))
		ksft_exit_skip("no COMPAT_32BIT_TIME\n");
	setvbuf(stdout, NULL, _IOLBF, 0);
}

void mm_die(const char *fmt, ...)
{
	int saved_errno = errno;
	va_list args;

	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf(": %s\n", strerror(saved_errno));
	fflush(stdout);
	_exit(KSFT_FAIL);
}

void mm_complain(int *count, const char *head, const char *fmt, va_list args)
{
	char text[1024];
	size_t len;

	if (__atomic_fetch_add(count, 1, __ATOMIC_RELAXED) >= MAX_MESSAGES)
		return;
	len = snprintf(text, sizeof(text), "# %s: ", head);
	len += vsnprintf(text + len, sizeof(text) - len, fmt, args);
	if (len > sizeof(text) - 1)
		len = sizeof(text) - 1;
	text[len++] = '\n';
	/* Not printf(): the child of a process with threads must not call it. */
	if (write(STDOUT_FILENO, text, len) != (ssize_t)len)
		_exit(KSFT_FAIL);
}

int mm_write_file(const char *name, const char *text)
{
	ssize_t len = strlen(text), ret;
	int fd = open(name, O_WRONLY);

	if (fd < 0)
		return -1;
	ret = write(fd, text, len);
	close(fd);
	return ret == len ? 0 : -1;
}

char *mm_read_file(const char *name)
{
	size_t len = 0;
	ssize_t ret;
	int fd;

	fd = open(name, O_RDONLY);
	if (fd < 0)
		return NULL;
	while ((ret = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += ret;
	close(fd);
	if (ret < 0)
		return NULL;
	if (len == sizeof(buf) - 1)
		mm_die("%s is too long", name);
	buf[len] = 0;
	return buf;
}

char *mm_read_proc(pid_t pid, const char *name)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	text = mm_read_file(path);
	if (!text)
		mm_die("%s", path);
	return text;
}

static struct setting {
	const char *name;
	char old[64];
} settings[16];
static int nr_settings;

int mm_set(const char *name, const char *value)
{
	struct setting *s = &settings[nr_settings];
	char *old = mm_read_file(name), *chosen;

	if (!old || nr_settings == ARRAY_SIZE(settings))
		return -1;
	/* In a list of values, the one in effect is in brackets. */
	chosen = strchr(old, '[');
	if (chosen) {
		old = chosen + 1;
		old[strcspn(old, "]")] = 0;
	}
	if (mm_write_file(name, value))
		return -1;
	s->name = name;
	snprintf(s->old, sizeof(s->old), "%s", old);
	nr_settings++;
	return 0;
}

void mm_restore_settings(void)
{
	while (nr_settings) {
		nr_settings--;
		mm_write_file(settings[nr_settings].name, settings[nr_settings].old);
	}
}

pid_t mm_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		mm_die("fork");
	return pid;
}

char *mm_reserve(size_t size, size_t align)
{
	char *addr = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (addr == MAP_FAILED)
		mm_die("mmap");
	return addr + (-(uintptr_t)addr & (align - 1));
}

void mm_protect(void *addr, size_t len, int prot)
{
	if (mprotect(addr, len, prot))
		mm_die("mprotect");
}

void mm_advise(void *addr, size_t len, int advice)
{
	if (madvise(addr, len, advice))
		mm_die("madvise %d", advice);
}

size_t mm_pmd_thp_size(void)
{
	char *text = mm_read_file(MM_THP "/hpage_pmd_size");

	return text ? strtoul(text, NULL, 10) : 0;
}

char *mm_map_thp(int flags, int fd)
{
	size_t thp = mm_pmd_thp_size();
	char *addr = mm_reserve(2 * thp, thp);

	flags |= fd < 0 ? MAP_FIXED | MAP_ANONYMOUS : MAP_FIXED;
	if (mmap(addr, 2 * thp, PROT_READ | PROT_WRITE, flags, fd, 0) != addr)
		mm_die("mmap");
	mm_advise(addr, 2 * thp, MADV_HUGEPAGE);
	memset(addr, 1, thp);
	return addr;
}

char *mm_map_thp_by_ptes(int flags, int fd, size_t page)
{
	char *addr = mm_map_thp(flags, fd);
	size_t ps = getpagesize();

	mm_protect(addr + page * ps, ps, PROT_READ);
	return addr;
}

void mm_split_pmd(void *addr)
{
	size_t ps = getpagesize();

	mm_protect(addr, ps, PROT_READ);
	mm_protect(addr, ps, PROT_READ | PROT_WRITE);
}

int mm_split_thps(const void *addr, size_t len)
{
	unsigned long start = (uintptr_t)addr;
	char text[64];

	snprintf(text, sizeof(text), "%d,0x%lx,0x%lx", getpid(), start, start + len);
	return mm_write_file(MM_DEBUGFS "/split_huge_pages", text);
}

#define KHUGEPAGED	MM_THP "/khugepaged/"

static long full_scans(void)
{
	char *text = mm_read_file(KHUGEPAGED "full_scans");

	return text ? strtol(text, NULL, 10) : 0;
}

void mm_stop_khugepaged(void)
{
	size_t size = 2 * mm_pmd_thp_size();
	long before = full_scans();
	char *addr;

	/* khugepaged sleeps for that time after a scan, but scans only what is registered. */
	if (!size || mm_write_file(KHUGEPAGED "scan_sleep_millisecs", "4000000000"))
		return;
	addr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (addr == MAP_FAILED)
		return;
	if (!madvise(addr, size, MADV_HUGEPAGE)) {
		/* The fault of a huge page registers the mm with khugepaged. */
		*(volatile char *)(addr + size / 2) = 1;
		for (int tries = 0; full_scans() == before && tries < 100; tries++)
			usleep(100000);
	}
	munmap(addr, size);
}

void mm_start_khugepaged(void)
{
	mm_write_file(KHUGEPAGED "scan_sleep_millisecs", "10000");
}

int mm_open_ring(void)
{
	struct io_uring_params params = { };

	return syscall(__NR_io_uring_setup, 4, &params);
}

long mm_pin(int ring, const struct iovec *range, unsigned int nr)
{
	return syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS, range, nr);
}

long mm_unpin(int ring)
{
	return syscall(__NR_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0);
}

int mm_open_uffd(uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(__NR_userfaultfd, O_CLOEXEC);
	int saved_errno;

	if (fd < 0 || !ioctl(fd, UFFDIO_API, &api))
		return fd;
	saved_errno = errno;
	close(fd);
	errno = saved_errno;
	return -1;
}

static void read_at(int fd, uint64_t *entry, size_t nr, off_t index)
{
	ssize_t size = nr * sizeof(*entry);

	if (pread(fd, entry, size, index * sizeof(*entry)) != size)
		mm_die("pagemap, kpagecount or kpageflags");
}

static int open_file(const char *name)
{
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		mm_die("%s", name);
	return fd;
}

void mm_pagemap(pid_t pid, const void *addr, size_t nr, uint64_t *entry)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/pagemap", pid);
	fd = open_file(name);
	read_at(fd, entry, nr, (uintptr_t)addr / getpagesize());
	close(fd);
}

/* One read for each run of consecutive pfns */
static void read_kpage(const char *name, const uint64_t *entry, size_t nr,
		       uint64_t *value)
{
	int fd = open_file(name);
	size_t i, run;

	memset(value, 0, nr * sizeof(*value));
	for (i = 0; i < nr; i += run) {
		run = 1;
		if (!(entry[i] & PM_PRESENT))
			continue;
		while (i + run < nr && entry[i + run] & PM_PRESENT &&
		       (entry[i + run] & PM_PFN) == (entry[i] & PM_PFN) + run)
			run++;
		read_at(fd, value + i, run, entry[i] & PM_PFN);
	}
	close(fd);
}

void mm_kpagecount(const uint64_t *entry, size_t nr, uint64_t *count)
{
	read_kpage("/proc/kpagecount", entry, nr, count);
}

void mm_kpageflags(const uint64_t *entry, size_t nr, uint64_t *flags)
{
	read_kpage("/proc/kpageflags", entry, nr, flags);
}

struct field {
	const char *name;
	size_t offset;
};

static void add_field(const struct field *field, const char *line, void *sum)
{
	size_t len;

	for (; field->name; field++) {
		len = strlen(field->name);
		if (!strncmp(line, field->name, len) && line[len] == ':')
			*(unsigned long *)((char *)sum + field->offset) +=
				1024 * strtoul(line + len + 1, NULL, 10);
	}
}

void mm_smaps(pid_t pid, const void *addr, size_t len,
	      struct mm_smaps *range, struct mm_smaps *all)
{
	static const struct field fields[] = {
		{ "Rss", offsetof(struct mm_smaps, rss) },
		{ "Anonymous", offsetof(struct mm_smaps, anon) },
		{ "Shared_Clean", offsetof(struct mm_smaps, shared) },
		{ "Shared_Dirty", offsetof(struct mm_smaps, shared) },
		{ "Private_Clean", offsetof(struct mm_smaps, private) },
		{ "Private_Dirty", offsetof(struct mm_smaps, private) },
		{ "Shared_Dirty", offsetof(struct mm_smaps, dirty) },
		{ "Private_Dirty", offsetof(struct mm_smaps, dirty) },
		{ "Referenced", offsetof(struct mm_smaps, referenced) },
		{ "Swap", offsetof(struct mm_smaps, swap) },
		{ "SwapPss", offsetof(struct mm_smaps, swap_pss) },
		{ "AnonHugePages", offsetof(struct mm_smaps, anon_huge) },
		{ "ShmemPmdMapped", offsetof(struct mm_smaps, shmem_huge) },
		{ "Locked", offsetof(struct mm_smaps, locked) },
		{ }
	};
	unsigned long start, end, from = (uintptr_t)addr;
	int inside = 0;
	char *line;

	memset(range, 0, sizeof(*range));
	memset(all, 0, sizeof(*all));
	line = mm_read_proc(pid, "smaps");
	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
		/* The first line of a VMA begins with an address, others with a capital. */
		if (*line >= 'A' && *line <= 'Z') {
			add_field(fields, line, all);
			if (inside)
				add_field(fields, line, range);
		} else if (sscanf(line, "%lx-%lx", &start, &end) == 2) {
			inside = start < from + len && end > from;
		}
	}
}

void mm_status(pid_t pid, struct mm_status *status)
{
	static const struct field fields[] = {
		{ "RssAnon", offsetof(struct mm_status, anon) },
		{ "RssFile", offsetof(struct mm_status, file) },
		{ "RssShmem", offsetof(struct mm_status, shmem) },
		{ "VmSwap", offsetof(struct mm_status, swap) },
		{ "VmLck", offsetof(struct mm_status, locked) },
		{ }
	};
	char *line;

	memset(status, 0, sizeof(*status));
	line = mm_read_proc(pid, "status");
	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n"))
		add_field(fields, line, status);
}

/* Read the @nr named counts of a file with a name and a count in each line. */
static void read_counts(const char *file, const char * const *name, size_t nr, long *count)
{
	char *line = mm_read_file(file);

	if (!line)
		mm_die("%s", file);
	memset(count, 0, nr * sizeof(*count));
	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n")) {
		size_t len = strcspn(line, " ");

		for (size_t i = 0; i < nr; i++)
			if (strlen(name[i]) == len && !strncmp(line, name[i], len))
				count[i] = strtol(line + len, NULL, 10);
	}
}

void mm_vmstat(const char * const *name, size_t nr, long *count)
{
	mm_read_file("/proc/sys/vm/stat_refresh");
	read_counts("/proc/vmstat", name, nr, count);
}

void mm_settled_vmstat(const char * const *name, size_t nr, long *count)
{
	long last[nr];

	mm_vmstat(name, nr, count);
	for (int same = 0, tries = 0; same < 10 && tries < 100; tries++) {
		memcpy(last, count, sizeof(last));
		usleep(50000);
		mm_vmstat(name, nr, count);
		same = memcmp(last, count, sizeof(last)) ? 0 : same + 1;
	}
}

#define MEMCGS		"/tmp/mm_memcgs"
#define HELD_PAGES	1024

/* Those of what is mapped come first. */
#define NR_MAPPED	3
const char * const mm_memcg_stat_name[MM_NR_MEMCG_STATS] = {
	"rss", "rss_huge", "mapped_file", "cache", "shmem", "swap",
};

static pid_t holder[2];
static long held[2][MM_NR_MEMCG_STATS];

static void memcg_file(char *path, size_t size, int memcg, const char *file)
{
	if (memcg == MM_ROOT_MEMCG)
		snprintf(path, size, MEMCGS "/%s", file);
	else
		snprintf(path, size, MEMCGS "/%d/%s", memcg, file);
}

int mm_move_to_memcg(pid_t pid, int memcg, int charges)
{
	char path[64], text[16];

	/* 3: those of anonymous and of file pages */
	memcg_file(path, sizeof(path), memcg, "memory.move_charge_at_immigrate");
	if (mm_write_file(path, charges ? "3" : "0"))
		return -1;
	memcg_file(path, sizeof(path), memcg, "cgroup.procs");
	snprintf(text, sizeof(text), "%d", pid);
	return mm_write_file(path, text);
}

/* These are sums over all CPUs: only the counts total_* wait for a flush. */
static void read_memcg_stat(int memcg, long *count)
{
	char path[64];

	memcg_file(path, sizeof(path), memcg, "memory.stat");
	read_counts(path, mm_memcg_stat_name, MM_NR_MEMCG_STATS, count);
}

void mm_memcg_stat(int memcg, long *count)
{
	read_memcg_stat(memcg, count);
	for (size_t i = 0; i < MM_NR_MEMCG_STATS; i++)
		count[i] -= held[memcg][i];
}

int mm_memcgs_are_unmapped(void)
{
	static const long none[NR_MAPPED];
	long count[2][MM_NR_MEMCG_STATS];

	/* Another task may end up with the last reference to an mm. */
	for (int tries = 0; tries < 100; tries++) {
		mm_memcg_stat(0, count[0]);
		mm_memcg_stat(1, count[1]);
		if (!memcmp(count[0], none, sizeof(none)) && !memcmp(count[1], none, sizeof(none)))
			return 1;
		usleep(20000);
	}
	for (int memcg = 0; memcg < 2; memcg++)
		for (size_t i = 0; i < NR_MAPPED; i++)
			printf("# memcg %d: %s %ld\n", memcg, mm_memcg_stat_name[i],
			       count[memcg][i]);
	return 0;
}

/*
 * Let a process have pages mapped in the memory cgroup: a count that is too low would show
 * as 0 otherwise.
 */
static void hold_pages(int memcg)
{
	size_t size = HELD_PAGES * getpagesize();
	int status;

	holder[memcg] = mm_fork();
	if (!holder[memcg]) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (mm_move_to_memcg(getpid(), memcg, 0))
			mm_die("%s", MEMCGS);
		for (int i = 0; i < 2; i++)
			if (mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_POPULATE |
				 (i ? MAP_SHARED : MAP_PRIVATE), -1, 0) == MAP_FAILED)
				mm_die("mmap");
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(holder[memcg], &status, WUNTRACED) < 0 || !WIFSTOPPED(status))
		mm_die("a process of %s", MEMCGS);
	read_memcg_stat(memcg, held[memcg]);
}

int mm_make_memcgs(void)
{
	char path[64];
	int ret = -1;

	if (mkdir(MEMCGS, 0700) && errno != EEXIST)
		return -1;
	/* The kernel takes the controller back late from a hierarchy that was unmounted. */
	for (int tries = 0; ret && tries < 50; tries++) {
		ret = mount("cgroup", MEMCGS, "cgroup", 0, "memory");
		if (ret && errno != EBUSY)
			break;
		if (ret)
			usleep(20000);
	}
	if (ret)
		return -1;
	for (int memcg = 0; memcg < 2; memcg++) {
		memcg_file(path, sizeof(path), memcg, "");
		if (mkdir(path, 0700) && errno != EEXIST)
			mm_die("%s", path);
	}
	/* Whoever reads in a page of the program pays for it: let that be this process. */
	mlockall(MCL_CURRENT);
	munlockall();
	for (int memcg = 0; memcg < 2; memcg++)
		hold_pages(memcg);
	return 0;
}

void mm_remove_memcgs(void)
{
	char path[64];

	for (int memcg = 0; memcg < 2; memcg++) {
		kill(holder[memcg], SIGKILL);
		waitpid(holder[memcg], NULL, 0);
		memcg_file(path, sizeof(path), memcg, "");
		rmdir(path);
	}
	umount(MEMCGS);
	rmdir(MEMCGS);
}

void mm_sync_rss(void)
{
	static char *page;

	if (!page) {
		page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			mm_die("mmap");
	}
	/* Unmapping a page adds the counts of this thread to those of the process. */
	*(volatile char *)page = 1;
	madvise(page, getpagesize(), MADV_DONTNEED);
}

int mm_temp_file(const char *type, const char *options)
{
	char dir[] = "/tmp/mm.XXXXXX", name[64];
	int fd = -1;

	if (!mkdtemp(dir))
		mm_die("%s", dir);
	snprintf(name, sizeof(name), "%s/file", dir);
	if (!mount(type, dir, type, 0, options)) {
		fd = open(name, O_RDWR | O_CREAT, 0600);
		umount2(dir, MNT_DETACH);
	}
	rmdir(dir);
	return fd;
}

int mm_swapon(void)
{
	uint32_t info[3] = { 1 };
	size_t ps = getpagesize();
	int fd, ret = -1;

	fd = open(MM_SWAP_DEVICE, O_RDWR);
	if (fd < 0)
		return -1;
	info[1] = lseek(fd, 0, SEEK_END) / ps - 1;
	if (pwrite(fd, info, sizeof(info), 1024) == sizeof(info) &&
	    pwrite(fd, "SWAPSPACE2", 10, ps - 10) == 10 && !fsync(fd))
		ret = swapon(MM_SWAP_DEVICE, 0);
	close(fd);
	return ret;
}

static void on_alarm(int signal)
{
}

int mm_swapoff(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int ret;

	sigaction(SIGALRM, &action, NULL);
	alarm(10);
	ret = swapoff(MM_SWAP_DEVICE);
	alarm(0);
	return ret;
}

void mm_stay_on_one_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}
