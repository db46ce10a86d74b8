#include "cre2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <vector>

struct cre2_pattern {
  RE2 expression;
  cre2_pattern(const re2::StringPiece &text, const RE2::Options &options)
      : expression(text, options) {}
};

extern "C" {

cre2_pattern *cre2_compile(const char *pattern, size_t length, bool anchored, size_t max_bytes,
                           char *error, size_t error_size) {
  RE2::Options options;
  options.set_log_errors(false);
  // Prometheus compiles `^(?s:…)$`: a dot also matches a newline.
  options.set_dot_nl(true);
  if (max_bytes > 0) options.set_max_mem(static_cast<int64_t>(max_bytes));
  std::string text(pattern, length);
  if (anchored) text = "^(?s:" + text + ")$";
  auto *compiled = new (std::nothrow) cre2_pattern(text, options);
  if (compiled == nullptr) return nullptr;
  if (compiled->expression.ok()) return compiled;
  if (error_size > 0) {
    const std::string &message = compiled->expression.error();
    size_t count = std::min(message.size(), error_size - 1);
    std::memcpy(error, message.data(), count);
    error[count] = '\0';
  }
  delete compiled;
  return nullptr;
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }

bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t length) {
  return pattern->expression.Match(re2::StringPiece(text, length), 0, length, RE2::UNANCHORED,
                                   nullptr, 0);
}

int cre2_group_count(const cre2_pattern *pattern) {
  return pattern->expression.NumberOfCapturingGroups();
}

int cre2_group_index(const cre2_pattern *pattern, const char *name, size_t length) {
  const auto &groups = pattern->expression.NamedCapturingGroups();
  auto found = groups.find(std::string(name, length));
  return found == groups.end() ? -1 : found->second;
}

bool cre2_find(const cre2_pattern *pattern, const char *text, size_t length, size_t start,
               long *offsets, int groups) {
  std::vector<re2::StringPiece> found(static_cast<size_t>(groups));
  if (!pattern->expression.Match(re2::StringPiece(text, length), start, length, RE2::UNANCHORED,
                                 found.data(), groups)) {
    return false;
  }
  for (int index = 0; index < groups; index++) {
    const auto &piece = found[static_cast<size_t>(index)];
    if (piece.data() == nullptr) {
      offsets[2 * index] = offsets[2 * index + 1] = -1;
    } else {
      offsets[2 * index] = piece.data() - text;
      offsets[2 * index + 1] = offsets[2 * index] + static_cast<long>(piece.size());
    }
  }
  return true;
}
}
