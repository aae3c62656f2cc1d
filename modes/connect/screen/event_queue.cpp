#include "modes/connect/screen/event_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace netchat::connect {

namespace {

using client::Event;
using client::isOneOf;
namespace event = client::event;

// What must not be dropped lightly may take this many times the bound: what comes from strangers,
// and what the screen could not go on without.
constexpr size_t kPatience = 4, kGreatPatience = 16;
// What a delivery takes besides its texts, near enough.
constexpr size_t kDeliveryBytes = 128;

// Of an entry of a room's log: its number there. Nothing of others.
std::optional<uint64_t> seqOf(const Event& event) {
    if (const auto* message = std::get_if<event::Message>(&event)) return message->seq;
    if (const auto* file = std::get_if<event::File>(&event)) return file->seq;
    return {};
}

size_t patienceFor(const Event& event) {
    const bool stranger =
        isOneOf<event::Private, event::Notice, event::Roster, event::RoomList>(event);
    return stranger && !client::isOwn(event) ? kPatience : kGreatPatience;
}

int makeEventFd() {
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return fd;
}

}  // namespace

EventQueue::EventQueue(size_t entriesMax, size_t bytesMax)
    : entriesMax_(entriesMax), bytesMax_(bytesMax), fd_(makeEventFd()) {
}

EventQueue::~EventQueue() {
    ::close(fd_);
}

// One's own entries say that what was typed has arrived: nothing else does.
bool EventQueue::mayDrop(const Event& event, bool answer) const {
    if (answer) return false;
    if (const auto seq = seqOf(event)) return *seq != 0 && !client::isOwn(event);
    return isOneOf<event::Presence>(event);
}

void EventQueue::put(const Event& event, bool answer) {
    const MutexLock lock(mutex_);
    const bool full = waiting_.size() >= entriesMax_ || bytes_ >= bytesMax_;
    if (full && mayDrop(event, answer)) return drop(event);
    // What was dropped was so before the room began anew, perhaps.
    const bool enters = isOneOf<event::Joined, event::LogChanged>(event);
    const auto dropped = enters ? missed_.find(client::roomOf(event)) : missed_.end();
    if (dropped != missed_.end()) {
        add(Missed{dropped->first, dropped->second}, kDeliveryBytes, kGreatPatience);
        missed_.erase(dropped);
    }
    client::StoredEvent stored(event);
    const size_t bytes = stored.bytes() + kDeliveryBytes;
    add(std::move(stored), bytes, patienceFor(event));
}

void EventQueue::put(Delivery delivery) {
    const MutexLock lock(mutex_);
    add(std::move(delivery), kDeliveryBytes, kGreatPatience);
}

void EventQueue::putTransfers(std::vector<client::Transfer> transfers) {
    const MutexLock lock(mutex_);
    transfers_ = std::move(transfers);
    transfersChanged_ = true;
    wake();
}

void EventQueue::drop(const Event& event) {
    uint64_t& last = missed_[std::string(client::roomOf(event))];
    last = std::max(last, seqOf(event).value_or(0));
    wake();
}

void EventQueue::add(Delivery delivery, size_t bytes, size_t patience) {
    if (waiting_.size() >= patience * entriesMax_ || bytes_ >= patience * bytesMax_) {
        ++lost_;
        return;
    }
    waiting_.push_back(std::move(delivery));
    bytes_ += bytes;
    wake();
}

void EventQueue::wake() {
    if (std::exchange(woken_, true)) return;
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

std::vector<Delivery> EventQueue::take() {
    const MutexLock lock(mutex_);
    uint64_t wakes = 0;
    [[maybe_unused]] const auto taken = ::read(fd_, &wakes, sizeof wakes);
    woken_ = false;
    bytes_ = 0;
    std::vector<Delivery> all = std::exchange(waiting_, {});
    for (auto& [room, last] : std::exchange(missed_, {})) all.push_back(Missed{room, last});
    if (lost_ > 0) all.push_back(Lost{std::exchange(lost_, 0)});
    if (std::exchange(transfersChanged_, false)) {
        all.push_back(TransfersNow{std::exchange(transfers_, {})});
    }
    return all;
}

}  // namespace netchat::connect
