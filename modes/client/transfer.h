#pragma once

// The files on their way, as values: what a client says of them at one moment.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::client {

// Why no file is received where there is no folder for them.
inline constexpr std::string_view kNoFolderText = "files are received only with --downloads DIR";

// The code and the text of the Refused (upload) or FileFailed (download) that tells of one that was
// given up by its user.
inline constexpr std::string_view kCancelled = "cancelled";
inline constexpr std::string_view kCancelledText = "it was cancelled";

struct Transfer {
    enum class State {
        Waiting,  // for its turn, for its room or for a connection
        Hashing,  // an upload is read before it is offered; what an earlier time left of a download
                  // is read again
        Moving,
    };
    bool upload = false;
    std::string id = {};      // of an upload
    std::string sha256 = {};  // of a download, and of an upload that was hashed; v2 only
    std::string room = {}, name = {};
    // Of an upload, what is at the server or on its way there (Hashing: what was read); of a
    // download, what was received.
    uint64_t done = 0;
    uint64_t size = 0;
    State state = State::Waiting;

    // What Client::cancel() takes.
    const std::string& key() const { return upload ? id : sha256.empty() ? name : sha256; }
};

// Uploads, then downloads, each in the order of their turns.
struct Transfers {
    // Of each direction: thousands may wait, and nobody looks at them one by one.
    static constexpr size_t kListedMax = 128;

    std::vector<Transfer> all;
    size_t total = 0;  // how many there are, be they listed or not
};

}  // namespace netchat::client
