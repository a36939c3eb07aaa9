/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers that the memory management tests share.
 *
 * A function that has no way to return an error prints a message and ends the
 * process with KSFT_FAIL.  Most functions need root.
 */
#ifndef MM_UTIL_H
#define MM_UTIL_H

#include <linux/userfaultfd.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM	(1 << 12)
#endif

#define PM_PFN			((1ull << 55) - 1)
#define PM_SOFT_DIRTY		(1ull << 55)
#define PM_MMAP_EXCLUSIVE	(1ull << 56)
#define PM_UFFD_WP		(1ull << 57)
#define PM_FILE			(1ull << 61)
#define PM_SWAP			(1ull << 62)
#define PM_PRESENT		(1ull << 63)

#define KPF_REFERENCED		(1ull << 2)
#define KPF_DIRTY		(1ull << 4)
#define KPF_LRU			(1ull << 5)
#define KPF_ACTIVE		(1ull << 6)
#define KPF_MMAP		(1ull << 11)
#define KPF_ANON		(1ull << 12)
#define KPF_SWAPBACKED		(1ull << 14)
#define KPF_COMPOUND_HEAD	(1ull << 15)
#define KPF_COMPOUND_TAIL	(1ull << 16)
#define KPF_UNEVICTABLE		(1ull << 18)
#define KPF_THP			(1ull << 22)
#define KPF_ZERO_PAGE		(1ull << 24)
#define KPF_MLOCKED		(1ull << 33)
/* PG_mappedtodisk, which anonymous pages use as PG_anon_exclusive */
#define KPF_ANON_EXCLUSIVE	(1ull << 34)

/* Sums over the VMAs of an address range, from smaps, in bytes */
struct mm_smaps {
	unsigned long rss, anon, shared, private, dirty, referenced;
	unsigned long swap, swap_pss, anon_huge, shmem_huge, locked;
};

/* Counters of a whole process, from status, in bytes */
struct mm_status {
	unsigned long anon, file, shmem, swap, locked;
};

/*
 * Print the TAP header and let stdout be line-buffered.  Exit with KSFT_SKIP if the
 * user is not root or the kernel has no system calls that the C library sleeps with.
 */
void mm_begin(void);

/* Print a message and the text of errno, and end the process. */
void mm_die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/*
 * Add one to @count, the failures of a check.  Print "# @head: " and the message,
 * unless @count was 4 or more.  Threads, processes that share @count, and children
 * of a process with threads may call this: it takes no lock of stdio.
 */
