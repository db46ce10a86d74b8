// Signals as bytes in a pipe, whichever thread the kernel picks to take them.
#pragma once

#include <stdbool.h>

// From now on each of `numbers` is written to `descriptor`, as one byte a signal. SIGPIPE is
// ignored. The descriptor should not block. False, with errno, when the kernel refuses a number.
bool host_take_signals(const int *numbers, int count, int descriptor);
