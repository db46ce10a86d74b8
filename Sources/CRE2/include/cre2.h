// A C face for RE2, the engine whose regular expressions Prometheus has: linear time on any pattern.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

/// Compiles `pattern`, in Go's dialect of RE2; with `anchored` it must match a whole text, as Prometheus' matchers do.
/// Returns NULL and writes a sentence into `error` (NUL-terminated, cut at `error_size`) when the
/// pattern is not valid RE2 syntax or needs more than `max_bytes` of memory.
cre2_pattern *cre2_compile(const char *pattern, size_t length, bool anchored, size_t max_bytes,
                           char *error, size_t error_size);

void cre2_free(cre2_pattern *pattern);

bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t length);

/// The number of capturing groups, without group 0.
int cre2_group_count(const cre2_pattern *pattern);

/// The index of the group called `name`, or -1.
int cre2_group_index(const cre2_pattern *pattern, const char *name, size_t length);

/// Finds the first match at or after `start`. Fills `offsets` with `groups` pairs (begin, end),
/// -1 for a group that took no part. Returns whether there was a match.
bool cre2_find(const cre2_pattern *pattern, const char *text, size_t length, size_t start,
               long *offsets, int groups);

#ifdef __cplusplus
}
#endif
