#pragma once

// Bytes on their way to the kernel, counted from the start of the connection. Pure.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netchat::client {

class OutBuffer {
  public:
    // Append here, and nowhere else.
    std::string& tail() { return bytes_; }
    std::string_view unsent() const { return std::string_view(bytes_).substr(from_); }
    bool empty() const { return from_ == bytes_.size(); }

    void written(size_t size) {
        from_ += size;
        total_ += size;
        if (empty()) {
            bytes_.clear();
            from_ = 0;
        } else if (from_ > kDropBytes && from_ > bytes_.size() / 2) {
            bytes_.erase(0, from_);
            from_ = 0;
        }
    }
    // Bytes written so far, and what that will be when all of these are.
    uint64_t writtenTotal() const { return total_; }
    uint64_t endTotal() const { return total_ + unsent().size(); }

    void reset() { *this = OutBuffer(); }

  private:
    // Moving the rest to the front pays only when it is shorter than what is dropped.
    static constexpr size_t kDropBytes = 64 * 1024;

    std::string bytes_;
    size_t from_ = 0;
    uint64_t total_ = 0;
};

}  // namespace netchat::client
