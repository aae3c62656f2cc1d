#pragma once

// What the network thread tells the UI thread. The network thread never waits for it, whatever the
// terminal does, so that keepalives are answered; and it is bounded:
//
//     entries of rooms' logs and presence   beyond the bound they are dropped, and how far the log
//                                           goes is told instead: the model sees a hole, which it
//                                           fetches again when somebody looks there
//     how transfers go                      the latest only
//     what people say in private, notices   beyond four times the bound they are dropped and
//                                           counted, and the count is told
//     all else                              few, and mostly answers; the same beyond sixteen times
//
// put() and its kin: one thread. take(), fd(): another.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "modes/client/stored_event.h"
#include "modes/client/transfer.h"
#include "modes/connect/view.h"
#include "modes/mutex.h"

namespace netchat::connect {

// What was said has the number by which its room's log knows it.
struct Numbered {
    uint64_t tag;
    std::string id;
};
// Classic, whose server does not answer: the kernel has it.
struct Written {
    uint64_t tag;
};
// A line of the network thread's own, for people, such as why an upload could not even be begun.
struct Remark {
    Level level;
    std::string text;
};
struct TransfersNow {
    std::vector<client::Transfer> all;
};
// Something of this room was not told: entries of its log up to `last` (0: none), who came and
// went.
struct Missed {
    std::string room;
    uint64_t last;
};
// So many things that are in no log were dropped.
struct Lost {
    uint64_t count;
};
using Delivery =
    std::variant<client::StoredEvent, Numbered, Written, Remark, TransfersNow, Missed, Lost>;

class EventQueue {
  public:
    static constexpr size_t kEntriesMax = 8192;
    static constexpr size_t kBytesMax = 8 * 1024 * 1024;

    explicit EventQueue(size_t entriesMax = kEntriesMax, size_t bytesMax = kBytesMax);
    ~EventQueue();
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;

    // ---- the network thread
    // `answer`: it is part of an answer to a request, and not dropped as an entry that came by
    // itself would be.
    void put(const client::Event& event, bool answer = false);
    void put(Delivery delivery);
    void putTransfers(std::vector<client::Transfer> transfers);

    // ---- the UI thread
    // An eventfd: readable while there may be something to take.
    int fd() const { return fd_; }
    std::vector<Delivery> take();

  private:
    bool mayDrop(const client::Event& event, bool answer) const;
    void drop(const client::Event& event) REQUIRES(mutex_);
    void add(Delivery delivery, size_t bytes, size_t patience) REQUIRES(mutex_);
    void wake() REQUIRES(mutex_);

    const size_t entriesMax_, bytesMax_;
    const int fd_;

    Mutex mutex_;
    std::vector<Delivery> waiting_ GUARDED_BY(mutex_);
    size_t bytes_ GUARDED_BY(mutex_) = 0;
    bool woken_ GUARDED_BY(mutex_) = false;
    std::map<std::string, uint64_t, std::less<>> missed_
        GUARDED_BY(mutex_);  // by room: the last dropped seq
    uint64_t lost_ GUARDED_BY(mutex_) = 0;
    bool transfersChanged_ GUARDED_BY(mutex_) = false;
    std::vector<client::Transfer> transfers_ GUARDED_BY(mutex_);
};

}  // namespace netchat::connect
