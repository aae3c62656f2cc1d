#include "modes/connect/screen/scrollback.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace netchat::connect {

namespace {

// What the allocator adds to a text that does not fit into the string itself.
constexpr size_t kHeapBytes = 16;

size_t heapBytes(const SafeText& text) {
    constexpr size_t kInside = 15;
    return text.view().size() <= kInside ? 0 : text.view().size() + kHeapBytes;
}

}  // namespace

size_t Scrollback::sizeOf(const Line& line) {
    const size_t pixels = line.picture ? line.picture->pixels.size() * sizeof(Color) : 0;
    return sizeof(Line) + heapBytes(line.from) + heapBytes(line.text) + pixels;
}

Line Scrollback::holeOf(uint64_t first, uint64_t last) {
    Line hole;
    hole.id = ++lastId_;
    hole.kind = Line::Kind::Hole;
    hole.seq = first;
    hole.last = last;
    return hole;
}

void Scrollback::push(Line line) {
    count(line);
    lines_.push_back(std::move(line));
}

// ---- looking

// Outwards from where something was found before: who looks for a line looks for it at each frame.
size_t Scrollback::find(uint64_t id, uint64_t seq) const {
    const size_t all = size();
    hint_ = std::min(hint_, all);
    for (size_t away = 0; away <= all; ++away) {
        if (hint_ + away < all && at(hint_ + away).id == id) return hint_ += away;
        if (away <= hint_ && hint_ - away < all && at(hint_ - away).id == id) {
            return hint_ -= away;
        }
    }
    return hint_ = seq == 0 ? all : lowerBound(seq);
}

// The first line of the log, or hole, that reaches up to this number. Lines of ours have none: each
// belongs to the entry before it.
size_t Scrollback::lowerBound(uint64_t seq) const {
    // What is asked for is nearly always near the end.
    size_t found = lines_.size();
    for (size_t i = lines_.size(); i-- > 0;) {
        const Line& line = lines_[i];
        if (line.seq == 0) continue;
        if ((isHole(line) ? line.last : line.seq) < seq) break;
        found = i;
    }
    return found;
}

size_t Scrollback::firstFrom(uint64_t seq) const {
    const size_t at = lowerBound(seq);
    return at < lines_.size() ? at : size();
}

size_t Scrollback::findSeq(uint64_t seq) const {
    const size_t at = lowerBound(seq);
    return at < lines_.size() && lines_[at].seq <= seq ? at : size();
}

// ---- the log

void Scrollback::reach(uint64_t seq) {
    if (seq <= newest_) return;
    const uint64_t first = std::exchange(newest_, seq) + 1;
    if (!lines_.empty() && isHole(lines_.back()) && lines_.back().last + 1 == first) {
        lines_.back().last = seq;
    } else {
        push(holeOf(first, seq));
    }
}

void Scrollback::begin(uint64_t seq) {
    if (newest_ != 0 || seq == 0) return reach(seq);
    newest_ = seq;
    lines_.push_front(holeOf(1, seq));
    count(lines_.front());
}

void Scrollback::beginAnew(uint64_t seq) {
    const auto end = std::remove_if(lines_.begin(), lines_.end(), [&](const Line& line) {
        if (isHole(line)) uncount(line);
        return isHole(line);
    });
    lines_.erase(end, lines_.end());
    for (Line& line : lines_) line.seq = 0;
    newest_ = 0;
    reach(seq);
}

void Scrollback::cutAfter(uint64_t seq) {
    if (seq >= newest_) return;
    std::deque<Line> kept;
    for (Line& line : lines_) {
        const bool whole = (isHole(line) ? line.last : line.seq) <= seq;
        const bool part = !whole && isHole(line) && line.seq <= seq;
        if (part) line.last = seq;
        whole || part ? kept.push_back(std::move(line)) : uncount(line);
    }
    lines_ = std::move(kept);
    newest_ = seq;
}

uint64_t Scrollback::add(Line entry) {
    if (entry.seq == newest_ + 1) {
        newest_ = entry.seq;
        entry.id = ++lastId_;
        push(std::move(entry));
        return lastId_;
    }
    reach(entry.seq);
    const size_t at = lowerBound(entry.seq);
    if (at == lines_.size() || !isHole(lines_[at]) || lines_[at].seq > entry.seq) return 0;
    const uint64_t seq = entry.seq, id = lastId_ + 1;
    std::vector<Line> one;
    one.push_back(std::move(entry));
    fill(seq, seq, std::move(one));
    return id;
}

