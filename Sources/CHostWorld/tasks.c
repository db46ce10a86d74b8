#define _GNU_SOURCE
#include "tasks.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Swift's runtime lets a program say where its tasks run (`swift/Runtime/Concurrency.h`).
#define SWIFT_CC __attribute__((swiftcall))
typedef SWIFT_CC void (*Enqueue)(void *job, void *original);
extern Enqueue swift_task_enqueueGlobal_hook;
// The executor is a pair of words; zeros are the global one.
extern SWIFT_CC void swift_job_run(void *job, void *identity, uintptr_t implementation);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
// A ring of jobs in order; its room is a power of two.
static void **jobs;
static size_t first, count, room;
static int threads, waiting, most;
// A thread that waits was woken and has not said so yet.
static bool is_rung;
// Somebody should look when a thread that is awake does not come to what waits.
static bool wants_help, helper_is_set;

static HostEvents host;
static int poll = -1;
// Edge-triggered, so nobody reads either.
static int bell = -1, helper = -1;
static __thread bool is_task_thread;

static const long patience = 1000000; // Nanoseconds.

static void set_helper(long nanoseconds) {
  struct itimerspec setting = {.it_value = {.tv_nsec = nanoseconds}};
  timerfd_settime(helper, 0, &setting, NULL);
  helper_is_set = nanoseconds != 0;
}

// Called with the lock held, as the next four.
static void call_help(void) {
  wants_help = true;
  if (!helper_is_set) set_helper(patience);
}

static void ring(void) {
  is_rung = true;
  uint64_t one = 1;
  if (write(bell, &one, sizeof one) < 0) abort();
}

// Whoever goes on to something that may be long sees to it that others look at what is left.
static void leave_jobs(void) {
  if (count > 0 && waiting > 0) call_help();
}

static void run_jobs(void) {
  while (count > 0) {
    void *job = jobs[first];
    first = (first + 1) & (room - 1);
    count--;
    leave_jobs();
    pthread_mutex_unlock(&mutex);
    swift_job_run(job, NULL, 0);
    pthread_mutex_lock(&mutex);
  }
}

static void *work(void *unused) {
  (void)unused;
  is_task_thread = true;
  pthread_setname_np(pthread_self(), "tasks");
  pthread_mutex_lock(&mutex);
  for (;;) {
    run_jobs();
    wants_help = false;
    pthread_mutex_unlock(&mutex);
    host.settle();
    pthread_mutex_lock(&mutex);
    if (count > 0) continue;
    if (helper_is_set && !wants_help) set_helper(0);
    waiting++;
    pthread_mutex_unlock(&mutex);
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, -1);
    pthread_mutex_lock(&mutex);
    waiting--;
    is_rung = false;
    int others = 0;
    for (int index = 0; index < ready; index++) {
      if (events[index].data.fd == helper) helper_is_set = false;
      else if (events[index].data.fd != bell) events[others++] = events[index];
    }
    if (others == 0) continue;
    leave_jobs();
    pthread_mutex_unlock(&mutex);
    host.handle(events, others);
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

// Sees to it that some thread comes to what was added; the first must start, more are a help.
static void find_thread(void) {
  if (waiting == 0 && threads < most) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) == 0) {
      pthread_detach(thread);
      threads++;
      return;
    }
    if (threads == 0) abort();
  }
  if (waiting == threads && !is_rung) ring();
  else call_help();
}

static SWIFT_CC void enqueue(void *job, void *original) {
  (void)original;
  pthread_mutex_lock(&mutex);
  if (count == room) make_room();
  jobs[(first + count) & (room - 1)] = job;
  count++;
  find_thread();
  pthread_mutex_unlock(&mutex);
}

bool host_settles_soon(void) {
  if (!is_task_thread) return false;
  pthread_mutex_lock(&mutex);
  find_thread();
  pthread_mutex_unlock(&mutex);
  return true;
}

int host_task_poll(void) { return poll; }

static void watch(int descriptor) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = descriptor};
  if (descriptor < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) abort();
}

void host_run_tasks(int limit, HostEvents events) {
  if (poll >= 0) return;
  host = events;
  poll = epoll_create1(EPOLL_CLOEXEC);
  bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  helper = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  watch(bell);
  watch(helper);
  pthread_mutex_lock(&mutex);
  most = limit;
  pthread_mutex_unlock(&mutex);
  swift_task_enqueueGlobal_hook = enqueue;
}
