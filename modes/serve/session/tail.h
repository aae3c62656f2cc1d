#pragma once

// The newest part of a room's log on one loop, and the subscriptions of the loop's sessions in it.
//
//       start                         end         bytes of one dialect, counted since the room
//         v                            v          came to this loop
//     ....| publication | publication |
//               ^               ^     ^
//             subscription (behind)   subscription   subscription (up to date)
//
// A subscription is a cursor: everything before its `at` has been handed to the kernel.
// Publications are kept while a subscription is behind, or waits for a page of the log, up to
// limits::kTailBytesMax; a subscription that is left behind even that catches up from the log
// instead. Pure; the loop's thread only.

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "modes/serve/hub/publication.h"
#include "protocol/limits.h"

namespace netchat::serve {

// Whoever has a subscription: to the tail it is an address and no more.
class Subscriber {
  protected:
    ~Subscriber() = default;
};

struct Subscription {
    uint64_t at;  // kCatchingUp: not in the tail
    Subscriber* subscriber;
};
inline constexpr uint64_t kCatchingUp = ~uint64_t{0};

class Tail {
  public:
    Tail(RoomId id, std::string name, uint64_t lastSeq, size_t bytesMax = limits::kTailBytesMax)
        : id_(id), name_(std::move(name)), lastSeq_(lastSeq), bytesMax_(bytesMax) {}

    RoomId id() const { return id_; }
    const std::string& name() const { return name_; }
    uint64_t lastSeq() const { return lastSeq_; }
    uint64_t end(size_t dialect) const { return end_[dialect]; }
    // How many notes of presence have come: they are in no log, so that whoever catches up from
    // there misses them.
    uint64_t notes() const { return notes_; }

    void add(std::shared_ptr<const Publication> publication);
    // The log has gone so far. Where the tail was not told of all of it (while the hub had no
    // member here, and all subscriptions were of those who have left and still catch up), what it
    // holds leads to nothing that comes, and is dropped; but not under a subscription that is owed
    // some of it.
    void goesTo(uint64_t seq);

    // Subscriptions are dense, so that a publish walks memory in a line: taking one moves the last
    // into its place. Its subscriber is to be told, and is returned (null: nothing moved).
    size_t subscribe(size_t dialect, uint64_t at, Subscriber& subscriber);
    Subscriber* unsubscribe(size_t dialect, size_t index);
    std::vector<Subscription>& subscriptions(size_t dialect) { return subscriptions_[dialect]; }
    const std::vector<Subscription>& subscriptions(size_t dialect) const {
        return subscriptions_[dialect];
    }
    bool empty() const { return subscriptions_[0].empty() && subscriptions_[1].empty(); }

    // The bytes from `at` to the end, up to `most` pieces; adjacent ones are joined.
    size_t gather(size_t dialect, uint64_t at, iovec* pieces, size_t most) const;

    // All from `at` to the end, if it is in few pieces and no file is due in between: what most
    // subscriptions are sent, found once for all of them.
    struct Stretch {
        static constexpr size_t kPiecesMax = 16;
        uint64_t from = kCatchingUp, to = 0;  // to == from: there is none
        std::array<iovec, kPiecesMax> pieces;
        size_t count = 0;
        std::span<const iovec> view() const { return {pieces.data(), count}; }
    };
    void stretchFrom(size_t dialect, uint64_t at, Stretch& out) const;

    // The item that begins at or contains `at`.
    struct Found {
        const Publication* publication;
        size_t item;
        uint64_t begin, end;  // of the item, in the tail's count
    };
    Found find(size_t dialect, uint64_t at) const;
    // Where the entry with this seq begins; kCatchingUp when the tail does not hold, for this
    // dialect, it and all after it.
    uint64_t placeOf(size_t dialect, uint64_t seq) const;
    // The offset of the next inline file at or after `at`, or kCatchingUp.
    uint64_t nextFile(size_t dialect, uint64_t at) const;

    // Where the tail would begin if it held no more than its bound, and than this: subscriptions
    // before it must fall behind before dropBefore() takes their place away.
    std::array<uint64_t, kDialects> boundedStart(size_t bytesMax = SIZE_MAX) const;
    void dropBefore(const std::array<uint64_t, kDialects>& start);
    void clear();  // when every subscription is up to date
    size_t heldBytes() const;

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;

    bool dirty = false;  // has news that were not flushed
    size_t counted = 0;  // of its bytes, by the shard
    // Pages of the log that are on their way to subscriptions here: what follows them is kept, so
    // that they end in the tail however long the log takes.
    size_t pagesDue = 0;

  private:
    friend struct InvariantsTest;  // plants faults

    struct Part {
        std::shared_ptr<const Publication> publication;
        std::array<uint64_t, kDialects> start;
    };

    size_t partAt(size_t dialect, uint64_t at) const;
    std::string partFault(size_t part) const;
    std::string subscriptionFault(size_t dialect) const;

    RoomId id_;
    std::string name_;
    uint64_t lastSeq_;
    size_t bytesMax_;
    std::deque<Part> parts_;
    size_t partsWithFiles_ = 0;
    uint64_t notes_ = 0;
    std::array<uint64_t, kDialects> end_{};
    std::array<std::vector<Subscription>, kDialects> subscriptions_;
};

}  // namespace netchat::serve
