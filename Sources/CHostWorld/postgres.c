#include "postgres.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// libpq's values, as its documentation fixes them.
enum { status_ok = 0, status_bad = 1 };
enum { poll_failed = 0, poll_reading = 1, poll_writing = 2, poll_ok = 3 };
enum { result_command_ok = 1, result_tuples_ok = 2 };

typedef struct connection connection;
typedef struct result result;

static struct {
  bool loaded;
  connection *(*connect_start)(const char *const *, const char *const *, int);
  int (*connect_poll)(connection *);
  int (*status)(const connection *);
  int (*descriptor)(const connection *);
  char *(*error)(const connection *);
  void (*finish)(connection *);
  int (*set_nonblocking)(connection *, int);
  int (*send_query)(connection *, const char *);
  int (*flush)(connection *);
  int (*consume)(connection *);
  int (*busy)(connection *);
  result *(*next_result)(connection *);
  int (*result_status)(const result *);
  char *(*result_error)(const result *);
  int (*rows)(const result *);
  int (*fields)(const result *);
  char *(*field_name)(const result *, int);
  char *(*value)(const result *, int, int);
  int (*is_null)(const result *, int, int);
  void (*clear)(result *);
  void *(*get_cancel)(connection *);
  int (*cancel)(void *, char *, int);
  void (*free_cancel)(void *);
} pq;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  struct { void *slot; const char *name; } wanted[] = {
      {&pq.connect_start, "PQconnectStartParams"}, {&pq.connect_poll, "PQconnectPoll"},
      {&pq.status, "PQstatus"}, {&pq.descriptor, "PQsocket"}, {&pq.error, "PQerrorMessage"},
      {&pq.finish, "PQfinish"}, {&pq.set_nonblocking, "PQsetnonblocking"},
      {&pq.send_query, "PQsendQuery"}, {&pq.flush, "PQflush"}, {&pq.consume, "PQconsumeInput"},
      {&pq.busy, "PQisBusy"}, {&pq.next_result, "PQgetResult"},
      {&pq.result_status, "PQresultStatus"}, {&pq.result_error, "PQresultErrorMessage"},
      {&pq.rows, "PQntuples"}, {&pq.fields, "PQnfields"}, {&pq.field_name, "PQfname"},
      {&pq.value, "PQgetvalue"}, {&pq.is_null, "PQgetisnull"}, {&pq.clear, "PQclear"},
      {&pq.get_cancel, "PQgetCancel"}, {&pq.cancel, "PQcancel"},
      {&pq.free_cancel, "PQfreeCancel"},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    void *symbol = dlsym(library, wanted[i].name);
    if (symbol == NULL) return;
    memcpy(wanted[i].slot, &symbol, sizeof symbol);
  }
  pq.loaded = true;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Waits for the connection's socket; false at the deadline.
static bool wait_for(connection *c, short events, int64_t deadline) {
  for (;;) {
    int64_t left = (deadline - now()) / 1000000;
    if (left <= 0) return false;
    struct pollfd one = {.fd = pq.descriptor(c), .events = events};
    int ready = poll(&one, 1, left > 60000 ? 60000 : (int)left);
    if (ready != 0) return true;
  }
}

static void fail(host_postgres_answer *answer, host_postgres_end end, const char *message) {
  answer->end = end;
  if (answer->message == NULL && message != NULL) answer->message = strdup(message);
}

static host_postgres_end cause(const char *message) {
  if (message == NULL) return host_postgres_no_connection;
  if (strstr(message, "could not translate host name") != NULL) return host_postgres_no_name;
  const char *logins[] = {"authentication failed", "no password supplied", "pg_hba.conf",
                          "role \"", "is not permitted to log in"};
  for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
    if (strstr(message, logins[i]) != NULL) return host_postgres_no_login;
  }
  return host_postgres_no_connection;
}

static bool connect_until(connection *c, int64_t deadline, host_postgres_answer *answer) {
  if (c == NULL || pq.status(c) == status_bad) {
    const char *message = c == NULL ? "out of memory" : pq.error(c);
    fail(answer, cause(message), message);
    return false;
  }
  for (int step = poll_writing; step != poll_ok; step = pq.connect_poll(c)) {
    if (step == poll_failed) {
      fail(answer, cause(pq.error(c)), pq.error(c));
      return false;
    }
    if (!wait_for(c, step == poll_reading ? POLLIN : POLLOUT, deadline)) {
      fail(answer, host_postgres_late, NULL);
      return false;
    }
  }
  return true;
}

