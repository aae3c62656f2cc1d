#pragma once

// What a room's screen can show: the part of its log that is here, what is ours in between, and
// holes, which are parts of the log that are somewhere else and can be fetched.
//
//     [hole 1…950] 951 952 "bob joined" 953 [hole 954…1200] 1201 1202 | pending, not in the log
//
// The log's numbers are dense and rise, so a hole needs nobody who reports it: it is where a number
// is missing. Bounded: the oldest (or, for who looks at the oldest, the newest) becomes a hole
// again. Pure; one thread.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "modes/connect/screen/picture/picture.h"
#include "modes/connect/screen/text/safe_text.h"

namespace netchat::connect {

struct Line {
    enum class Kind : uint8_t {
        Message,
        File,      // somebody dropped one
        Note,      // ours: how it goes
        Trouble,   // ours: something did not work
        Presence,  // who comes and goes
        Notice,    // from whoever runs the server
        Picture,
        Hole,  // entries seq to last of the room's log
    };
    enum class State : uint8_t {
        Known,    // it is what it is
        Pending,  // said, and not in the log yet
        Failed,   // said, and refused: reason is in the text of the next line
    };
    uint64_t id = 0;    // of this scrollback's own counting, never used again
    uint64_t seq = 0;   // in the room's log; 0: not in it
    uint64_t last = 0;  // of a hole
    int64_t time = 0;   // Unix milliseconds; 0: unknown
    Kind kind = Kind::Note;
    State state = State::Known;
    bool own = false;
    bool mention = false;  // of our nick
    SafeText from = {};
    SafeText text = {};  // may hold newlines
    std::shared_ptr<const Picture> picture = {};
};

inline bool isHole(const Line& line) {
    return line.kind == Line::Kind::Hole;
}

class Scrollback {
  public:
    struct Bounds {
        size_t lines = 100'000;
        size_t bytes = 48 * 1024 * 1024;
    };

    Scrollback() : Scrollback(Bounds()) {}
    explicit Scrollback(Bounds bounds) : bounds_(bounds) {}

    // ---- what is there: lines and holes in their order, then what is pending
    size_t size() const { return lines_.size() + pending_.size(); }
    bool empty() const { return size() == 0; }
    const Line& at(size_t i) const {
        return i < lines_.size() ? lines_[i] : pending_[i - lines_.size()];
    }
    // The newest number of the room's log that is known of; 0: none.
    uint64_t newest() const { return newest_; }
    // Where the line with this id is; where it is gone, the place in front of which it would be by
    // its number.
    size_t find(uint64_t id, uint64_t seq) const;
    // The line with this number of the log, or the hole that holds it; size(): neither is there.
    size_t findSeq(uint64_t seq) const;
    // The first line, or hole, that has this number of the log or a later one; size(): none.
    size_t firstFrom(uint64_t seq) const;
    // Lines of ours that come from now on have ids above this one.
    uint64_t lastId() const { return lastId_; }
    size_t bytes() const { return bytes_; }

    // ---- the log
    // The log is known to reach up to this: what is missing below becomes a hole.
    void reach(uint64_t seq);
    // The same of a log of which nothing is here yet: what is ours so far stands below it, where it
    // is seen.
    void begin(uint64_t seq);
    // The log began anew and reaches up to this: what is here is of an earlier one.
    void beginAnew(uint64_t seq);
    // The log is known up to this only: what is here beyond it is of an earlier one.
    void cutAfter(uint64_t seq);
    // An entry, in any order. Gives its id; 0: it is there already.
    uint64_t add(Line entry);
    // Entries from..to of the log are these, in their order, and no others are kept.
    void fill(uint64_t from, uint64_t to, std::vector<Line> entries);

    // ---- ours
    uint64_t append(Line line);  // not of the log, at the end; gives its id
    uint64_t addPending(Line line);
    // It is in the log: its entry is shown in its place.
    void removePending(uint64_t id);
    // It stays among the lines: it was refused, or it is said where no log gives it back.
    void failPending(uint64_t id) { settlePending(id, Line::State::Failed); }
    void keepPending(uint64_t id) { settlePending(id, Line::State::Known); }
    const std::deque<Line>& pending() const { return pending_; }

    // Keeps within the bounds. `lookedAt`: the line (an index) that must stay; none: the end does.
    void trim(std::optional<size_t> lookedAt);

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;

  private:
    friend struct InvariantsTest;  // plants faults

    void settlePending(uint64_t id, Line::State state);
    void push(Line line);
    void count(const Line& line) { bytes_ += sizeOf(line); }
    void uncount(const Line& line) { bytes_ -= sizeOf(line); }
    static size_t sizeOf(const Line& line);
    Line holeOf(uint64_t first, uint64_t last);
    size_t lowerBound(uint64_t seq) const;
    void dropFront();
    void dropBack();
    std::string orderFault() const;
    std::string pendingFault() const;

    const Bounds bounds_;
    std::deque<Line> lines_;
    std::deque<Line> pending_;
    uint64_t newest_ = 0;
    uint64_t lastId_ = 0;
    size_t bytes_ = 0;
    mutable size_t hint_ = 0;  // where find() found something
};

}  // namespace netchat::connect
