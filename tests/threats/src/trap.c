/*
 * A booby-trapped shared library: planted in an image wherever a careless program would load one
 * from (preload, name service, locale and character-set modules). Loading it leaves /tripped,
 * /res/tripped and, for a loader outside the container, /srv/tripped.
 */
#include <fcntl.h>
#include <unistd.h>

static void leave(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	if (fd >= 0)
		close(fd);
}

__attribute__((constructor)) static void trip(void)
{
	leave("/tripped");
	leave("/res/tripped");
	leave("/srv/tripped");
}
