// Files of the repository that are compiled into the program.
#pragma once
#include <stddef.h>

/// The text of a shipped rule file by its name without `.tocsin`; NULL when there is none. Sets
/// `length` to its bytes. The text is not NUL-terminated and lives as long as the program.
const unsigned char *cassets_rules(const char *name, long *length);
