#include "cmd/serve_limits.h"

#include <algorithm>

namespace netchat::cmd {

namespace {

constexpr int64_t kMany = 1'000'000'000;
// Shorter, and slow networks are cut off; longer, and there is no limit.
constexpr int64_t kShortestMs = 100;
// Probes are whole seconds apart, and several fit into it.
constexpr int64_t kDeadAfterLeastMs = 8'000, kDeadAfterMostMs = 3'600'000;

int64_t waitMs(const Arguments& arguments, const char* option) {
    const int64_t ms = arguments.durationMs(option);
    if (ms < kShortestMs) arguments.reject(option, "must be 100ms or more");
    return ms;
}

double rate(const Arguments& arguments, const char* option) {
    return static_cast<double>(arguments.number(option, 1, kMany));
}

double bytesRate(const Arguments& arguments, const char* option) {
    const uint64_t bytes = arguments.sizeBytes(option);
    if (bytes == 0) {
        arguments.reject(option, "must be 1 byte or more; --rate-limit off ends all rates");
    }
    return static_cast<double>(bytes);
}

size_t count(const Arguments& arguments, const char* option, int64_t least = 1,
             int64_t most = kMany) {
    return static_cast<size_t>(arguments.number(option, least, most));
}

// Less, and one answer or one message would be too much.
size_t memory(const Arguments& arguments, const char* option) {
    const uint64_t bytes = arguments.sizeBytes(option);
    if (bytes < limits::kOutboxBytesMax) arguments.reject(option, "must be 4MiB or more");
    return bytes;
}

}  // namespace

OptionGroup limitOptions() {
    return {
        "Limits for clients",
        {{.name = "rate-limit",
          .argument = "WHO",
          .fallback = "auto",
          .help = "Who is subject to rates, connections per address and daily quotas. on: "
                  "everyone. auto: everyone except this machine. off: nobody."},
         {.name = "max-connections",
          .argument = "N",
          .fallback = "0",
          .help = "Connections in total. 0: as many as the process has file descriptors for."},
         {.name = "max-connections-per-address",
          .argument = "N",
          .fallback = "256",
          .help = "Connections from one address. An IPv6 address counts as its /64 network, here "
                  "and in all limits per address."},
         {.name = "connects-per-second",
          .argument = "N",
          .fallback = "20",
          .help = "New connections from one address. All limits per second allow a burst of ten "
                  "seconds."},
         {.name = "greeting-timeout",
          .argument = "DURATION",
          .fallback = "10s",
          .help = "Time from connecting to giving a nick, TLS handshake included."},
         {.name = "frame-timeout",
          .argument = "DURATION",
          .fallback = "60s",
          .help = "Time from the first byte of a message or command to its last."},
         {.name = "upload-timeout",
          .argument = "DURATION",
          .fallback = "2m",
          .help = "Give up an upload that sends no data for this long."},
         {.name = "dead-after",
          .argument = "DURATION",
          .fallback = "2m",
          .help = "Disconnect a client that does not answer for this long (8s to 1h), for example "
                  "after a power cut."},
         {.name = "messages-per-second",
          .argument = "N",
          .fallback = "50",
          .help = "Messages from one user. Beyond this rate the server reads them more slowly."},
         {.name = "bytes-per-second",
          .argument = "SIZE",
          .fallback = "256KiB",
          .help = "Message bytes from one user, limited in the same way. Files are not limited."},
         {.name = "requests-per-second",
          .argument = "N",
          .fallback = "20",
          .help = "Requests of one user for history, searches, lists and moderation. Beyond this "
                  "rate they are refused."},
         {.name = "joins-per-minute",
          .argument = "N",
          .fallback = "128",
          .help = "Rooms that one user can join."},
         {.name = "nicks-per-minute",
          .argument = "N",
          .fallback = "12",
          .help = "Nick changes of one user."},
         {.name = "offers-per-minute",
          .argument = "N",
          .fallback = "120",
          .help = "Files that one user can offer."},
         {.name = "stored-per-day",
          .argument = "SIZE",
          .fallback = "4GiB",
          .help = "Size of the files that one user can offer in a day. 0: no limit but "
                  "--store-size."},
         {.name = "messages-per-second-per-address",
          .argument = "N",
          .fallback = "500",
          .help = "Messages from all users of one address together, limited in the same way."},
         {.name = "bytes-per-second-per-address",
          .argument = "SIZE",
          .fallback = "2MiB",
          .help = "Message bytes from all users of one address together."},
         {.name = "users-per-hour",
          .argument = "N",
          .fallback = "1000",
          .help = "New users from one address. All of them can come at once."},
         {.name = "wrong-passwords-per-minute",
          .argument = "N",
          .fallback = "10",
          .help = "Wrong passwords from one address, this machine included. All of them can come "
                  "at once."},
         {.name = "max-requests-per-address",
          .argument = "N",
          .fallback = "512",
          .help = "Requests of one address that wait for a reply."},
         // Before the longer names that begin with it.
         {.name = "max-rooms",
          .argument = "N",
          .fallback = "10000",
          .help = "Rooms in total. Beyond this number no room can be created."},
         {.name = "max-rooms-per-address",
          .argument = "N",
          .fallback = "1000",
          .help = "Rooms that users of one address can create. Joining existing rooms is not "
                  "limited."},
         {.name = "max-nicks-per-address",
          .argument = "N",
          .fallback = "1000",
          .help = "Nicks reserved for absent users of one address."},
         {.name = "max-memory-per-address",
          .argument = "SIZE",
          .fallback = "128MiB",
          .help = "Memory for one address: replies that it has not read yet, and incomplete "
                  "messages from it."},
         {.name = "max-memory",
          .argument = "SIZE",
          .fallback = "0",
          .help = "The same for all addresses together. 0: a quarter of the machine's memory, at "
                  "most 512MiB."},
         {.name = "stored-per-day-per-address",
          .argument = "SIZE",
          .fallback = "8GiB",
          .help = "Size of the files that one address can offer in a day. 0: no limit but "
                  "--store-size."},
         {.name = "max-message",
          .argument = "SIZE",
          .fallback = "1MiB",
          .help = "Longest message, at most 1MiB."},
         {.name = "max-transfers",
          .argument = "N",
          .fallback = "8",
          .help = "Uploads of one client at the same time, and as many downloads."},
         {.name = "max-rooms-per-user",
          .argument = "N",
          .fallback = "64",
          .help = "Rooms that one user can be in at the same time."},
         {.name = "max-members",
          .argument = "N",
          .fallback = "50000",
          .help = "Members of one room."}}};
}

serve::Limits readLimits(const Arguments& arguments) {
    serve::Limits limits;
    const std::string who = arguments.oneOf("rate-limit", {"auto", "on", "off"});
    limits.rateLimit = who == "on"    ? serve::RateLimit::On
                       : who == "off" ? serve::RateLimit::Off
                                      : serve::RateLimit::Auto;
    limits.connectionsMax = count(arguments, "max-connections", 0);
    limits.connectionsPerAddressMax = count(arguments, "max-connections-per-address");
    limits.connectsPerSecond = rate(arguments, "connects-per-second");
    limits.greetingMs = waitMs(arguments, "greeting-timeout");
    limits.frameMs = waitMs(arguments, "frame-timeout");
    limits.uploadMs = waitMs(arguments, "upload-timeout");
    limits.deadAfterMs = arguments.durationMs("dead-after");
    if (limits.deadAfterMs < kDeadAfterLeastMs || limits.deadAfterMs > kDeadAfterMostMs) {
        arguments.reject("dead-after", "must be 8s to 1h");
    }
    limits.messagesPerSecond = rate(arguments, "messages-per-second");
    limits.bytesPerSecond = bytesRate(arguments, "bytes-per-second");
    limits.requestsPerSecond = rate(arguments, "requests-per-second");
    limits.joinsPerMinute = rate(arguments, "joins-per-minute");
    limits.nicksPerMinute = rate(arguments, "nicks-per-minute");
    limits.offersPerMinute = rate(arguments, "offers-per-minute");
    limits.storedBytesPerDay = arguments.sizeBytes("stored-per-day");
    limits.messagesPerAddress = rate(arguments, "messages-per-second-per-address");
    limits.bytesPerAddress = bytesRate(arguments, "bytes-per-second-per-address");
    limits.usersPerHour = rate(arguments, "users-per-hour");
    limits.wrongPasswordsPerMinute = rate(arguments, "wrong-passwords-per-minute");
    limits.requestsPerAddressMax = count(arguments, "max-requests-per-address");
    limits.roomsPerAddressMax = count(arguments, "max-rooms-per-address");
    limits.nicksPerAddressMax = count(arguments, "max-nicks-per-address");
    limits.memoryPerAddressMax = memory(arguments, "max-memory-per-address");
    limits.memoryMax = arguments.sizeBytes("max-memory") == 0 ? 0 : memory(arguments, "max-memory");
    limits.storedBytesPerAddress = arguments.sizeBytes("stored-per-day-per-address");
    limits.textBytesMax = arguments.sizeBytes("max-message");
    if (limits.textBytesMax < 1 || limits.textBytesMax > limits::kTextBytesMax) {
        arguments.reject("max-message", "must be 1 byte to 1MiB; longer texts are files");
    }
    limits.transfersMax = count(arguments, "max-transfers", 1, 1000);
    limits.roomsPerUserMax = count(arguments, "max-rooms-per-user", 1, 10'000);
    limits.roomsMax = count(arguments, "max-rooms");
    limits.membersPerRoomMax = count(arguments, "max-members");
    return limits;
}

}  // namespace netchat::cmd
