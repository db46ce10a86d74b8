#define _GNU_SOURCE
#include "memory.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void host_set_up_memory(void) {
  // One arena is enough for the few threads that allocate at the same time; each would hold on to
  // what its busiest moment needed.
  mallopt(M_ARENA_MAX, 1);
  // Fixed, so that a large body goes back to the kernel when it is freed.
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  // What every transfer needs again is not given back after each.
  mallopt(M_TRIM_THRESHOLD, 256 << 10);
}

// Segments that are read only are never changed: the kernel reads them again when they are needed.
static int give_back(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    uintptr_t begin = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_filesz;
    madvise((void *)begin, end - begin, MADV_DONTNEED);
  }
  return 0;
}

void host_give_back_memory(void) {
  malloc_trim(0);
  dl_iterate_phdr(give_back, NULL);
}
