# A compiler: preprocess, compile, assemble, link, archive. What it makes lies on a noexec file system, so it is only looked at.
set -eu
cd "$WORK"
cat > hello.c <<'C'
#include <pthread.h>
#include <stdio.h>
static void *run(void *arg) { return arg; }
int main(void) { pthread_t t; pthread_create(&t, NULL, run, NULL); pthread_join(t, NULL); puts("hello"); return 0; }
C
gcc -O2 -g -pipe -Wall -c hello.c -o hello.o
gcc -O2 -flto hello.c -o hello -pthread
ar rcs libhello.a hello.o
gcc hello.o -o hello2 -pthread
readelf -h hello | grep -q 'DYN\|EXEC'
nm libhello.a | grep -q ' T main'
