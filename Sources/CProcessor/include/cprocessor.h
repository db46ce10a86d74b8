// What the processor can do and Swift has no word for.
#pragma once

/// Has the memory at an address brought near, without waiting for it; any address may be given.
static inline void cprocessor_prefetch(const void *address) { __builtin_prefetch(address); }
