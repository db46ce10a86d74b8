#define _GNU_SOURCE
#include "kernel.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

void host_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
int host_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
int host_open_temporary(char *name) { return mkostemp(name, O_CLOEXEC); }
