#pragma once

// The files that were announced to a user, and what became of them: what !files lists and !get
// chooses from. Pure; one thread.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/event.h"

namespace netchat::client {

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
    std::optional<int64_t> mtime = {};
    uint64_t seq = 0;    // of its announcement; 0: out of none
    bool asked = false;  // by the user: it is fetched whatever its size
    unsigned tries = 0;  // how often it failed, where another run may do better

    // "project/src/main.c"
    std::string path() const { return folder.empty() ? name : folder + "/" + name; }
};

class FileList {
  public:
    // The oldest are forgotten beyond this, but those on their way only beyond the other.
    static constexpr size_t kFilesMax = 1000;
    static constexpr size_t kWantedMax = 10'000;

    // What an earlier run knew.
    void restore(std::vector<KnownFile> files);
    // `wanted`: it is fetched by itself.
    KnownFile& announced(const event::File& file, bool wanted);
    // Something became of a file; `name` is looked for where there is no hash. Valid until the next
    // call: those that it concerns.
    std::vector<KnownFile*> changed(std::string_view sha256, std::string_view name,
                                    KnownFile::State state);

    // By number, by name (the latest), or by 8 or more digits of the SHA-256. Null: no such file.
    KnownFile* find(std::string_view text);
    KnownFile* numbered(unsigned number);
    const KnownFile* numbered(unsigned number) const;
    std::vector<KnownFile> all() const { return {files_.begin(), files_.end()}; }
    size_t size() const { return files_.size(); }

  private:
    void makeRoom();

    std::deque<KnownFile> files_;
    unsigned lastNumber_ = 0;
};

}  // namespace netchat::client
