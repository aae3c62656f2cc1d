#pragma once

// Measures a server: many members, a steady load, and what it cost the server to deliver it.
//
//     connecting -> settling -> gathering -> warming -> measuring -> resting
//
// Every member checks what it gets: each sender's messages by number, without holes, and every
// byte. CPU is the server process's, as the kernel counts it, from the first measured message to
// the last delivery: on a noisy machine it says more than deliveries per second. One thread, and
// another one for files beside the chat.

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "harness/bench/process_cost.h"
#include "modes/net/address.h"
#include "protocol/dialect.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::harness {

struct BenchOptions {
    enum class Kind {
        Windowed,  // as fast as the window lets
        Paced,     // so many messages a second
        Idle,      // nothing is said; then, for a moment, as Windowed, for what stays of a load
        Files,     // one file at a time, to everyone
    };
    Kind kind = Kind::Windowed;
    Dialect dialect = Dialect::V2;  // classic has one room
    bool tls = false;
    size_t headerWidth = limits::kHeaderWidth;
    size_t rooms = 1, senders = 1, receivers = 100;  // the latter two of each room
    size_t textBytes = 64;                           // Stamp::kBytes or more
    size_t window = 64;      // messages of a sender that are not at everyone
    size_t burst = 0;        // how many in one write; 0: window / 4
    double perSecond = 200;  // Paced: of all senders together
    uint64_t fileBytes = 64 * limits::kMiB;
    size_t transfers = 0;  // downloads that are always under way beside it, in another room
    double seconds = 3, warmupSeconds = 0.5;
    int64_t stallMs = 10'000;  // without any delivery: given up
    net::HostPort server;
    pid_t serverProcess = 0;  // 0: not known, and its cost is not measured
};

struct BenchResult {
    uint64_t members = 0;
    double connectSeconds = 0;          // until everyone was in its room
    double residentPerMember = 0;       // bytes of the server, before anything was said
    double residentPerMemberAfter = 0;  // after everything was said and delivered
    uint64_t messages = 0;              // said while it was measured
    uint64_t deliveries = 0;            // of those; of files: bytes
    uint64_t lost = 0, disordered = 0;  // of everything, the warm-up included
    double seconds = 0;                 // measured
    ProcessCost server, self;           // while it was measured
    int64_t sendLagMaxNs = 0;       // Paced: how late this process said something, by its own fault
    uint64_t transferredBytes = 0;  // by the transfers beside it
    uint64_t p50Ns = 0, p99Ns = 0, maxNs = 0;  // from saying to hearing
};

// Blocks until it is over. An Error: the server could not be reached, refused somebody, or stalled.
Result<BenchResult> measure(const BenchOptions& options);

}  // namespace netchat::harness
