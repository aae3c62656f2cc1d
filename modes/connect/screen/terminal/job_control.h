#pragma once

// The process as a job of its shell. Main thread only.

namespace netchat::connect {

// Stops the processes of this job with SIGTSTP, as the terminal would have done for C-z, until it
// is continued. A job that no shell could ever continue goes on at once. The SIGCONT that ends the
// wait is taken, where it is blocked: whoever called this knows.
void stopJob();

// Waits until this job has the terminal: continued by `bg`, it stops until `fg`. The
// SIGCONT of that is taken, too.
void awaitForeground(int terminal);

}  // namespace netchat::connect
