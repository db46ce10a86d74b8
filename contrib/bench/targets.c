// The load side of the benchmarks: many metrics targets in one cheap process. Every value is a
// function of time, so that all peers see the same targets whenever they ask.
//
//   targets PLAN      serves what PLAN describes until it is killed
//   targets --memory  prints what this machine copies and compares, in MB/s
//
// Lines of PLAN:
//   body                          a new body begins; they count from 0
//   text LINE                     a line as it stands
//   i BASE RATE SERIES            a whole number: BASE + RATE * seconds * the port's factor
//   f BASE RATE SERIES            the same with three decimals
//   w BASE RATE SERIES            a number with three decimals that swings between BASE and BASE + RATE
//   port NUMBER BODY FACTOR       a port that serves the body at /PEER/metrics
//
// Every port also answers /health/... with a healthy JSON, /sink with 204, /stats with the counts of
// scrapes and bytes by PEER, and /fail?on, /fail?off, which make /PEER/metrics answer 503 there.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_LINES = 1 << 20, MOST_BODIES = 64, MOST_PORTS = 4096, MOST_PEERS = 16, REQUEST = 65536 };

typedef struct { char kind; double base, rate; char *text; size_t length; } Line;
typedef struct { Line *lines; size_t count, bytes; } Body;
typedef struct { int body; double factor; int fails; } Port;
typedef struct { char name[32]; uint64_t scrapes, bytes; } Peer;
typedef struct {
  int socket, port;
  char request[REQUEST];
  size_t asked;
  char *answer;
  size_t length, sent, room;
} Connection;

static Body bodies[MOST_BODIES];
static int body_count = 0;
static Port ports[MOST_PORTS];
static int port_count = 0;
static Peer peers[MOST_PEERS];
static int peer_count = 0;
static double began;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "targets: %s: %s\n", what, strerror(errno));
  exit(1);
}

static char *put_whole(char *out, uint64_t value) {
  char digits[24];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10); while (value /= 10);
  while (count) *out++ = digits[--count];
  return out;
}

static char *put_decimal(char *out, double value) {
  uint64_t thousandths = (uint64_t)(value * 1000 + 0.5);
  out = put_whole(out, thousandths / 1000);
  *out++ = '.';
  *out++ = (char)('0' + thousandths / 100 % 10);
  *out++ = (char)('0' + thousandths / 10 % 10);
  *out++ = (char)('0' + thousandths % 10);
  return out;
}

// A triangle between 0 and 1 that takes two minutes, each line at a place of its own in it.
static double swing(double seconds, size_t place) {
  double phase = seconds / 120 + (double)(place % 97) / 97;
  phase -= (double)(uint64_t)phase;
  return phase < 0.5 ? 2 * phase : 2 - 2 * phase;
}

static char *render(char *out, const Body *body, double factor) {
  double seconds = now() - began;
  for (size_t index = 0; index < body->count; index++) {
    const Line *line = &body->lines[index];
    memcpy(out, line->text, line->length);
    out += line->length;
    if (line->kind != 't') {
      *out++ = ' ';
      if (line->kind == 'w') {
        out = put_decimal(out, line->base + line->rate * swing(seconds, index));
      } else {
        double value = line->base + line->rate * seconds * factor;
        out = line->kind == 'i' ? put_whole(out, (uint64_t)value) : put_decimal(out, value);
      }
    }
    *out++ = '\n';
  }
  return out;
}

static void read_plan(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  char *text = NULL;
  size_t room = 0;
  ssize_t length;
  Body *body = NULL;
  while ((length = getline(&text, &room, file)) > 0) {
    if (text[length - 1] == '\n') text[--length] = 0;
    if (strcmp(text, "body") == 0) {
      if (body_count == MOST_BODIES) fail("too many bodies");
      body = &bodies[body_count++];
      body->lines = malloc(MOST_LINES * sizeof(Line));
      continue;
    }
    int number, which;
    double factor;
    if (sscanf(text, "port %d %d %lf", &number, &which, &factor) == 3) {
      if (port_count == MOST_PORTS) fail("too many ports");
      ports[port_count++] = (Port){which, factor, 0};
      int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
      setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      struct sockaddr_in address = {AF_INET, htons((uint16_t)number), {htonl(INADDR_LOOPBACK)}, {0}};
      if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 512))
        fail("listen");
      // Listeners follow each other: the first is found below, the others by their order.
      if (dup2(listener, 1000 + port_count - 1) < 0) fail("dup2");
      fcntl(1000 + port_count - 1, F_SETFL, O_NONBLOCK);
      close(listener);
      continue;
    }
    if (!body || body->count == MOST_LINES) fail("a line outside a body");
    Line line = {0};
    int used = 0;
    if (strncmp(text, "text ", 5) == 0) {
      line.kind = 't';
      used = 5;
    } else if (sscanf(text, "%c %lf %lf %n", &line.kind, &line.base, &line.rate, &used) < 3) {
      fail(text);
    }
    line.length = (size_t)(length - used);
    line.text = strdup(text + used);
    body->lines[body->count++] = line;
    body->bytes += line.length + 32;
  }
  free(text);
  fclose(file);
}

