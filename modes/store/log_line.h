#pragma once

// One line of an exported log; the form is in log_transfer.h.

#include <cstdint>
#include <string>
#include <string_view>

#include "modes/store/searcher.h"
#include "protocol/result.h"

namespace netchat::store {

struct LogLine {
    enum class Kind { User, Users, Room, Said, Message, File, Lost };
    Kind kind = Kind::Message;
    std::string room;
    // Of Said: user, id and seq; of User: user; of Room: seq, its first; of Lost: seq, the first,
    // and size, how many.
    KeptEntry entry;
    std::string nick, secret;  // of User; the secret's SHA-256
    uint64_t given = 0;        // of Users
    bool isEntry() const { return kind == Kind::Message || kind == Kind::File; }
};

// With its end of line.
std::string toJson(const LogLine& line);
// BadValue says what is wrong with it.
Result<LogLine> logLineOf(const std::string& json);

}  // namespace netchat::store
