#pragma once

// A room's log: its messages and file announcements in one total order, numbered from 1 without
// gaps. The log is what acknowledges: what it has given back may be shown, nothing else.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/result.h"

namespace netchat::store {

// What a message that was shown survives: nothing, the end of the process, or of the machine.
enum class Durability { Memory, Process, Disk };

// Lost: an entry that had this number and is no more: it was damaged, or taken out. What is read
// says so of `size` entries, the first of which is `seq`; nothing else of it counts.
enum class EntryKind : uint8_t { Message, File, Lost };

// What is to be appended, and what is read back. Views: of a draft, the caller's; of an entry that
// is read, the log's, valid during the visit.
struct Entry {
    EntryKind kind = EntryKind::Message;
    uint64_t seq = 0;     // 0 in a draft
    int64_t time = 0;     // Unix milliseconds
    uint64_t user = 0;    // who said it
    std::string_view id;  // the client's number for it, unique per user; empty: has none
    std::string_view from;
    std::string_view text;    // of a message; of a file its name
    std::string_view sha256;  // of a file
    uint64_t size = 0;        // of a file
};

// What it counts for in a room's bytes.
inline uint64_t textBytes(const Entry& entry) {
    return entry.id.size() + entry.from.size() + entry.text.size() + entry.sha256.size();
}

struct Draft {
    std::string_view room;
    Entry entry;
};

struct Appended {
    uint64_t seq = 0;
    bool duplicate = false;  // (user, id) was there already: seq is the earlier entry's
    bool elsewhere = false;  // the earlier entry is another room's
};

struct Range {
    uint64_t first = 1;  // the oldest entry that is still kept; last + 1 when none is
    uint64_t last = 0;
};

// What is kept of each room, and of all rooms together; 0: everything. Ids are kept for ever.
struct Retention {
    static constexpr uint64_t kByDisk = UINT64_MAX;  // for whoever opens the log to decide
    int64_t ageMs = 0;
    uint64_t bytes = 0;
    uint64_t allBytes = 0;  // with kEntryBytes for each entry
    bool any() const { return ageMs > 0 || bytes > 0 || allBytes > 0; }
};
// What an entry takes on the disk beside its texts, about.
inline constexpr uint64_t kEntryBytes = 64;

// What an operator takes out: entries of which all holds that is set.
struct Purge {
    std::string room = {};  // of this room; empty: of all
    std::string from = {};  // said under this nick; empty: under any
    uint64_t user = 0;      // said by this user; 0: by anybody
    int64_t beforeMs = 0;   // said before this Unix time; 0: at any
    // How far it has come: the log's. Of each room that is left, the first entry that stays.
    bool begun = false;
    std::map<std::string, uint64_t> ends = {};
    uint64_t atSeq = 0;

    bool matches(uint64_t by, std::string_view nick, int64_t time) const {
        return (user == 0 || by == user) && (from.empty() || nick == from) &&
               (beforeMs == 0 || time < beforeMs);
    }
};

struct Purged {
    bool more = false;  // call again
    uint64_t entries = 0;
    std::vector<uint64_t> users;     // who had said them
    std::vector<std::string> files;  // SHA-256 of those that no kept entry announces any more
};

struct Forgotten {
    bool more = false;               // there is more to forget: call again
    std::vector<std::string> files;  // SHA-256 of those that no kept entry announces any more
    // Unix time at which there will be, if nothing is appended: none, if never.
    std::optional<int64_t> nextMs;
};

// One owner thread.
class RoomLog {
  public:
    virtual ~RoomLog() = default;

    // All or nothing, in order. On an error nothing was appended, and never will be: the same
    // drafts, with the same ids, may be tried again. Unless isUnsure() afterwards.
    virtual Result<std::vector<Appended>> append(std::span<const Draft> drafts) = 0;

    // It is not known whether the latest append stands in the log. Nothing of it is read, and every
    // append is refused, until findOut() knows.
    virtual bool isUnsure() const { return false; }
    // What append() would say of this draft where its user has said it already, without writing:
    // what is there is not refused because nothing can be added. Of what is in doubt: anything.
    virtual std::optional<Appended> alreadySaid(const Draft& /*draft*/) { return {}; }
    // While isUnsure(): tries to find out, and answers as that append should have. Where it is
    // still unsure: any error.
    virtual Result<std::vector<Appended>> findOut() {
        return Error{ErrorCode::BadState, "nothing is in doubt"};
    }

    // What is kept of a room; {1, 0} for one that has no log.
    virtual Range range(std::string_view room) const = 0;

    // Visits every room that has a kept entry, in no order.
    using RoomVisitor = std::function<void(std::string_view room, const Range& range)>;
    virtual void eachRoom(const RoomVisitor& visit) const = 0;

    // Takes out a bounded number of entries, so that the owner can do so between other work. Their
    // texts are gone; their numbers are given to nobody, and their ids stay known. What is said
    // after beginPurge() stays.
    virtual Result<Purged> purgeSome(Purge& purge) = 0;
    // Notes what there is to take out; the first purgeSome() does so where nobody has.
    void beginPurge(Purge& purge) const;
    // The SHA-256 of files that are announced under this name, some of them if there are many.
    virtual Result<std::vector<std::string>> filesNamed(std::string_view name) = 0;

    // What all rooms take, as Retention::allBytes counts.
    uint64_t bytesInAll() const;

    // What the kept entries of a room take, about.
    virtual uint64_t keptBytes(std::string_view /*room*/) const { return 0; }

    // Visits kept entries from `seq` upward until the visitor returns false. All that are due are
    // visited, if only as Lost: none is missing in silence.
    using Visitor = std::function<bool(const Entry&)>;
    virtual Status read(std::string_view room, uint64_t seq, const Visitor& visit) const = 0;

    // Forgets a bounded number of the oldest entries that are kept beyond `retention`, so that the
    // owner can do so between other work. `nowMs`: Unix time. A log may keep everything.
    virtual Result<Forgotten> forgetSome(const Retention& /*retention*/, int64_t /*nowMs*/) {
        return Forgotten{};
    }

    // Which log this is, in hexadecimal digits: it has another whenever its past may have changed.
    // Empty: it has none.
    virtual std::string_view identity() const { return {}; }

    // Up to which entry a room's log is the one that it was under this identity; none: it is not
    // known (any longer).
    virtual std::optional<uint64_t> sharedWith(std::string_view /*identity*/,
                                               std::string_view /*room*/) const {
        return {};
    }

    // "memory", "process" or "disk": the promise that append() keeps.
    virtual std::string_view durability() const = 0;

    // Called on the owner's thread after every append that has added something.
    void onGrowth(std::function<void()> tell) { tell_ = std::move(tell); }

  protected:
    void grew() const {
        if (tell_) tell_();
    }

  private:
    std::function<void()> tell_;
};

}  // namespace netchat::store
