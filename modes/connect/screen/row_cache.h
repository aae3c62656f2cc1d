#pragma once

// The rows of lines that were wrapped already: those on the screen are looked at thirty times a
// second, and some of them are long. Pure; one thread.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "modes/connect/screen/text/wrap.h"

namespace netchat::connect {

class RowCache {
  public:
    // Of the line with this id, whose text(), asked for where it is not known, never changes. Valid
    // until the next call.
    template <class Text>
    const std::vector<Row>& rows(uint64_t line, int columns, Text text) {
        // Another width makes all of it useless; so many lines are more than any screen has.
        if (columns != columns_ || known_.size() >= kLinesMax) known_.clear();
        columns_ = columns;
        const auto found = known_.find(line);
        if (found != known_.end()) return found->second;
        return known_[line] = wrap(text(), static_cast<size_t>(columns));
    }

  private:
    static constexpr size_t kLinesMax = 2000;
    int columns_ = 0;
    std::unordered_map<uint64_t, std::vector<Row>> known_;
};

}  // namespace netchat::connect
