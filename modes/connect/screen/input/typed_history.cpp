#include "modes/connect/screen/input/typed_history.h"

#include "modes/connect/screen/text/letter_case.h"

namespace netchat::connect {

namespace {

// An entry that was pasted is another one than the same that was typed: one of them may have been a
// command.
bool isSameEntry(const TracedText& a, const TracedText& b) {
    return a.str() == b.str() && a.isPasted(0) == b.isPasted(0);
}

}  // namespace

void TypedHistory::add(const TracedText& text) {
    const bool again = !entries_.empty() && isSameEntry(entries_.back(), text);
    if (!text.empty() && !again) {
        entries_.push_back(text);
        bytes_ += text.size();
    }
    while (entries_.size() > entriesMax_ || bytes_ > kBytesMax) {
        bytes_ -= entries_.front().size();
        entries_.pop_front();
    }
    leave();
}

void TypedHistory::leave() {
    place_ = size();
    kept_.clear();
}

void TypedHistory::keep(const TracedText& here) {
    kept_.erase(place_);
    if (at(place_) == here) return;
    makeRoomFor(here);
    kept_[place_] = here;
}

// The draft is never given up for an edited entry.
void TypedHistory::makeRoomFor(const TracedText& kept) {
    size_t bytes = kept.size();
    for (const auto& [place, text] : kept_) bytes += text.size();
    if (bytes > kBytesMax) kept_.erase(kept_.begin(), kept_.lower_bound(size()));
}

const TracedText& TypedHistory::at(size_t place) const {
    static const TracedText kNothing;
    const auto kept = kept_.find(place);
    if (kept != kept_.end()) return kept->second;
    return place < size() ? entries_[place] : kNothing;
}

std::optional<size_t> TypedHistory::find(std::string_view pattern, size_t before) const {
    const CaselessPattern wanted(pattern);
    for (size_t place = before; place-- > 0;) {
        if (wanted.findIn(at(place).str())) return place;
    }
    return std::nullopt;
}

}  // namespace netchat::connect
