#pragma once

// The files that were announced to a user, kept over its runs beside how far it has seen
// (state_file.h): a download that was cut, by whatever, is taken up by the next run, and !files has
// the same files as before.
//
//     netchat-files  version:1
//     file  number:3  state:wanted  seq:17  size:4096  asked:0  tries:0  sha256:…  room:lobby
//           from:alice  name:x.iso                                       (one line, tabs between)
//
// A line for each change, at the end; the last one of a number counts. A line that was torn is
// passed over. It is written again as a whole when it is opened, and when it has grown.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/file_list.h"
#include "protocol/result.h"

namespace netchat::client {

// One thread; one at a time in all processes, which the lock of the state file sees to.
class FileLedger {
  public:
    // Of a user of whom nothing is kept: it keeps nothing.
    FileLedger() = default;
    FileLedger(FileLedger&& other) noexcept;
    FileLedger& operator=(FileLedger&& other) noexcept;
    ~FileLedger();

    // What is there already is read first. Internal: it cannot be used, or holds what is no such
    // file, which is then left as it is.
    static Result<FileLedger> open(const std::filesystem::path& path);

    // To be called for each event that is not part of a page, in order.
    void follow(const Event& event);
    // The user asks for a file, which may have been announced or not.
    void want(std::string_view sha256, std::string_view name, uint64_t size);
    std::vector<KnownFile> all() const { return list_.all(); }
    // What is to be fetched still. `seen` says how far a room was seen: what was announced after
    // that will be announced again.
    std::vector<KnownFile> pending(
        const std::function<uint64_t(const std::string& room)>& seen) const;
    // Writes what has changed.
    Status save();

  private:
    explicit FileLedger(std::filesystem::path path) : path_(std::move(path)) {}
    Status load();
    Status replace();
    void failed(const event::FileFailed& file);
    void note(const KnownFile& file);
    Error failure() const;

    std::filesystem::path path_;  // empty: nothing is kept
    int fd_ = -1;
    FileList list_;
    std::string unsaved_;  // lines
    size_t lines_ = 0;     // in the file
    bool whole_ = false;   // the file is to be replaced
};

}  // namespace netchat::client
