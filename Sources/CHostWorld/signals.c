#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_int target = -1;

// write(2) is among the few calls a handler may make (signal-safety(7)).
static void note(int number) {
  int before = errno;
  unsigned char byte = (unsigned char)number;
  ssize_t written = write(atomic_load(&target), &byte, 1);
  (void)written; // A full pipe holds enough signals already.
  errno = before;
}

bool host_take_signals(const int *numbers, int count, int descriptor) {
  atomic_store(&target, descriptor);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  action.sa_handler = SIG_IGN;
  if (sigaction(SIGPIPE, &action, NULL) != 0) return false;
  action.sa_handler = note;
  for (int i = 0; i < count; i++) {
    if (sigaction(numbers[i], &action, NULL) != 0) return false;
  }
  return true;
}
