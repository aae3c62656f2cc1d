#pragma once

// Room on the disk for a small file, taken before there is anything to write: a secret that a
// server gives only once must not find the disk full.
//
//     FILE.new  of zeros  --put(text)-->  FILE
//
// What was taken and not needed goes again, with the folders that were made for it. One thread; a
// file has one writer at a time, which its owner sees to.

#include <filesystem>
#include <string_view>
#include <utility>

#include "protocol/result.h"

namespace netchat::client {

class ReservedFile {
  public:
    // Enough for the state of a user who is new. A longer text takes more room then.
    static constexpr size_t kBytes = 8192;

    // Makes the folder if it is missing. Internal: it cannot be written.
    static Result<ReservedFile> of(const std::filesystem::path& file);
    ReservedFile(ReservedFile&& other) noexcept;
    ReservedFile& operator=(ReservedFile&&) = delete;
    ~ReservedFile();

    // Takes the room; the file's only writer may. Internal: it cannot be written, or the disk is
    // full.
    Status take();
    // Call once, after that: the file has this text, also when the power goes. Its descriptor, for
    // reading and writing; -1: errno says why, and there is no file.
    int put(std::string_view text);

  private:
    explicit ReservedFile(std::filesystem::path file) : file_(std::move(file)) {}

    std::filesystem::path file_;
    std::filesystem::path aside_;     // while this object has it
    std::filesystem::path madeFrom_;  // the topmost folder that was made for it, or none
};

}  // namespace netchat::client
