#include "cre2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <new>
#include <string>
#include <vector>

struct cre2_pattern {
  RE2 expression;
  RE2::Anchor anchor;
  cre2_pattern(const re2::StringPiece &text, const RE2::Options &options, bool anchored)
      : expression(text, options), anchor(anchored ? RE2::ANCHOR_BOTH : RE2::UNANCHORED) {}
};

// Brings a pattern in Go's dialect into that of this library, which lacks `(?<name>…)`. False when
// it has `\C`, which only this library knows.
static bool translate(const std::string &pattern, std::string &text) {
  bool in_class = false;
  for (size_t at = 0; at < pattern.size(); at++) {
    char now = pattern[at];
    char next = at + 1 < pattern.size() ? pattern[at + 1] : '\0';
    if (now == '\\') {
      if (next == 'C' && !in_class) return false;
      size_t end = at + 2;
      if (next == 'Q' && !in_class) end = std::min(pattern.find("\\E", end), pattern.size());
      text.append(pattern, at, end - at);
      at = end - 1;
      continue;
    }
    text += now;
    if (in_class) {
      in_class = now != ']';
    } else if (now == '[') {
      in_class = true;
      // A bracket right at the beginning of a class belongs to it.
      if (next == '^') text += pattern[++at];
      if (at + 1 < pattern.size() && pattern[at + 1] == ']') text += pattern[++at];
    } else if (now == '(' && pattern.compare(at, 3, "(?<") == 0 && at + 3 < pattern.size() &&
               (std::isalnum(static_cast<unsigned char>(pattern[at + 3])) ||
                pattern[at + 3] == '_')) {
      text += "?P";
      at++;
    }
  }
  return true;
}

extern "C" {

cre2_pattern *cre2_compile(const char *pattern, size_t length, bool anchored, size_t max_bytes,
                           char *error, size_t error_size) {
  RE2::Options options;
  options.set_log_errors(false);
  // As Prometheus has it, a dot also matches a newline.
  options.set_dot_nl(true);
  if (max_bytes > 0) options.set_max_mem(static_cast<int64_t>(max_bytes));
  std::string text;
  bool translated = translate(std::string(pattern, length), text);
  auto *compiled = new (std::nothrow) cre2_pattern(text, options, anchored);
  if (compiled == nullptr) return nullptr;
  if (translated && compiled->expression.ok()) return compiled;
  if (error_size > 0) {
    const std::string &message =
        translated ? compiled->expression.error() : "invalid escape sequence: \\C";
    size_t count = std::min(message.size(), error_size - 1);
    std::memcpy(error, message.data(), count);
    error[count] = '\0';
  }
  delete compiled;
  return nullptr;
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }

bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t length) {
  return pattern->expression.Match(re2::StringPiece(text, length), 0, length, pattern->anchor,
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
  if (!pattern->expression.Match(re2::StringPiece(text, length), start, length, pattern->anchor,
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
