#pragma once

// One fault at work on one direction of one connection: it sees how many bytes wait and what time
// it is, and says what may pass and what becomes of the connection. No fault knows a socket, a
// timer or what the bytes mean; each is one small file.
//
//     bytes in --> arrived() --> waiting --> rule() --> bytes out --> passed()

#include <cstddef>
#include <cstdint>
#include <memory>

namespace netchat::harness {

enum class FaultKind : uint8_t {
    Delay,       // every byte comes later, by the same time
    Jitter,      // every byte comes later, by changing times; the order stays
    Throttle,    // so many bytes a second
    Slice,       // one byte at a time
    Cut,         // an orderly end at any byte
    Reset,       // the same, as a reset
    HalfOpen,    // both sides stay open, nothing passes, nobody is told
    Stall,       // a reader that stops reading
    KillServer,  // kill -9 of the server, which is started again
    KillBots,    // kill -9 of a process of bots, which is started again
};
inline constexpr size_t kFaultKindCount = static_cast<size_t>(FaultKind::KillBots) + 1;

enum class Direction : uint8_t {
    Up,    // from the bot to the server
    Down,  // from the server to the bot
};

// One entry of a schedule.
struct FaultStep {
    FaultKind kind = FaultKind::Delay;
    uint64_t afterSaid = 0;  // due when the bots have said so many messages in all
    uint32_t bot = 0;        // whose connection; KillBots: one of the process; KillServer: nobody's
    Direction direction = Direction::Up;
    uint64_t bytes = 0;    // Cut, Reset, HalfOpen: that pass before; Slice: that go one by one;
                           // Throttle: a second
    int64_t amountMs = 0;  // Delay: the time; Jitter: the longest
    int64_t forMs = 0;     // Cut, Reset, HalfOpen: it waits no longer for its bytes
    uint64_t seed = 0;     // of a fault that leaves something to chance
};

// One thread. Times are monotonic milliseconds and never go back.
class Fault {
  public:
    enum class After {
        Pass,     // the connection goes on
        Over,     // and this fault is at its end
        Close,    // both sides are ended in order, after what passed
        Reset,    // both sides are reset
        Swallow,  // from now on nothing passes in either direction, and nobody is told
    };
    struct Passage {
        size_t pass = 0;          // of the waiting bytes, now
        int64_t againInMs = 0;    // to be asked again then; 0: when something arrives or has passed
        After act = After::Pass;  // after that has passed
        bool reading = true;      // false: nothing more is taken from the sender
    };

    virtual ~Fault() = default;
    // Those that wait already when it begins are told, too.
    virtual void arrived(size_t /*bytes*/, int64_t /*nowMs*/) {}
    virtual Passage rule(size_t waiting, int64_t nowMs) = 0;
    virtual void passed(size_t /*bytes*/) {}
};

// A fault of the network, begun at `nowMs`; null for those of processes.
std::unique_ptr<Fault> makeFault(const FaultStep& order, int64_t nowMs);

std::unique_ptr<Fault> makeDelay(const FaultStep& order, int64_t nowMs);
std::unique_ptr<Fault> makeJitter(const FaultStep& order, int64_t nowMs);
std::unique_ptr<Fault> makeThrottle(const FaultStep& order, int64_t nowMs);
std::unique_ptr<Fault> makeSlice(const FaultStep& order, int64_t nowMs);
std::unique_ptr<Fault> makeCut(const FaultStep& order, int64_t nowMs);
std::unique_ptr<Fault> makeReset(const FaultStep& order, int64_t nowMs);
std::unique_ptr<Fault> makeHalfOpen(const FaultStep& order, int64_t nowMs);
std::unique_ptr<Fault> makeStall(const FaultStep& order, int64_t nowMs);

}  // namespace netchat::harness
