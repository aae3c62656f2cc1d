#pragma once

// The files dropped in the rooms since the start: what !files lists and !get chooses from.
// Pure; one thread.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/event.h"

namespace netchat::connect {

struct KnownFile {
    enum class State {
        Own,       // dropped by this user
        Offered,   // larger than what is fetched by itself, or out of the history
        Wanted,    // on its way
        Received,  // here
        Failed,    // may be asked for again
    };
    unsigned number;  // from 1, never used again
    std::string room, from, name, sha256;
    uint64_t size;
    State state;
    std::string folder = {};  // where it lay, below what was sent
    int64_t mtime = 0;

    // "project/src/main.c"
    std::string path() const { return folder.empty() ? name : folder + "/" + name; }
};

class FileList {
  public:
    // The oldest are forgotten beyond this.
    static constexpr size_t kFilesMax = 1000;

    // A File event. `wanted`: it is fetched by itself.
    void announced(const client::Event& file, bool wanted);
    // FileReceived and FileFailed; `name` is looked for where there is no hash.
    void changed(const client::Event& event, KnownFile::State state);

    // By number, by name (the latest), or by 8 or more digits of the SHA-256. Null: no such file.
    KnownFile* find(std::string_view text);
    KnownFile* numbered(unsigned number);
    const KnownFile* numbered(unsigned number) const;
    std::vector<KnownFile> all() const { return {files_.begin(), files_.end()}; }

  private:
    std::deque<KnownFile> files_;
    unsigned lastNumber_ = 0;
};

}  // namespace netchat::connect