void Scrollback::fill(uint64_t from, uint64_t to, std::vector<Line> entries) {
    if (to < from) return;
    reach(to);
    auto entry = entries.begin();
    for (size_t i = lowerBound(from); i < lines_.size(); ++i) {
        if (lines_[i].seq > to) break;
        if (!isHole(lines_[i])) continue;
        const Line hole = lines_[i];
        const uint64_t first = std::max(from, hole.seq), last = std::min(to, hole.last);
        if (first > last) continue;
        // What remains above keeps the hole's id: who looks at it goes on looking at it.
        if (hole.seq < first) {
            lines_[i].last = first - 1;
            ++i;
        } else {
            uncount(lines_[i]);
            lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        std::vector<Line> added;
        while (entry != entries.end() && entry->seq < first) ++entry;
        for (; entry != entries.end() && entry->seq <= last; ++entry) {
            entry->id = ++lastId_;
            count(*entry);
            added.push_back(std::move(*entry));
        }
        if (last < hole.last) {
            added.push_back(holeOf(last + 1, hole.last));
            count(added.back());
        }
        // An insertion of nothing into a deque would move lines onto themselves, which empties
        // them.
        if (!added.empty()) {
            const auto place = lines_.begin() + static_cast<std::ptrdiff_t>(i);
            lines_.insert(place, std::make_move_iterator(added.begin()),
                          std::make_move_iterator(added.end()));
        }
        i += added.size();
        --i;
    }
}

// ---- ours

uint64_t Scrollback::append(Line line) {
    line.seq = 0;
    line.id = ++lastId_;
    push(std::move(line));
    return lastId_;
}

uint64_t Scrollback::addPending(Line line) {
    line.seq = 0;
    line.id = ++lastId_;
    line.state = Line::State::Pending;
    count(line);
    pending_.push_back(std::move(line));
    return lastId_;
}

void Scrollback::removePending(uint64_t id) {
    const auto found = std::find_if(pending_.begin(), pending_.end(),
                                    [&](const Line& line) { return line.id == id; });
    if (found == pending_.end()) return;
    uncount(*found);
    pending_.erase(found);
}

void Scrollback::settlePending(uint64_t id, Line::State state) {
    const auto found = std::find_if(pending_.begin(), pending_.end(),
                                    [&](const Line& line) { return line.id == id; });
    if (found == pending_.end()) return;
    found->state = state;
    lines_.push_back(std::move(*found));
    pending_.erase(found);
}

// ---- the bounds

void Scrollback::trim(std::optional<size_t> lookedAt) {
    while (lines_.size() > bounds_.lines || bytes_ > bounds_.bytes) {
        if (lines_.size() < 2) return;
        // Whoever looks at one half of it can do without the end of the other.
        const bool atOldest = lookedAt && *lookedAt < lines_.size() / 2;
        const size_t before = lines_.size();
        if (atOldest) {
            dropBack();
        } else {
            dropFront();
            if (lookedAt) *lookedAt -= std::min(*lookedAt, before - lines_.size());
        }
    }
}

// The oldest line; what it was of the log goes into the hole in front, which holds all the rest.
void Scrollback::dropFront() {
    size_t i = isHole(lines_[0]) ? 1 : 0;
    const Line gone = std::move(lines_[i]);
    uncount(gone);
    if (gone.seq == 0) {
        lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(i));
        return;
    }
    const uint64_t last = isHole(gone) ? gone.last : gone.seq;
    if (i == 1) {
        lines_.erase(lines_.begin() + 1);
        lines_[0].last = last;
        return;
    }
    lines_[0] = holeOf(1, last);
    count(lines_[0]);
}

void Scrollback::dropBack() {
    const size_t all = lines_.size();
    const size_t i = isHole(lines_[all - 1]) ? all - 2 : all - 1;
    const Line gone = std::move(lines_[i]);
    uncount(gone);
    if (gone.seq == 0 || i == all - 2) {
        lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(i));
        if (gone.seq != 0) lines_.back().seq = gone.seq;
        return;
    }
    lines_[i] = holeOf(gone.seq, newest_);
    count(lines_[i]);
}

// ---- what always holds

std::string Scrollback::checkInvariants() const {
    if (auto fault = orderFault(); !fault.empty()) return fault;
    if (auto fault = pendingFault(); !fault.empty()) return fault;
    std::set<uint64_t> ids;
    size_t bytes = 0;
    for (size_t i = 0; i < size(); ++i) {
        const Line& line = at(i);
        if (line.id == 0 || line.id > lastId_) return "a line has an id that was not given";
        if (!ids.insert(line.id).second) return "two lines have the id " + std::to_string(line.id);
        bytes += sizeOf(line);
    }
    return bytes == bytes_ ? "" : "the bytes of lines are miscounted";
}

// Entries and holes ascend, and no two hold the same number.
std::string Scrollback::orderFault() const {
    uint64_t end = 0;
    for (const Line& line : lines_) {
        if (line.state == Line::State::Pending) return "a pending line is among those that are not";
        if (line.seq == 0 && isHole(line)) return "a hole is not of the log";
        if (line.seq == 0) continue;
        if (line.seq <= end) return "the number " + std::to_string(line.seq) + " is there twice";
        if (isHole(line) && line.last < line.seq) return "a hole ends before it begins";
        end = isHole(line) ? line.last : line.seq;
    }
    return end <= newest_ ? "" : "a line is beyond the newest one";
}

std::string Scrollback::pendingFault() const {
    for (const Line& line : pending_) {
        if (line.state != Line::State::Pending) return "a line that is not pending is among those";
        if (line.seq != 0 || isHole(line)) return "a pending line is of the log";
    }
    return {};
}

}  // namespace netchat::connect
