/*
 * The matrix of system calls that a container's program should not get through, each tried for
 * real with harmless arguments. Knows nothing of expectations: the tests judge.
 */
#ifndef THREATS_ATTEMPTS_H
#define THREATS_ATTEMPTS_H

/*
 * Tries every attempt named in args (all, if none is named) in a child of its own and prints
 * "NAME RESULT": OK, the errno's name, or the name of the signal that ended the child.
 */
int attempts_run(char **args);

#endif
