#pragma once

// What a fault is: its row in the catalogue (catalogue.h), one planned step of it, and the fault at
// work on a connection.
//
// At work it sees how many bytes wait in one direction of one connection, and what time it is. It
// says how many may pass, and what becomes of the connection. It knows no socket and no timer, and
// not what the bytes mean.
//
//     bytes in --> arrived() --> waiting --> rule() --> bytes out --> passed()

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/plan/rng.h"
#include "protocol/result.h"

namespace netchat::harness {

class Database;
class Fault;
struct FaultStep;

// What a fault strikes. Connections are struck at any time. Anything else is struck one at a time,
// and has to be whole again before the next such step.
enum class FaultTarget : uint8_t {
    Connection,     // of one bot, in the proxy
    Server,         // that the run started
    Bots,           // the process of one bot, which has others in it
    Database,       // the pair of databases that the run started
    DatabaseLinks,  // the server's connections to it
    Node,           // the active one of the two servers that the run started
};

// One row of the catalogue. The options, help, schedules and reports know a fault by it alone.
struct FaultType {
    std::string_view name;     // in options, journals and reports
    std::string_view summary;  // in help and the README: what happens, with the range of its sizes
    uint32_t usual = 0;        // how many a run has, if the option names no number
    FaultTarget target = FaultTarget::Connection;
    // Of a database: on a disk that can be filled.
    bool needsSmallDisk = false;
    // Draws the sizes of a step. Null: it has none.
    void (*draw)(FaultStep&, Rng&) = nullptr;
    // Describes them: " after 4312 bytes". Null: it has none.
    std::string (*sizes)(const FaultStep&) = nullptr;
    // Begins it on a connection. Null: its target carries it out (harness/run/breakable.h).
    std::unique_ptr<Fault> (*begin)(const FaultStep&, int64_t nowMs) = nullptr;
    // Breaks a database, and mends it. Null: that is not its target.
    Status (*onDatabase)(Database&, const FaultStep&) = nullptr;
};

enum class Direction : uint8_t {
    Up,    // from the bot to the server
    Down,  // from the server to the bot
};

// One entry of a schedule. What its sizes mean is said where its type is defined.
struct FaultStep {
    const FaultType* type = nullptr;
    uint64_t afterSaid = 0;  // due when the bots have said so many messages in all
    uint32_t bot = 0;        // of targets that belong to a bot
    Direction direction = Direction::Up;
    uint64_t bytes = 0;
    int64_t amountMs = 0;
    int64_t forMs = 0;
    uint64_t seed = 0;  // of a fault that leaves something to chance
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

}  // namespace netchat::harness
