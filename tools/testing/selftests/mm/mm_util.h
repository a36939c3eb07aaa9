/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the memory management tests read about a process and its pages:
 * pagemap, kpagecount, kpageflags, smaps and the counters of status.
 *
 * A reader that can't read prints why and ends the process with KSFT_FAIL: no
 * test can go on without it.  All of it needs root.
 */
#ifndef MM_UTIL_H
#define MM_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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

/* Print a message with errno's, and end the process. */
void mm_die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* Write @text to the file @name.  Return: 0, or -1 with errno set. */
int mm_write_file(const char *name, const char *text);

/* Return: the whole file @name, until the next call of any of these, or NULL. */
char *mm_read_file(const char *name);

/*
 * A file on a new file system of @type, both gone when the file is closed.
 * Return: its descriptor, or -1.
 */
int mm_temp_file(const char *type, const char *options);

/*
 * Swap to a RAM disk, which needs no machine with a disk.  An entry that was
 * lost keeps mm_swapoff() from its end: after some seconds it fails.
 * Return: 0, or -1 with errno set.
 */
#define MM_SWAP_DEVICE		"/dev/ram0"
int mm_swapon(void);
int mm_swapoff(void);

/* A page on the list of another CPU has a reference more. */
void mm_stay_on_one_cpu(void);

#define MM_DEBUGFS		"/sys/kernel/debug"
#define MM_THP			"/sys/kernel/mm/transparent_hugepage"

/* Return: the size of a PMD-mapped THP in bytes, 0 if there is none. */
size_t mm_pmd_thp_size(void);

/*
 * Split the THPs that this process maps in the @len bytes at @addr.  Wants
 * MM_DEBUGFS to be mounted.  Return: 0, or -1 with errno set.
 */
int mm_split_thps(const void *addr, size_t len);

/* From here on, until it is started, khugepaged makes no THP. */
void mm_stop_khugepaged(void);
void mm_start_khugepaged(void);

/* Read the pagemap entries of the @nr pages from @addr. */
void mm_pagemap(pid_t pid, const void *addr, size_t nr, uint64_t *entry);

/* Read the mapcounts, or the flags, of the pages that @entry says are present. */
void mm_kpagecount(const uint64_t *entry, size_t nr, uint64_t *count);
void mm_kpageflags(const uint64_t *entry, size_t nr, uint64_t *flags);

/*
 * Walk all of @pid: @all is the sum over all VMAs, @range over those that
 * overlap the @len bytes at @addr.
 */
void mm_smaps(pid_t pid, const void *addr, size_t len,
	      struct mm_smaps *range, struct mm_smaps *all);

/* Read the @nr named counts of /proc/vmstat, what CPUs keep to themselves included. */
void mm_vmstat(const char * const *name, size_t nr, long *count);

/*
 * A thread keeps some of its process's counts to itself (SPLIT_RSS_COUNTING).
 * Status is exact only after every thread has called mm_sync_rss() and has
 * taken no page fault since: measure again before calling it wrong.
 */
void mm_status(pid_t pid, struct mm_status *status);
void mm_sync_rss(void);

#endif
