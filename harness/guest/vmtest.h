/* SPDX-License-Identifier: GPL-2.0 */
/* Included first by the kernel's own vm selftests: what they need to build here. */
#include <linux/userfaultfd.h>
#include <sys/syscall.h>	/* mrelease_test does not include it */

/*
 * userfaultfd requests all features, and fails where one is missing.  Let it
 * request none: the answer names those that there are.
 */
#undef UFFD_API_FEATURES
#define UFFD_API_FEATURES	0

/* For ksm_tests: libnuma as on a kernel without CONFIG_NUMA */
#define numa_available()		(-1)
#define numa_num_configured_nodes()	1
#define numa_max_node()			0
#define numa_node_size(node, free)	0L
#define numa_alloc_onnode(size, node)	NULL
#define numa_free(mem, size)		((void)(mem))
