/* Prints every property that the parser's tables know: "PATH<tab>TREATMENT".
 */
#include "config.h"

#include "spec/spec.h"

#include <stdio.h>

#include "base/banned.h"

static void print(const char *path, const char *treatment, void *arg)
{
	(void)arg;
	printf("%s\t%s\n", path, treatment);
}

int main(void)
{
	spec_each_property(print, NULL);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