void mm_complain(int *count, const char *head, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Write @text to the file @name.  Return: 0, or -1 with errno set. */
int mm_write_file(const char *name, const char *text);

/*
 * Return: the contents of the file @name, or NULL.  They are valid until this or
 * another function that reads a file is called.
 */
char *mm_read_file(const char *name);

/* Return: the contents of /proc/@pid/@name, valid as those of mm_read_file(). */
char *mm_read_proc(pid_t pid, const char *name);

/*
 * Write @value to the file @name, a string constant, until mm_restore_settings()
 * writes back what the file had before.  Return: 0, or -1 with errno set.
 */
int mm_set(const char *name, const char *value);
void mm_restore_settings(void);

/*
 * Create a file on a new file system of @type.  Both are gone when the file is closed
 * and unmapped.  Return: its descriptor, or -1.
 */
int mm_temp_file(const char *type, const char *options);

/*
 * Swap to a RAM disk, so that the tests need no disk.  mm_swapoff() fails after ten
 * seconds, as swapoff() does not end if a swap entry was lost.
 * Return: 0, or -1 with errno set.
 */
#define MM_SWAP_DEVICE		"/dev/ram0"
int mm_swapon(void);
int mm_swapoff(void);

/*
 * Bind the process to the CPU that it runs on: the per-CPU lists of another CPU would
 * hold references to its pages.
 */
void mm_stay_on_one_cpu(void);

/* fork() that must not fail */
pid_t mm_fork(void);

/* Address space */

/* Reserve @size bytes, at an address that is a multiple of @align, a power of two. */
char *mm_reserve(size_t size, size_t align);

/* mprotect() and madvise() that must not fail */
void mm_protect(void *addr, size_t len, int prot);
void mm_advise(void *addr, size_t len, int advice);

/* Transparent huge pages */

#define MM_DEBUGFS		"/sys/kernel/debug"
#define MM_THP			"/sys/kernel/mm/transparent_hugepage"

/* Return: the size of a PMD-mapped THP in bytes, or 0 if there are no THPs. */
size_t mm_pmd_thp_size(void);

/*
 * Map twice the size of a THP, aligned to it and with MADV_HUGEPAGE, of the file @fd, or
 * of anonymous memory if that is -1.  Write to all of the first half.
 */
char *mm_map_thp(int flags, int fd);

/*
 * mm_map_thp(), and make the page with the index @page read-only.  That splits the PMD:
 * PTEs map an anonymous THP then, and nothing maps that of a file.
 */
char *mm_map_thp_by_ptes(int flags, int fd, size_t page);

/* Split the PMD, but not the THP, that maps the writable page at @addr. */
void mm_split_pmd(void *addr);

/*
 * Split the THPs that this process maps in the @len bytes at @addr.  Needs debugfs at
 * MM_DEBUGFS.  Return: 0, or -1 with errno set.
 */
int mm_split_thps(const void *addr, size_t len);

/* Keep khugepaged from collapsing anything until mm_start_khugepaged(). */
void mm_stop_khugepaged(void);
void mm_start_khugepaged(void);

/* Pinned pages: those of an io_uring's buffers, until mm_unpin() or until it is closed */

/* Return: the descriptor of an io_uring, or -1. */
int mm_open_ring(void);

/* Pin the pages of @nr ranges, or unpin all of them.  Return: 0, or -1 with errno set. */
long mm_pin(int ring, const struct iovec *range, unsigned int nr);
long mm_unpin(int ring);

/* Return: a userfaultfd with these features, or -1 with errno set. */
int mm_open_uffd(uint64_t features);

/*
 * Two memory cgroups of version 1, 0 and 1.  A process moves to one of them or to the root,
 * with all of its threads, and with its @charges if they are 1
 * (memory.move_charge_at_immigrate).
 * Return: 0, or -1 with errno set.
 */
#define MM_ROOT_MEMCG	(-1)
int mm_make_memcgs(void);
void mm_remove_memcgs(void);
int mm_move_to_memcg(pid_t pid, int memcg, int charges);

/* Counts of memory.stat */
#define MM_NR_MEMCG_STATS	6
extern const char * const mm_memcg_stat_name[MM_NR_MEMCG_STATS];

/* Read these counts of a memory cgroup, less what they were after mm_make_memcgs(). */
void mm_memcg_stat(int memcg, long *count);

/*
 * Return: whether, after some seconds at most, both have no more and no less mapped than
 * after mm_make_memcgs().  If not, the counts are printed.
 */
int mm_memcgs_are_unmapped(void);

/* What the kernel tells of a process and its pages */

/* Read the pagemap entries of the @nr pages from @addr on. */
void mm_pagemap(pid_t pid, const void *addr, size_t nr, uint64_t *entry);

/*
 * Read the mapcounts, or the flags, of the pages that @nr pagemap entries map: 0 for an
 * entry that is not present.
 */
void mm_kpagecount(const uint64_t *entry, size_t nr, uint64_t *count);
void mm_kpageflags(const uint64_t *entry, size_t nr, uint64_t *flags);

/*
 * Sum up smaps of @pid: @all over all VMAs, @range over those that overlap the @len
 * bytes at @addr.
 */
void mm_smaps(pid_t pid, const void *addr, size_t len,
	      struct mm_smaps *range, struct mm_smaps *all);

/* Read the @nr named counts of /proc/vmstat, per-CPU differences included. */
void mm_vmstat(const char * const *name, size_t nr, long *count);

/*
 * mm_vmstat(), but wait, for some seconds at most, until the counts stay the same: the
 * kernel frees some memory late.
 */
void mm_settled_vmstat(const char * const *name, size_t nr, long *count);

/*
 * Each thread caches some RSS counts of its process (SPLIT_RSS_COUNTING).  mm_status()
 * is exact only if every thread has called mm_sync_rss() and has taken no page fault
 * since, so read it again before reporting a mismatch.
 */
void mm_status(pid_t pid, struct mm_status *status);
void mm_sync_rss(void);

#endif
