// SPDX-License-Identifier: GPL-2.0
/*
 * Run one of the kernel's own vm selftests with arguments: the interpreter of the
 * files whose first line is "#!/tests/.vmtest PROGRAM ARGUMENT...".  The first one
 * prepares the guest: hugetlbfs, debugfs and swap.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mm_util.h"

int main(int argc, char **argv)
{
	char *arg[16] = { NULL };
	char *next = argc > 1 ? argv[1] : "";

	if (!mkdir("huge", 0755) &&
	    (mount("hugetlbfs", "huge", "hugetlbfs", 0, NULL) ||
	     mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL) ||
	     mm_swapon())) {
		perror("# preparing the guest");
		return 1;
	}
	for (int i = 0; i < 15 && (arg[i] = strtok(next, " ")); i++)
		next = NULL;
	if (*arg)
		execv(*arg, arg);
	perror("# exec");
	return 127;
}
