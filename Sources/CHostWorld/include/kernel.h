// Calls the Glibc module leaves out because they are GNU's own.
#pragma once

// Names the calling thread, at most 15 bytes.
void host_name_thread(const char *name);
// pipe2(2) with O_CLOEXEC: 0, or -1 with errno.
int host_pipe(int ends[2]);
// mkostemp(3) with O_CLOEXEC.
int host_open_temporary(char *name);
