#pragma once

// What is to happen in one run: who is there, what they do, what breaks and when. It follows from
// a seed; a smaller one is made by taking things out of it. In which order all of it happens is
// left to the simulation, which draws from `scheduleSeed`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace netchat::simulate {

enum class Durability { Memory, Process, Disk };
const char* nameOf(Durability durability);

struct Action {
    // Hop: leaves and joins a room several times, without waiting for an answer.
    enum class Kind { Join, Leave, Hop, Say, Tell, Upload, Rename, History, Who, Reconnect };
    Kind kind = Kind::Say;
    size_t room = 0;    // of kRooms
    uint64_t size = 0;  // of a text or a file
    uint64_t number = 0;
};

struct SimClientPlan {
    bool classic = false;
    std::vector<Action> actions;
};

struct Fault {
    enum class Kind {
        CutConnection,  // of one client, at any byte of both directions
        HalfOpen,       // nothing passes any more, and nobody is told
        SlowReader,     // takes nothing for a while
        CrashClient,    // kill -9; it starts again with what is on its disk
        CrashServer,    // kill -9
        CrashInAppend,  // kill -9 when the log has taken a batch and nobody has heard of it
        CrashMachine,   // power is lost
        TakeBackup,     // of the log, while the server runs
        RestoreBackup,  // kill -9, and the log is put back before the next start
        CutLog,         // kill -9, and what was committed last is missing
        FillDisk,       // log and files
        LogFails,       // input and output errors
        LogUnsure,      // it fails so that nobody knows what it has written
        LogRots,        // an entry is damaged where it lies
        FilesFail,
        RotFile,  // a stored file is changed, cut short, made longer or deleted behind the server
        HubStalls,
        ShardStalls,
        ServerSaysBye,  // it shuts down in order
    };
    Kind kind = Kind::CutConnection;
    uint64_t step = 0;    // when it begins
    uint64_t length = 0;  // in steps
    size_t who = 0;
};

const char* nameOf(Action::Kind kind);
const char* nameOf(Fault::Kind kind);

struct Scenario {
    uint64_t seed = 0;
    uint64_t scheduleSeed = 0;
    size_t shards = 1;
    Durability durability = Durability::Process;
    bool lateLog = false;   // it answers later, and others act meanwhile
    uint64_t stepsMax = 0;  // after which faults end and everything comes to rest
    std::vector<SimClientPlan> clients;
    std::vector<Fault> faults;

    size_t actions() const;
    std::string summary() const;
    // All of it, one thing a line.
    std::vector<std::string> lines() const;
};

inline constexpr const char* kRooms[] = {"lobby", "red", "blue"};

// `durability`: without one, it follows from the seed, too.
Scenario makeScenario(uint64_t seed, std::optional<Durability> durability);

}  // namespace netchat::simulate
