#pragma once

// What the checker finds: each property counted, the first violations in words, and the outcome.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::harness {

enum class Property : uint8_t {
    Lost,          // who was owed a message has seen it
    Duplicated,    // nobody has seen a message twice
    Corrupted,     // every message has the bytes that were said
    Unexpected,    // nobody has seen what nobody sent, or what was not for them
    SenderOrder,   // each sender's messages are in the order in which they were said
    TotalOrder,    // each room's log has one order, the same for everyone
    Acknowledged,  // what a v2 bot said and was not refused came back to it
    Files,         // every file is at everyone who was owed it, once, with its SHA-256
    Temporaries,   // no downloads folder holds anything at the end
    Connections,   // no bot lost its connection for good, and the server ended as it should
    // These are judged of runs with faults only.
    Liveness,  // after the faults, everything owed arrives within the time to settle
    Resumes,   // a transfer that was cut goes on: little of it is sent again
    Survived,  // what was acknowledged before a kill of the server is in the logs after it
};
inline constexpr size_t kPropertyCount = static_cast<size_t>(Property::Survived) + 1;
// How many are judged of runs without faults.
inline constexpr size_t kFaultlessPropertyCount = static_cast<size_t>(Property::Liveness);

// "lost", "sender-order" …: the name in reports.
std::string_view propertyName(Property property);
// What must hold, in one clause.
std::string_view propertyText(Property property);

struct Violation {
    Property property;
    std::string text;  // one line: room, sender, number, receiver and what happened
};

struct PropertyResult {
    uint64_t checked = 0;  // deliveries, pairs, files, bots …; 0: not observed
    uint64_t violated = 0;
};

enum class Outcome { Pass, Fail, Inconclusive };
std::string_view outcomeName(Outcome outcome);  // "PASS" …
int exitCode(Outcome outcome);                  // 0, 1, 2

// Nanoseconds from the intended time of sending to the receipt, over all deliveries.
struct Latency {
    uint64_t count = 0;
    int64_t p50 = 0, p99 = 0, max = 0;
};

// What a run with faults went through.
struct Hardships {
    std::map<std::string, uint64_t> faults;  // how many of each were committed, by name
    uint64_t cuts = 0, returns = 0;          // connections of bots that ended, and were made again
    uint64_t saidAgain = 0;                  // messages, after returns
    uint64_t resumes = 0, bytesAgain = 0;    // of transfers; and what of them passed again
    uint64_t serverKills = 0, botKills = 0;
    // Before each kill of the server: the messages and files that somebody had seen.
    std::vector<uint64_t> acknowledged;
    uint64_t killsAmidFiles = 0;  // of the server or of bots, while a file was on its way
    int64_t settledNs = 0;        // from the last fault to the last thing that was owed
};

struct Verdict {
    // Violations in words that are kept of each property; all are counted.
    static constexpr size_t kKeptMax = 100;

    Outcome outcome = Outcome::Inconclusive;
    std::array<PropertyResult, kPropertyCount> results{};
    std::vector<Violation> violations;
    std::vector<std::string> doubts;  // why it is inconclusive, or would be
    uint64_t sent = 0, probes = 0, refused = 0;
    uint64_t owed = 0, delivered = 0;              // messages times receivers
    uint64_t optional = 0, optionalDelivered = 0;  // races of coming and going: either is right
    uint64_t filesOwed = 0, filesDelivered = 0, fileBytes = 0;
    int64_t spanNs = 0;  // from the first message said to the last one seen, probes apart
    Latency latency;
    Hardships hardships;

    PropertyResult& operator[](Property p) { return results[static_cast<size_t>(p)]; }
    const PropertyResult& operator[](Property p) const { return results[static_cast<size_t>(p)]; }
};

}  // namespace netchat::harness
