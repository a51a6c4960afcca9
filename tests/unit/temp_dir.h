/* A temporary directory for tests that need files. */
#ifndef KANUKI_TESTS_TEMP_DIR_H
#define KANUKI_TESTS_TEMP_DIR_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char temp_dir[64];

/* Removes path and everything beneath; links are removed, not followed. */
static void temp_dir_remove(const char *path)
{
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		char name[4096];
		struct stat st;
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode))
			temp_dir_remove(name);
		else
			unlink(name);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

static pid_t temp_dir_owner;

static void temp_dir_at_exit(void)
{
	if (getpid() == temp_dir_owner)
		temp_dir_remove(temp_dir);
}

/* Makes it, changes to it, and removes it at exit (of this process, not of forks). */
static void temp_dir_enter(void)
{
	snprintf(temp_dir, sizeof(temp_dir), "/tmp/kanuki-test-XXXXXX");
	temp_dir_owner = getpid();
	if (!mkdtemp(temp_dir) || chdir(temp_dir) < 0 || atexit(temp_dir_at_exit)) {
		perror("temporary directory");
		exit(99);
	}
}

/* Number of entries of a directory, without "." and ".."; -1 when there is none. */
__attribute__((unused)) static int temp_dir_entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;
	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

#endif
