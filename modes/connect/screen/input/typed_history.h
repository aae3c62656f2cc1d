#pragma once

// What was entered before, oldest first, and a visit to it: the place where somebody is, and the
// draft and the edited entries that they left behind on their way. Bounded: the oldest entries go.
// Pure; one thread.
//
//     entry 0 | entry 1 | ... | entry size()-1 | the draft at size()
//     <- older                          newer ->

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

#include "modes/connect/screen/input/traced_text.h"
#include "protocol/limits.h"

namespace netchat::connect {

class TypedHistory {
  public:
    static constexpr size_t kBytesMax =
        8 * limits::kMiB;  // of all entries; and of all that is kept

    explicit TypedHistory(size_t entriesMax) : entriesMax_(entriesMax) {}

    // An empty text, or one that is as the newest entry, adds nothing. Ends the visit.
    void add(const TracedText& text);
    // Forgets the draft and what was edited.
    void leave();

    size_t size() const { return entries_.size(); }
    size_t place() const { return place_; }
    // What stands here now is kept until the visit ends.
    void keep(const TracedText& here);
    void goTo(size_t place) { place_ = place; }
    // As it was kept, or else as it was entered.
    const TracedText& at(size_t place) const;
    // As it was entered; place is below size().
    const TracedText& entry(size_t place) const { return entries_[place]; }
    // The newest place before this one where the pattern is.
    std::optional<size_t> find(std::string_view pattern, size_t before) const;

  private:
    void makeRoomFor(const TracedText& kept);

    const size_t entriesMax_;
    std::deque<TracedText> entries_;
    size_t bytes_ = 0;  // of the entries
    size_t place_ = 0;
    std::map<size_t, TracedText> kept_;
};

}  // namespace netchat::connect
