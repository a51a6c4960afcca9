/*
 * Exchanges two names without pause: the racing half of every time-of-check attack here.
 *
 * swap [-t THREADS] [-s SECONDS] [-p MICROSECONDS] A B [A2 B2 ...]
 * RENAME_EXCHANGE leaves no moment in which a name is missing, so a runtime always finds one of the two.
 * Ends by itself after SECONDS (default 60): a test that dies leaves no busy loop behind. On
 * SIGTERM or at the end it prints how many exchanges it made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

struct job {
	char **names;
	int count;
	unsigned pause_us;
};

static volatile sig_atomic_t stop;
static atomic_ulong exchanges;
static atomic_int failure;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void *swap_loop(void *arg)
{
	const struct job *job = arg;

	while (!stop) {
		for (int i = 0; i + 1 < job->count; i += 2) {
			if (!renameat2(AT_FDCWD, job->names[i], AT_FDCWD, job->names[i + 1],
				       RENAME_EXCHANGE)) {
				exchanges++;
			} else if (errno != EBUSY) {
				/* EBUSY: a name is a mount point just now, in this namespace. */
				failure = errno;
				return NULL;
			}
		}
		if (job->pause_us)
			usleep(job->pause_us);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct job job = { 0 };
	pthread_t threads[16];
	int count = 1, opt;
	unsigned seconds = 60;

	while ((opt = getopt(argc, argv, "t:s:p:")) != -1) {
		if (opt == 't')
			count = atoi(optarg);
		else if (opt == 's')
			seconds = (unsigned)atoi(optarg);
		else if (opt == 'p')
			job.pause_us = (unsigned)atoi(optarg);
		else
			return 2;
	}
	job.names = argv + optind;
	job.count = argc - optind;
	if (job.count < 2 || job.count % 2 || count < 1 || count > 16)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, swap_loop, &job))
			return 1;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("exchanges %lu\n", (unsigned long)exchanges);
	if (failure)
		fprintf(stderr, "swap: %s\n", strerror(failure));
	return failure != 0;
}
