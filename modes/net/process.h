#pragma once

// What a process that serves or uses many sockets sets up before anything else.

namespace netchat::net {

// Raises the soft limit of open descriptors to the hard one and ignores SIGPIPE and
// SIGXFSZ. Call once, first thing in a process. Returns the limit now in force.
int prepareProcess();

// Whether whoever started this process wants it to go on in spite of a signal: nohup with SIGHUP,
// or a shell without job control with SIGINT, for a command behind "&". Such a signal stays
// ignored.
bool isIgnored(int signal);

// Gives up for good what an intruder could use: no program that is run from here has more rights
// than this one, no core dump holds secrets or texts, and new files are their owner's only unless
// `sharesFiles` (a client's downloads are the user's own affair). First thing in a process.
void restrictProcess(bool sharesFiles);

}  // namespace netchat::net
