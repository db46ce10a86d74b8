// A PostgreSQL client on libpq, which is opened when it is first asked for and not linked.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum host_postgres_end {
  host_postgres_answered,
  host_postgres_no_library,
  host_postgres_no_name,     // the server's name does not resolve
  host_postgres_no_connection,
  host_postgres_no_login,
  host_postgres_late,        // connecting or answering took longer than allowed
  host_postgres_query_failed
} host_postgres_end;

typedef struct host_postgres_answer {
  host_postgres_end end;
  bool connected;
  char *message;             // of the server or the library; null when there is none
  int column_count;
  int row_count;             // rows kept, at most the limit
  char **columns;
  char **cells;              // row by row; null is NULL
  int64_t connect_nanoseconds;
  int64_t query_nanoseconds;
  void *cancellation;        // set when a query still runs: for host_postgres_cancel
} host_postgres_answer;

// Connects and runs `statement` (null: connects only). Blocks at most `milliseconds`, but for the
// resolution of the server's name, which libpq does with the system's resolver.
void host_postgres_run(const char *target, const char *user, const char *password,
                       const char *statement, int row_limit, int milliseconds,
                       host_postgres_answer *answer);
void host_postgres_free(host_postgres_answer *answer);

// Asks the server to stop the query, over a connection of its own; blocks until it has answered.
void host_postgres_cancel(void *cancellation);
