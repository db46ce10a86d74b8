// Threads for Swift's tasks in place of libdispatch's, whose pool looks after itself once a second.
// A thread that has no task to run waits for the process' events: what an event awakes runs on the
// thread that it woke, and a quiet daemon wakes one thread an event.
#pragma once

#include <stdbool.h>
#include <sys/epoll.h>

// What the threads do besides running tasks; both return soon.
typedef struct {
  // What must be done before a thread waits.
  void (*settle)(void);
  // Some of what was added to the epoll descriptor is ready.
  void (*handle)(const struct epoll_event *events, int count);
} HostEvents;

// From now on tasks run on at most so many threads of ours. They start as they are needed. A second
// call changes nothing.
void host_run_tasks(int limit, HostEvents events);
// What the threads wait on; -1 when tasks run elsewhere. Everything on it must be of one shot or
// edge-triggered: each event wakes one thread.
int host_task_poll(void);
// Sees to it that `settle` is called soon, by this thread when it comes to an end of its tasks or by
// another when that takes too long. False when this is no thread for tasks.
bool host_settles_soon(void);
