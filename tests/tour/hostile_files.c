/* hostile, the part about files, namespaces, mounts and modules. */
#define _GNU_SOURCE
#include "hostile.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* --- files ------------------------------------------------------------------------------------ */

int write_root(void)
{
	int fd = open("/hostile-was-here", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	unlink("/hostile-was-here");
	return 0;
}

int remount_root(void)
{
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static int copy_self(int to_fd)
{
	char buffer[65536];
	ssize_t got;
	int from_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (from_fd < 0)
		return -1;
	while ((got = read(from_fd, buffer, sizeof(buffer))) > 0)
		if (write(to_fd, buffer, (size_t)got) != got) {
			close(from_fd);
			return -1;
		}
	close(from_fd);
	return got < 0 ? -1 : 0;
}

/* Did a program start? execveat is tried in a child, whose failure comes back as its exit status. */
static int exec_fd_or_path(int fd, const char *path)
{
	char *const argv[] = {(char *)"scratch", (char *)"--nothing", NULL};
	char *const envp[] = {NULL};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		syscall(SYS_execveat, fd, path, argv, envp, *path ? 0 : AT_EMPTY_PATH);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 0;
	if (WIFSIGNALED(status)) {
		say("killed by signal %d", WTERMSIG(status));
		return -1;
	}
	errno = WEXITSTATUS(status);
	return errno == 0 ? 0 : -1;
}

int write_and_execute(void)
{
	int result;
	int fd = open(SCRATCH, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);

	if (fd < 0)
		return -1;
	result = copy_self(fd);
	close(fd);
	if (result == 0)
		result = exec_fd_or_path(AT_FDCWD, SCRATCH);
	return result;
}

int map_executable(void)
{
	void *at;
	int fd = open(SCRATCH, O_CREAT | O_RDWR | O_CLOEXEC, 0755);

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return -1;
	at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	close(fd);
	return at == MAP_FAILED ? -1 : 0;
}

int execute_memfd(void)
{
	int fd = memfd_create("hostile", 0);

	if (fd < 0)
		return -1;
	if (copy_self(fd) < 0)
		return -1;
	return exec_fd_or_path(fd, "");
}

/* Any mount that is neither read-only nor noexec: its place is what an attacker looks for. */
int find_writable_executable(void)
{
	char line[4096];
	char target[1024];
	char options[1024];
	unsigned count = 0;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	if (!mounts)
		return 0;
	while (fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%*s %*s %*s %*s %1023s %1023s", target, options) != 2)
			continue;
		count++;
		if (strncmp(options, "ro", 2) != 0 && !strstr(options, "noexec")) {
			say("%s is writable and executable", target);
			fclose(mounts);
			return 0;
		}
	}
	fclose(mounts);
	say("none among %u mounts", count);
	return count > 0 ? -1 : 0;
}

/* --- namespaces, mounts, modules ---------------------------------------------------------------- */

int unshare_user(void)
{
	return unshare(CLONE_NEWUSER);
}

int clone_user(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

int clone3_user(void)
{
	uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
	pid_t pid = (pid_t)syscall(SYS_clone3, args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

int mount_tmpfs(void)
{
	if (mount("none", "/tmp", "tmpfs", 0, NULL) < 0)
		return -1;
	umount2("/tmp", MNT_DETACH);
	return 0;
}

int mount_new_api(void)
{
	return (int)syscall(SYS_fsopen, "tmpfs", 0) < 0 ? -1 : 0;
}

/* The image is no module, so an open kernel says ENOEXEC: then the loader was reached. */
static int loader_answer(long result)
{
	return result == 0 || errno == ENOEXEC || errno == EINVAL || errno == EBADMSG ? 0 : -1;
}

int load_module(void)
{
	static char image[4096];

	return loader_answer(syscall(SYS_init_module, image, sizeof(image), ""));
}

int load_module_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	return loader_answer(syscall(SYS_finit_module, fd, "", 0));
}

int change_root(void)
{
	return chroot("/tmp");
}

int open_by_handle(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} buffer = {.handle = {.handle_bytes = 128}};
	int mount_id;
	int dirfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* A file system that gives no handle is asked with one made up: EPERM comes before the handle is looked at. */
	if (name_to_handle_at(AT_FDCWD, "/tmp", &buffer.handle, &mount_id, 0) < 0)
		buffer.handle.handle_bytes = 8;
	if (open_by_handle_at(dirfd, &buffer.handle, O_RDONLY) >= 0)
		return 0;
	return errno == ESTALE || errno == EINVAL ? 0 : -1;
}
