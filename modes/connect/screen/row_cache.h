#pragma once

// The rows of lines that were wrapped already: those on the screen are looked at thirty times a
// second, and some of them are long. Bounded by rows: a text of newlines has a million. Pure; one
// thread.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "modes/connect/screen/text/wrap.h"

namespace netchat::connect {

class RowCache {
  public:
    // Of the line with this id, whose text(), asked for where it is not known, is always the same
    // for the same width and way of naming: whether the nick stands in it. Valid until the next
    // call.
    template <class Text>
    const std::vector<Row>& rows(uint64_t line, int columns, bool named, Text text) {
        if (columns != columns_ || named != named_) clear();
        columns_ = columns;
        named_ = named;
        const auto found = known_.find(line);
        if (found != known_.end()) return found->second;
        std::vector<Row> rows = wrap(text(), static_cast<size_t>(columns));
        if (rows_ + rows.size() > kRowsMax) clear();
        rows_ += rows.size();
        return known_[line] = std::move(rows);
    }

  private:
    // Many screens' worth; more only where one line alone has more.
    static constexpr size_t kRowsMax = 50'000;

    void clear() {
        known_.clear();
        rows_ = 0;
    }

    int columns_ = 0;
    bool named_ = false;
    size_t rows_ = 0;  // of all that are known
    std::unordered_map<uint64_t, std::vector<Row>> known_;
};

}  // namespace netchat::connect
