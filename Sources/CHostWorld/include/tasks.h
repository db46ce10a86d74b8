// Threads for Swift's tasks in place of libdispatch's, whose pool looks after itself once a second.
#pragma once

// From now on tasks run on at most so many threads of ours. They start as they are needed.
void host_run_tasks(int limit);
