#pragma once

// What one client may take of a server, as whoever runs it has set it; limits.h of protocol/ has
// the reasons for the defaults. OPERATING.md says what each answers.

#include <cstddef>
#include <cstdint>

#include "protocol/limits.h"

namespace netchat::serve {

// For whom the rates and the counts by address are.
enum class RateLimit : uint8_t {
    Off,
    Auto,  // whoever is not on this machine
    On,    // everyone
};

struct Limits {
    RateLimit rateLimit = RateLimit::Off;

    // ---- connections
    size_t connectionsMax = 0;  // 0: as many as there are descriptors for
    size_t connectionsPerAddressMax = limits::kConnectionsPerAddressMax;
    double connectsPerSecond = limits::kConnectsPerSecond;  // of one address

    // ---- time
    int64_t greetingMs = limits::kGreetingTimeoutMs;  // from the connection to a user
    int64_t frameMs = limits::kFrameTimeoutMs;        // from the first byte to the last
    int64_t deadAfterMs = limits::kDeadAfterMs;       // without a sign of life; 0: not looked for
    int64_t uploadMs = limits::kUploadTimeoutMs;      // from one part of a file to the next

    // ---- rates of one user, who may save up for some seconds
    double messagesPerSecond = limits::kMessagesPerSecond;
    double bytesPerSecond = limits::kTextBytesPerSecond;
    double requestsPerSecond = limits::kRequestsPerSecond;  // history, searches, lists
    double joinsPerMinute = limits::kJoinsPerMinute;
    double nicksPerMinute = limits::kNicksPerMinute;
    double offersPerMinute = limits::kOffersPerMinute;
    uint64_t storedBytesPerDay = limits::kStoredBytesPerDay;

    // ---- one address, beyond its connections
    double messagesPerAddress = limits::kMessagesPerAddress;  // a second
    double bytesPerAddress = limits::kTextBytesPerAddress;
    double usersPerHour = limits::kUsersPerHour;
    double wrongPasswordsPerMinute = limits::kWrongPasswordsPerMinute;
    size_t requestsPerAddressMax = limits::kRequestsPerAddressMax;  // that are not answered yet
    size_t roomsPerAddressMax = limits::kRoomsPerAddressMax;
    size_t nicksPerAddressMax = limits::kNicksPerAddressMax;
    size_t memoryPerAddressMax = limits::kMemoryPerAddressMax;
    uint64_t storedBytesPerAddress = limits::kStoredBytesPerAddress;  // a day; 0: as it comes

    // ---- counts
    size_t memoryMax = 0;  // of unread answers and unfinished frames; 0: defaultMemoryMax()
    size_t textBytesMax = limits::kTextBytesMax;
    size_t transfersMax = limits::kTransfersPerSessionMax;  // in each direction
    size_t roomsPerUserMax = limits::kRoomsPerUserMax;
    size_t roomsMax = limits::kRoomsMax;
    size_t membersPerRoomMax = limits::kMembersPerRoomMax;
};

}  // namespace netchat::serve
