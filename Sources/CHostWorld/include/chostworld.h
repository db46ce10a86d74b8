// What HostWorld needs of C: headers the Glibc module leaves out, fixed-arity forms of variadic
// calls, and the few pieces that are shorter in C than in Swift.
#pragma once

#define SD_JOURNAL_SUPPRESS_LOCATION 1

#include <curl/curl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include "curl_calls.h"
#include "kernel.h"
#include "memory.h"
#include "postgres.h"
#include "process.h"
#include "signals.h"
#include "tasks.h"
#include "tls.h"

// The macro casts -1 to a function pointer, which Swift does not import.
static inline int host_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes,
                                        int count) {
  return count == 0 ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}
static inline int host_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text,
                                        int count) {
  // An empty text may come without an address, which would bind NULL.
  return sqlite3_bind_text(statement, index, count == 0 ? "" : text, count, SQLITE_TRANSIENT);
}