static Peer *peer_called(const char *name, size_t length) {
  if (length >= sizeof peers[0].name) length = sizeof peers[0].name - 1;
  for (int index = 0; index < peer_count; index++)
    if (strncmp(peers[index].name, name, length) == 0 && !peers[index].name[length])
      return &peers[index];
  if (peer_count == MOST_PEERS) return &peers[0];
  memcpy(peers[peer_count].name, name, length);
  return &peers[peer_count++];
}

static void answer(Connection *one, int status, const char *type, const char *text, size_t length) {
  size_t need = length + 512;
  if (one->room < need) one->answer = realloc(one->answer, one->room = need);
  int head = sprintf(one->answer,
      "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status,
      status < 300 ? "OK" : "Error", type, length);
  memcpy(one->answer + head, text, length);
  one->length = (size_t)head + length;
  one->sent = 0;
}

static void answer_metrics(Connection *one, const char *peer, size_t length) {
  Port *port = &ports[one->port];
  Peer *who = peer_called(peer, length);
  if (port->fails) return answer(one, 503, "text/plain", "failing\n", 8);
  const Body *body = &bodies[port->body];
  size_t need = body->bytes + 512;
  if (one->room < need) one->answer = realloc(one->answer, one->room = need);
  // The head has one length, so that the body can be written behind it first.
  enum { HEAD = 128 };
  char *end = render(one->answer + HEAD, body, port->factor);
  size_t size = (size_t)(end - one->answer) - HEAD;
  char head[HEAD + 1];
  int used = snprintf(head, sizeof head,
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
      "Content-Length: %zu\r\nX-Pad: ", size);
  memset(head + used, 'x', (size_t)(HEAD - used));
  memcpy(head + HEAD - 4, "\r\n\r\n", 4);
  memcpy(one->answer, head, HEAD);
  one->length = HEAD + size;
  one->sent = 0;
  who->scrapes++;
  who->bytes += size;
}

static void answer_stats(Connection *one) {
  char text[MOST_PEERS * 128];
  char *end = text + sprintf(text, "{");
  for (int index = 0; index < peer_count; index++)
    end += sprintf(end, "%s\"%s\": {\"scrapes\": %lu, \"bytes\": %lu}", index ? ", " : "",
        peers[index].name, peers[index].scrapes, peers[index].bytes);
  end += sprintf(end, "}\n");
  answer(one, 200, "application/json", text, (size_t)(end - text));
}

static void serve(Connection *one) {
  static const char healthy[] =
      "{\"status\":\"healthy\",\"version\":\"1.0.0\",\"checks\":{\"database\":{\"status\":\"healthy\"},"
      "\"filesystem\":{\"status\":\"healthy\"}}}";
  char *path = strchr(one->request, ' ');
  if (!path) return answer(one, 400, "text/plain", "bad\n", 4);
  path++;
  size_t length = strcspn(path, " \r\n");
  char *metrics = memmem(path, length, "/metrics", 8);
  if (metrics) return answer_metrics(one, path + 1, metrics > path ? (size_t)(metrics - path - 1) : 0);
  if (strncmp(path, "/health", 7) == 0)
    return answer(one, 200, "application/json", healthy, sizeof healthy - 1);
  if (strncmp(path, "/sink", 5) == 0) return answer(one, 200, "text/plain", "ok", 2);
  if (strncmp(path, "/stats", 6) == 0) return answer_stats(one);
  if (strncmp(path, "/fail?", 6) == 0) {
    ports[one->port].fails = strncmp(path + 6, "on", 2) == 0;
    return answer(one, 200, "text/plain", "ok\n", 3);
  }
  answer(one, 404, "text/plain", "no such thing\n", 14);
}

