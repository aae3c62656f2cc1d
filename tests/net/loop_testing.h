#pragma once

// A loop that runs on the test's own thread, and real sockets over loopback for it.

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <functional>
#include <string>
#include <utility>

#include "modes/net/event_loop.h"

namespace netchat::net::testing {

inline constexpr int64_t kPatienceMs = 10'000;

// Runs turns until `done`; false when that takes too long.
inline bool runUntil(EventLoop& loop, const std::function<bool()>& done) {
    bool late = false;
    const auto patience = loop.after(kPatienceMs, [&late] { late = true; });
    loop.onTurnEnd([&] {
        if (late || done()) loop.stop();
    });
    // Makes sure of a first turn, in case it is done already.
    loop.post([] {});
    loop.run();
    loop.onTurnEnd({});
    loop.cancel(patience);
    return !late;
}

// How many turns a loop makes in a while in which nothing should happen.
inline int turnsWhileIdle(EventLoop& loop, int64_t ms = 100) {
    int turns = 0;
    bool over = false;
    loop.after(ms, [&over] { over = true; });
    runUntil(loop, [&] {
        ++turns;
        return over;
    });
    return turns;
}

// A connected pair: `ours` non-blocking, as an acceptor gives it; `theirs` blocking.
struct SocketPair {
    Poco::Net::StreamSocket ours, theirs;

    SocketPair() {
        Poco::Net::ServerSocket server(Poco::Net::SocketAddress("127.0.0.1", 0));
        theirs.connect(server.address());
        ours = server.acceptConnection();
        ours.setBlocking(false);
        theirs.setReceiveTimeout(Poco::Timespan(10, 0));
    }

    // The peer vanishes: its kernel sends a reset.
    void resetTheirs() {
        theirs.setLinger(true, 0);
        theirs.close();
    }

    std::string receive(size_t size) {
        std::string out(size, '\0');
        size_t have = 0;
        while (have < size) {
            const int got = theirs.receiveBytes(out.data() + have, static_cast<int>(size - have));
            if (got <= 0) break;
            have += static_cast<size_t>(got);
        }
        out.resize(have);
        return out;
    }
};

}  // namespace netchat::net::testing
