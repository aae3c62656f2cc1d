#pragma once

// What the UI thread asks of the network thread: one struct, made by the model, carried out by the
// worker. Pure data.

#include <cstdint>
#include <optional>
#include <string>

namespace netchat::connect {

struct ClientCommand {
    enum class Kind {
        Say,        // where: a room; text; tag
        Tell,       // where: a nick; text; tag
        Upload,     // where: a room; text: paths, as typed; name: what ~ stands for
        Get,        // text: the SHA-256; name; where: its folder; number: its size; mtime
        Cancel,     // text: the transfer's key
        Join,       // where
        Leave,      // where
        Nick,       // text
        Who,        // where
        Rooms,      //
        History,    // where; number: before; count
        Search,     // where; text; number: before
        Operate,    // name: the act; where: whom or what; count: seconds; text: a reason
        Ignore,     // where: a nick
        Unignore,   // where: a nick
        Reconnect,  // at once
        Bye,        // when all that was said and dropped is over
    };
    Kind kind;
    std::string where = {}, text = {}, name = {};
    uint64_t tag = 0;  // the model's own number of what is said
    uint64_t number = 0;
    unsigned count = 0;
    std::optional<int64_t> mtime = {};
};

}  // namespace netchat::connect
