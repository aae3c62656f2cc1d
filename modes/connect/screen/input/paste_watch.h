#pragma once

// How long the end of a paste is waited for. A terminal that was cut off, or a program that sent
// the opening bracket, leaves a paste open: the keyboard must not stay dead. Pure; one thread.
//
//     ESC [ 200 ~  text  ...silence of kSilenceMs...            it is over
//     ESC [ 200 ~  k  e  y  s  ...kPasteMs since it began...    it is over: a person types into it
//     ESC [ 200 ~  text of many bytes  text of many bytes ...   it goes on: a slow line

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace netchat::connect {

class PasteWatch {
  public:
    static constexpr int64_t kSilenceMs = 1'000;
    static constexpr int64_t kPasteMs = 10'000;
    // So many bytes at once are no person's typing: the paste is still coming.
    static constexpr size_t kBulkBytes = 64;

    // So many bytes came, after which the decoder is in a paste or not.
    void came(size_t bytes, bool pasting, int64_t nowMs) {
        if (!pasting) return endAtMs_.reset();
        if (!endAtMs_ || bytes >= kBulkBytes) latestMs_ = nowMs + kPasteMs;
        endAtMs_ = std::min(nowMs + kSilenceMs, latestMs_);
    }
    // When the paste is to be ended; none: there is no paste.
    std::optional<int64_t> endAtMs() const { return endAtMs_; }

  private:
    int64_t latestMs_ = 0;
    std::optional<int64_t> endAtMs_;
};

}  // namespace netchat::connect