static void keep_rows(result *r, int limit, host_postgres_answer *answer) {
  if (answer->columns != NULL) return; // of several statements the first answer counts
  int columns = pq.fields(r), rows = pq.rows(r);
  if (rows > limit) rows = limit;
  if (columns <= 0) return;
  answer->columns = calloc((size_t)columns, sizeof(char *));
  answer->cells = calloc((size_t)columns * (size_t)(rows > 0 ? rows : 1), sizeof(char *));
  if (answer->columns == NULL || answer->cells == NULL) return;
  answer->column_count = columns;
  answer->row_count = rows;
  for (int c = 0; c < columns; c++) answer->columns[c] = strdup(pq.field_name(r, c));
  for (int row = 0; row < rows; row++) {
    for (int c = 0; c < columns; c++) {
      if (pq.is_null(r, row, c)) continue;
      answer->cells[row * columns + c] = strdup(pq.value(r, row, c));
    }
  }
}

static void query_until(connection *c, const char *statement, int limit, int64_t deadline,
                        host_postgres_answer *answer) {
  pq.set_nonblocking(c, 1);
  if (pq.send_query(c, statement) != 1) {
    fail(answer, host_postgres_query_failed, pq.error(c));
    return;
  }
  for (;;) {
    int unsent = pq.flush(c);
    if (unsent == 0 && !pq.busy(c)) {
      result *r = pq.next_result(c);
      if (r == NULL) return;
      int status = pq.result_status(r);
      if (status == result_tuples_ok) {
        keep_rows(r, limit, answer);
      } else if (status != result_command_ok) {
        fail(answer, host_postgres_query_failed, pq.result_error(r));
      }
      pq.clear(r);
      // Copying in or out never ends by itself; the connection is closed instead.
      if (status != result_tuples_ok && status != result_command_ok) return;
      continue;
    }
    if (!wait_for(c, (short)(POLLIN | (unsent > 0 ? POLLOUT : 0)), deadline)) {
      fail(answer, host_postgres_late, NULL);
      answer->cancellation = pq.get_cancel(c);
      return;
    }
    if (pq.consume(c) != 1) {
      fail(answer, host_postgres_query_failed, pq.error(c));
      return;
    }
  }
}

void host_postgres_run(const char *target, const char *user, const char *password,
                       const char *statement, int row_limit, int milliseconds,
                       host_postgres_answer *answer) {
  memset(answer, 0, sizeof *answer);
  pthread_once(&once, load);
  if (!pq.loaded) {
    fail(answer, host_postgres_no_library, NULL);
    return;
  }
  const char *names[5] = {"dbname", "fallback_application_name"}, *values[5] = {target, "tocsin"};
  int count = 2;
  if (user != NULL) names[count] = "user", values[count++] = user;
  if (password != NULL) names[count] = "password", values[count++] = password;
  int64_t began = now(), deadline = began + (int64_t)milliseconds * 1000000;
  connection *c = pq.connect_start(names, values, 1);
  bool connected = connect_until(c, deadline, answer);
  int64_t ready = now();
  answer->connect_nanoseconds = ready - began;
  answer->connected = connected;
  if (connected && statement != NULL) {
    query_until(c, statement, row_limit, deadline, answer);
    answer->query_nanoseconds = now() - ready;
  }
  if (c != NULL) pq.finish(c);
}

void host_postgres_free(host_postgres_answer *answer) {
  for (int c = 0; c < answer->column_count; c++) free(answer->columns[c]);
  for (int i = 0; i < answer->column_count * answer->row_count; i++) free(answer->cells[i]);
  free(answer->columns);
  free(answer->cells);
  free(answer->message);
}

void host_postgres_cancel(void *cancellation) {
  if (cancellation == NULL) return;
  char message[256];
  pq.cancel(cancellation, message, sizeof message);
  pq.free_cancel(cancellation);
}
