#include "harness/simulate/scenario.h"

#include <algorithm>
#include <iterator>

#include "harness/simulate/rng.h"

namespace netchat::simulate {

namespace {

// Mostly small, sometimes larger than what one turn, page or window holds.
uint64_t textSize(SimRng& rng) {
    return rng.oneIn(12) ? rng.between(500, 9'000) : rng.between(1, 80);
}
uint64_t fileSize(SimRng& rng) {
    if (rng.oneIn(10)) return 0;
    if (rng.oneIn(4)) return 777;  // several have the same bytes
    return rng.oneIn(3) ? rng.between(2'000, 20'000) : rng.between(1, 2'000);
}

Action makeAction(SimRng& rng, bool classic) {
    Action action;
    const uint64_t dice = rng.below(100);
    if (classic) {
        action.kind = dice < 85 ? Action::Kind::Say : Action::Kind::Upload;
    } else if (dice < 62) {
        action.kind = Action::Kind::Say;
    } else if (dice < 75) {
        action.kind = Action::Kind::Upload;
    } else if (dice < 81) {
        action.kind = Action::Kind::Leave;
    } else if (dice < 86) {
        action.kind = Action::Kind::Join;
    } else if (dice < 88) {
        action.kind = Action::Kind::Hop;
    } else if (dice < 91) {
        action.kind = Action::Kind::Tell;
    } else if (dice < 94) {
        action.kind = Action::Kind::History;
    } else if (dice < 96) {
        action.kind = Action::Kind::Rename;
    } else if (dice < 98) {
        action.kind = Action::Kind::Reconnect;
    } else {
        action.kind = Action::Kind::Who;
    }
    // Most talk is in the lobby, so that there is much to see for everyone.
    action.room = classic || !rng.oneIn(3) ? 0 : rng.below(std::size(kRooms));
    action.size = action.kind == Action::Kind::Upload ? fileSize(rng) : textSize(rng);
    return action;
}

SimClientPlan makeClient(SimRng& rng, uint64_t& number) {
    SimClientPlan client;
    client.classic = rng.oneIn(6);
    if (!client.classic) {
        client.actions.push_back({Action::Kind::Join, 0, 0, ++number});
        if (rng.oneIn(2)) client.actions.push_back({Action::Kind::Join, 1, 0, ++number});
    }
    for (uint64_t n = rng.between(3, 16); n > 0; --n) {
        client.actions.push_back(makeAction(rng, client.classic));
        client.actions.back().number = ++number;
    }
    return client;
}

std::vector<Fault::Kind> possibleFaults(Durability durability) {
    using Kind = Fault::Kind;
    std::vector<Kind> kinds{Kind::CutConnection, Kind::CutConnection, Kind::CutConnection,
                            Kind::CutConnection, Kind::HalfOpen,      Kind::SlowReader,
                            Kind::SlowReader,    Kind::CrashClient,   Kind::FillDisk,
                            Kind::LogFails,      Kind::FilesFail,     Kind::HubStalls,
                            Kind::ShardStalls,   Kind::CrashServer,   Kind::CrashServer,
                            Kind::CrashInAppend, Kind::ServerSaysBye, Kind::RotFile};
    // Memory promises nothing, and says so by its name.
    if (durability == Durability::Memory) return kinds;
    kinds.insert(kinds.end(), 3, Kind::CrashMachine);
    kinds.insert(kinds.end(), {Kind::TakeBackup, Kind::RestoreBackup, Kind::CutLog});
    kinds.insert(kinds.end(), {Kind::LogUnsure, Kind::LogUnsure, Kind::LogRots});
    return kinds;
}

}  // namespace

const char* nameOf(Durability durability) {
    switch (durability) {
        case Durability::Memory:
            return "memory";
        case Durability::Process:
            return "process";
        case Durability::Disk:
            return "disk";
    }
    return "";
}

const char* nameOf(Action::Kind kind) {
    switch (kind) {
        case Action::Kind::Join:
            return "joins";
        case Action::Kind::Leave:
            return "leaves";
        case Action::Kind::Hop:
            return "leaves and joins at once";
        case Action::Kind::Say:
            return "says";
        case Action::Kind::Tell:
            return "tells";
        case Action::Kind::Upload:
            return "drops a file in";
        case Action::Kind::Rename:
            return "takes another nick";
        case Action::Kind::History:
            return "asks for history of";
        case Action::Kind::Who:
            return "asks who is in";
        case Action::Kind::Reconnect:
            return "connects anew";
    }
    return "";
}

const char* nameOf(Fault::Kind kind) {
    switch (kind) {
        case Fault::Kind::CutConnection:
            return "cut";
        case Fault::Kind::HalfOpen:
            return "half-open";
        case Fault::Kind::SlowReader:
            return "slow reader";
        case Fault::Kind::CrashClient:
            return "client crash";
        case Fault::Kind::CrashServer:
            return "server crash";
        case Fault::Kind::CrashInAppend:
            return "server crash in an append";
        case Fault::Kind::CrashMachine:
            return "machine crash";
        case Fault::Kind::TakeBackup:
            return "backup taken";
        case Fault::Kind::RestoreBackup:
            return "backup restored";
        case Fault::Kind::CutLog:
            return "log cut";
        case Fault::Kind::FillDisk:
            return "full disk";
        case Fault::Kind::LogFails:
            return "failing log";
        case Fault::Kind::LogUnsure:
            return "unsure log";
        case Fault::Kind::LogRots:
            return "rotten log";
        case Fault::Kind::FilesFail:
            return "failing files";
        case Fault::Kind::RotFile:
            return "rotten file";
        case Fault::Kind::HubStalls:
            return "stalled hub";
        case Fault::Kind::ShardStalls:
            return "stalled shard";
        case Fault::Kind::ServerSaysBye:
            return "server restart";
    }
    return "";
}

size_t Scenario::actions() const {
    size_t count = 0;
    for (const SimClientPlan& client : clients) count += client.actions.size();
    return count;
}

std::string Scenario::summary() const {
    return std::to_string(clients.size()) + " clients, " + std::to_string(actions()) +
           " actions, " + std::to_string(faults.size()) + " faults, " + std::to_string(shards) +
           (shards == 1 ? " loop" : " loops") + ", durability " + nameOf(durability) +
           (lateLog ? ", late log" : "");
}

std::vector<std::string> Scenario::lines() const {
    std::vector<std::string> out{summary()};
    for (size_t p = 0; p < clients.size(); ++p) {
        const SimClientPlan& client = clients[p];
        out.push_back("client c" + std::to_string(p) + (client.classic ? ", classic" : ""));
        for (const Action& action : client.actions) {
            std::string line = "  #" + std::to_string(action.number) + " " + nameOf(action.kind);
            line += std::string(" ") + kRooms[action.room];
            if (action.kind == Action::Kind::Say || action.kind == Action::Kind::Upload) {
                line += ", " + std::to_string(action.size) + " bytes";
            }
            out.push_back(line);
        }
    }
    for (const Fault& fault : faults) {
        out.push_back(std::string("fault: ") + nameOf(fault.kind) + " at step " +
                      std::to_string(fault.step) + ", for " + std::to_string(fault.length) +
                      ", who " + std::to_string(fault.who));
    }
    return out;
}

Scenario makeScenario(uint64_t seed, std::optional<Durability> durability) {
    SimRng rng(harness::mix(seed, 1));
    Scenario out;
    out.seed = seed;
    out.scheduleSeed = harness::mix(seed, 2);
    out.shards = rng.between(1, 3);
    constexpr Durability kAll[] = {Durability::Memory, Durability::Process, Durability::Process,
                                   Durability::Disk, Durability::Disk};
    const Durability drawn = kAll[rng.below(std::size(kAll))];
    out.durability = durability.value_or(drawn);
    uint64_t number = 0;
    for (uint64_t n = rng.between(2, 5); n > 0; --n) {
        out.clients.push_back(makeClient(rng, number));
    }
    out.stepsMax = rng.between(200, 1'200);
    const auto kinds = possibleFaults(out.durability);
    for (uint64_t n = rng.oneIn(8) ? 0 : rng.between(1, 8); n > 0; --n) {
        Fault fault;
        fault.kind = kinds[rng.below(kinds.size())];
        fault.step = rng.below(out.stepsMax);
        fault.length = rng.between(1, 200);
        fault.who = rng.below(out.clients.size());
        out.faults.push_back(fault);
    }
    std::sort(out.faults.begin(), out.faults.end(),
              [](const Fault& a, const Fault& b) { return a.step < b.step; });
    out.lateLog = rng.oneIn(3);
    return out;
}

}  // namespace netchat::simulate
