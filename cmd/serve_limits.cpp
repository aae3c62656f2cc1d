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
        "Limits of one client",
        {{.name = "rate-limit",
          .argument = "WHO",
          .fallback = "auto",
          .help = "for whom the rates, the connections of an address and the day's quota are: "
                  "on, for everyone; auto, for all but this machine; off, for nobody"},
         {.name = "max-connections",
          .argument = "N",
          .fallback = "0",
          .help = "in all; 0: as many as there are descriptors for"},
         {.name = "max-connections-per-address",
          .argument = "N",
          .fallback = "256",
          .help = "an IPv6 address counts as its /64"},
         {.name = "connects-per-second",
          .argument = "N",
          .fallback = "20",
          .help = "of one address; ten seconds of it may be saved up, as of all rates by the "
                  "second"},
         {.name = "greeting-timeout",
          .argument = "DURATION",
          .fallback = "10s",
          .help = "from the connection to the user's name, TLS included"},
         {.name = "frame-timeout",
          .argument = "DURATION",
          .fallback = "60s",
          .help = "from the first byte of a message or command to its last"},
         {.name = "upload-timeout",
          .argument = "DURATION",
          .fallback = "2m",
          .help = "without any bytes of a file that is being sent"},
         {.name = "dead-after",
          .argument = "DURATION",
          .fallback = "2m",
          .help = "without a sign of life: who has no network or power any more, or a frozen "
                  "program, is not shown as present for longer"},
         {.name = "messages-per-second",
          .argument = "N",
          .fallback = "50",
          .help = "of one user, who is read more slowly beyond it"},
         {.name = "bytes-per-second",
          .argument = "SIZE",
          .fallback = "256KiB",
          .help = "of messages, in the same way; files are as fast as they can be"},
         {.name = "requests-per-second",
          .argument = "N",
          .fallback = "20",
          .help = "for history, searches, lists and orders; refused beyond it"},
         {.name = "joins-per-minute", .argument = "N", .fallback = "128", .help = "rooms entered"},
         {.name = "nicks-per-minute",
          .argument = "N",
          .fallback = "12",
          .help = "changes of the nick"},
         {.name = "offers-per-minute", .argument = "N", .fallback = "120", .help = "files"},
         {.name = "stored-per-day",
          .argument = "SIZE",
          .fallback = "4GiB",
          .help = "of files that one user offers; 0: as much as there is room for"},
         {.name = "messages-per-second-per-address",
          .argument = "N",
          .fallback = "500",
          .help = "of all users of one address (an IPv6 /64) together, in the same way"},
         {.name = "bytes-per-second-per-address",
          .argument = "SIZE",
          .fallback = "2MiB",
          .help = "of their messages"},
         {.name = "users-per-hour",
          .argument = "N",
          .fallback = "1000",
          .help = "of one address, that were never here before; an hour's may come at once"},
         {.name = "wrong-passwords-per-minute",
          .argument = "N",
          .fallback = "10",
          .help = "of one address, also of this machine; a minute's may come at once"},
         {.name = "max-requests-per-address",
          .argument = "N",
          .fallback = "512",
          .help = "questions that wait for their answers"},
         // Before the longer names that begin with it.
         {.name = "max-rooms",
          .argument = "N",
          .fallback = "10000",
          .help = "beyond it no new ones are made"},
         {.name = "max-rooms-per-address",
          .argument = "N",
          .fallback = "1000",
          .help = "rooms made; those that are there can always be entered"},
         {.name = "max-nicks-per-address",
          .argument = "N",
          .fallback = "1000",
          .help = "nicks that are kept for users who are away"},
         {.name = "max-memory-per-address",
          .argument = "SIZE",
          .fallback = "128MiB",
          .help = "of answers that are not read and frames that are not finished"},
         {.name = "max-memory",
          .argument = "SIZE",
          .fallback = "0",
          .help =
              "the same of everybody together; 0: a quarter of what the machine has, but 512MiB "
              "at most"},
         {.name = "stored-per-day-per-address",
          .argument = "SIZE",
          .fallback = "8GiB",
          .help = "of files that are offered from one address; 0: as much as there is room for"},
         {.name = "max-message",
          .argument = "SIZE",
          .fallback = "1MiB",
          .help = "the longest text, up to 1MiB"},
         {.name = "max-transfers",
          .argument = "N",
          .fallback = "8",
          .help = "files under way to and from one client, each"},
         {.name = "max-rooms-per-user", .argument = "N", .fallback = "64", .help = "at once"},
         {.name = "max-members", .argument = "N", .fallback = "50000", .help = "of one room"}}};
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
