#define _GNU_SOURCE
#include "tasks.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// Swift's runtime lets a program say where its tasks run (`swift/Runtime/Concurrency.h`).
#define SWIFT_CC __attribute__((swiftcall))
typedef SWIFT_CC void (*Enqueue)(void *job, void *original);
extern Enqueue swift_task_enqueueGlobal_hook;
// The executor is a pair of words; zeros are the global one.
extern SWIFT_CC void swift_job_run(void *job, void *identity, uintptr_t implementation);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
// A ring of jobs in order; its room is a power of two.
static void **jobs;
static size_t first, count, room;
static int threads, idle, most;

static void *work(void *unused) {
  (void)unused;
  pthread_setname_np(pthread_self(), "tasks");
  pthread_mutex_lock(&mutex);
  for (;;) {
    while (count == 0) {
      idle++;
      pthread_cond_wait(&changed, &mutex);
      idle--;
    }
    void *job = jobs[first];
    first = (first + 1) & (room - 1);
    count--;
    pthread_mutex_unlock(&mutex);
    swift_job_run(job, NULL, 0);
    pthread_mutex_lock(&mutex);
  }
}

static void make_room(void) {
  size_t wider = room ? 2 * room : 64;
  void **moved = malloc(wider * sizeof *moved);
  if (!moved) abort();
  for (size_t index = 0; index < count; index++) moved[index] = jobs[(first + index) & (room - 1)];
  free(jobs);
  jobs = moved;
  first = 0;
  room = wider;
}

static SWIFT_CC void enqueue(void *job, void *original) {
  (void)original;
  pthread_mutex_lock(&mutex);
  if (count == room) make_room();
  jobs[(first + count) & (room - 1)] = job;
  count++;
  bool wakes = idle > 0;
  // A thread for each job that would wait, up to the limit. The first must come; more are a help.
  if (!wakes && threads < most) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) == 0) {
      pthread_detach(thread);
      threads++;
    } else if (threads == 0) {
      abort();
    }
  }
  pthread_mutex_unlock(&mutex);
  if (wakes) pthread_cond_signal(&changed);
}

void host_run_tasks(int limit) {
  pthread_mutex_lock(&mutex);
  most = limit;
  pthread_mutex_unlock(&mutex);
  swift_task_enqueueGlobal_hook = enqueue;
}
