// What glibc and the kernel keep in memory for us.
#pragma once

// To be called before there are threads.
void host_set_up_memory(void);
// Gives back freed memory, and program text that was not needed lately.
void host_give_back_memory(void);