// Bytes of a whole request with its body; 0 while it is not all there.
static size_t whole_request(const Connection *one) {
  const char *end = memmem(one->request, one->asked, "\r\n\r\n", 4);
  if (!end) return 0;
  size_t head = (size_t)(end - one->request) + 4, body = 0;
  const char *length = strcasestr(one->request, "\r\ncontent-length:");
  if (length && length < end) body = strtoul(length + 17, NULL, 10);
  return one->asked >= head + body ? head + body : 0;
}

// False when the connection has ended.
static int drive(Connection *one, int poll) {
  for (;;) {
    while (one->sent < one->length) {
      ssize_t count = send(one->socket, one->answer + one->sent, one->length - one->sent, MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) {
        struct epoll_event event = {EPOLLIN | EPOLLOUT, {.ptr = one}};
        epoll_ctl(poll, EPOLL_CTL_MOD, one->socket, &event);
        return 1;
      }
      if (count < 0) return 0;
      one->sent += (size_t)count;
      if (one->sent == one->length) {
        struct epoll_event event = {EPOLLIN, {.ptr = one}};
        epoll_ctl(poll, EPOLL_CTL_MOD, one->socket, &event);
      }
    }
    size_t whole = whole_request(one);
    if (whole) {
      serve(one);
      memmove(one->request, one->request + whole, one->asked - whole);
      one->asked -= whole;
      one->request[one->asked] = 0;
      continue;
    }
    // A body larger than the room is a message nobody here reads: keep its head, drop the rest.
    size_t room = REQUEST - 1 - one->asked;
    if (room == 0) return 0;
    ssize_t count = recv(one->socket, one->request + one->asked, room, 0);
    if (count < 0 && errno == EAGAIN) return 1;
    if (count <= 0) return 0;
    one->asked += (size_t)count;
    one->request[one->asked] = 0;
  }
}

static void serve_forever(void) {
  int poll = epoll_create1(0);
  for (int index = 0; index < port_count; index++) {
    struct epoll_event event = {EPOLLIN, {.u64 = (uint64_t)index << 1 | 1}};
    epoll_ctl(poll, EPOLL_CTL_ADD, 1000 + index, &event);
  }
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(poll, events, 256, -1);
    for (int index = 0; index < count; index++) {
      if (events[index].data.u64 & 1) {
        int port = (int)(events[index].data.u64 >> 1), yes = 1, fresh;
        while ((fresh = accept4(1000 + port, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
          Connection *one = calloc(1, sizeof *one);
          one->socket = fresh;
          one->port = port;
          struct epoll_event event = {EPOLLIN, {.ptr = one}};
          epoll_ctl(poll, EPOLL_CTL_ADD, fresh, &event);
        }
        continue;
      }
      Connection *one = events[index].data.ptr;
      if (drive(one, poll)) continue;
      close(one->socket);
      free(one->answer);
      free(one);
    }
  }
}

static void measure_memory(void) {
  size_t size = 12600000, rounds = 100;
  char *from = malloc(size), *to = malloc(size);
  for (size_t index = 0; index < size; index++) from[index] = to[index] = (char)(index * 31);
  double start = now();
  for (size_t round = 0; round < rounds; round++) {
    memcpy(to, from, size);
    __asm__ volatile("" ::"r"(to) : "memory");
  }
  double copied = now();
  size_t equal = 0;
  for (size_t round = 0; round < rounds; round++) {
    equal += memcmp(to, from, size) == 0;
    __asm__ volatile("" ::"r"(to) : "memory");
  }
  double compared = now();
  if (equal != rounds) fail("memcmp");
  double bytes = (double)(size * rounds) / 1e6;
  printf("{\"copy\": %.0f, \"compare\": %.0f}\n", bytes / (copied - start),
      bytes / (compared - copied));
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: targets PLAN | targets --memory\n");
    return 2;
  }
  if (strcmp(arguments[1], "--memory") == 0) {
    measure_memory();
    return 0;
  }
  began = now();
  read_plan(arguments[1]);
  serve_forever();
}
