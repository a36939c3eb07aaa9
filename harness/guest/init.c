// SPDX-License-Identifier: GPL-2.0
/*
 * init of the test guest: run the programs in /tests one after the other and reboot.
 *
 * The console carries all results.  Each program prints TAP between
 * "# begin NAME" and "# end NAME STATUS".  After each, the page counts of
 * /proc/vmstat must be what they were before the first, or "# leak" is printed.
 * The kernel passes words NAME=VALUE of its command line as environment, to
 * init and so to the programs: only=NAME runs that program alone, seconds=
 * limits the time of each.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TESTS	"/tests"
#define SECONDS	"600"	/* for one program, by default */

static const char * const counted[] = {
	"nr_anon_pages", "nr_mapped", "nr_page_table_pages", "nr_shmem",
	"nr_anon_transparent_hugepages", "nr_shmem_hugepages", "nr_mlock",
};
#define NR_COUNTED (sizeof(counted) / sizeof(*counted))

static void write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("# %s: %s\n", name, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void mount_one(const char *type, const char *dir, const char *options)
{
	mkdir(dir, 0755);
	/* A kernel without THP does not know the option "huge". */
	if (mount(type, dir, type, 0, options) && mount(type, dir, type, 0, NULL) &&
	    errno != EBUSY)
		printf("# mount %s: %s\n", type, strerror(errno));
}

/*
 * Visit each CPU.  An idle one holds the mm that ran there last, with the page tables
 * that pgd_alloc() preallocates on i386 and arm.  Make that the mm of init, so that the
 * counts do not depend on which program it was.
 */
static void visit_cpus(void)
{
	cpu_set_t all, one;

	sched_getaffinity(0, sizeof(all), &all);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (CPU_ISSET(cpu, &all))
			sched_setaffinity(0, sizeof(one), &one);
	}
	sched_setaffinity(0, sizeof(all), &all);
}

static void read_counts(long *count)
{
	char name[64];
	long value;
	FILE *f;

	visit_cpus();
	/* Fold the per-CPU differences into the counts. */
	f = fopen("/proc/sys/vm/stat_refresh", "r");
	if (f) {
		fgetc(f);
		fclose(f);
	}
	memset(count, 0, NR_COUNTED * sizeof(*count));
	f = fopen("/proc/vmstat", "r");
	while (f && fscanf(f, "%63s %ld", name, &value) == 2)
		for (size_t i = 0; i < NR_COUNTED; i++)
			if (!strcmp(name, counted[i]))
				count[i] = value;
	if (f)
		fclose(f);
}

/* Pages that the boot has freed leave the counts late: wait until these stay the same. */
static void read_settled_counts(long *count)
{
	long last[NR_COUNTED];

	read_counts(count);
	for (int tries = 0, same = 0; tries < 100 && same < 10; tries++) {
		memcpy(last, count, sizeof(last));
		usleep(100000);
		read_counts(count);
		same = memcmp(last, count, sizeof(last)) ? 0 : same + 1;
	}
}

/* Pages that a program has freed may leave the counts only after a grace period. */
static void check_counts(const char *name, const long *before)
{
	long after[NR_COUNTED];

	for (int tries = 0; tries < 50; tries++) {
		read_counts(after);
		if (!memcmp(before, after, sizeof(after)))
			return;
		usleep(100000);
	}
	for (size_t i = 0; i < NR_COUNTED; i++)
		if (before[i] != after[i])
			printf("# leak %s: %s was %ld, is %ld\n", name,
			       counted[i], before[i], after[i]);
}

/* Make the first memory cgroup, for which the kernel allocates page tables for good. */
static void use_cgroup(void)
{
	char dir[] = "/tmp/cgroup.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) || mount("cgroup2", ".", "cgroup2", 0, NULL) ||
	    chdir(dir))
		return;
	write_file("cgroup.subtree_control", "+memory");
	mkdir("init", 0755);
	rmdir("init");
	write_file("cgroup.subtree_control", "-memory");
	chdir("/");
	umount(dir);
	rmdir(dir);
}

static int run(const char *name)
{
	int status = 0;
	pid_t pid;

	pid = fork();
	if (!pid) {
		const char *seconds = getenv("seconds");

		setpgid(0, 0);
		alarm(atoi(seconds ? seconds : SECONDS));
		execl(name, name, NULL);
		printf("# exec %s: %s\n", name, strerror(errno));
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = -1;
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return status;
}

static int is_program(const struct dirent *d)
{
	const char *only = getenv("only");

	return d->d_name[0] != '.' && (!only || !strcmp(only, d->d_name));
}

int main(void)
{
	long before[NR_COUNTED];
	struct dirent **list;
	int nr;

	if (getpid() != 1) {	/* started by run("/init") below */
		use_cgroup();
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	mount_one("proc", "/proc", NULL);
	mount_one("sysfs", "/sys", NULL);
	mount_one("devtmpfs", "/dev", NULL);
	mount_one("tmpfs", "/tmp", "huge=advise");
	/* Leave the console to the tests: print only warnings and worse. */
	write_file("/proc/sys/kernel/printk", "5");
	setenv("PATH", "/bin:" TESTS, 0);

	if (chdir(TESTS) || (nr = scandir(TESTS, &list, is_program, alphasort)) < 0)
		nr = 0;
	/* Touch the memory that init needs for a run, or it would look like a leak. */
	run("/init");
	read_counts(before);
	printf("# %d programs\n", nr);
	read_settled_counts(before);
	for (int i = 0; i < nr; i++) {
		const char *name = list[i]->d_name;
		int status;

		printf("# begin %s\n", name);
		status = run(name);
		printf("\n# end %s %d\n", name, status);
		check_counts(name, before);
	}
	printf("# ran %d programs\n", nr);
	sync();
	/* QEMU exits, by -no-reboot.  Without ACPI, x86 cannot power off. */
	reboot(RB_AUTOBOOT);
	return 1;
}
