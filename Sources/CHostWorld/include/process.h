// Child processes in a session of their own, so that a whole family can be killed.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

// Starts `path` with stdin, stdout and stderr as given, every other descriptor closed, signals at
// their defaults, as the leader of a new session and process group. Returns 0 or an errno value.
int host_spawn(pid_t *child, const char *path, char *const arguments[], char *const environment[],
               int input, int output, int errors);

// A descriptor that becomes readable when the child ends, or -1.
int host_pidfd_open(pid_t child);

// Whether the child has ended; it stays a zombie, so that its number names nobody else.
bool host_has_ended(pid_t child);

bool host_exited(int status);
int host_exit_code(int status);
int host_exit_signal(int status);
