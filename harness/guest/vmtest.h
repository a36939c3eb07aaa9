/* SPDX-License-Identifier: GPL-2.0 */
/* Included before all else by the kernel's own vm tests: what they lack. */
#include <linux/userfaultfd.h>
#include <sys/syscall.h>	/* mrelease_test uses numbers and forgets this */

/* userfaultfd asks for all features; those that there are it learns with none, too. */
#undef UFFD_API_FEATURES
#define UFFD_API_FEATURES	0

/* libnuma where CONFIG_NUMA is not set, for ksm_tests */
#define numa_available()		(-1)
#define numa_num_configured_nodes()	1
#define numa_max_node()			0
#define numa_node_size(node, free)	0L
#define numa_alloc_onnode(size, node)	NULL
#define numa_free(mem, size)		((void)(mem))
