#include "modes/bot/event_queue.h"

#include <algorithm>
#include <cstdio>

namespace netchat::bot {
namespace {

std::string secondsColumn(int64_t ms) {
    char text[32];
    std::snprintf(text, sizeof text, "%8.3f s", static_cast<double>(ms) / 1000);
    return text;
}

}  // namespace

void EventQueue::push(EventRecord event) {
    bytes_ += event.bytes();
    events_.push_back(std::move(event));
    while (events_.size() > kEventsMax || (bytes_ > kBytesMax && events_.size() > 1)) dropFront();
}

void EventQueue::dropFront() {
    bytes_ -= events_.front().bytes();
    events_.pop_front();
    ++first_;
    if (first_ <= cursor_) return;
    cursor_ = first_;
    ++dropped_;
}

void EventQueue::forgetUnseen(const std::string& room, uint64_t seq) {
    for (size_t i = std::max(first_, cursor_); i < end(); ++i) {
        EventRecord& event = events_[i - first_];
        if (event.room == room && event.seq > seq) event.unseen = false;
    }
}

void EventQueue::consumeTo(size_t index) {
    for (; cursor_ < index; ++cursor_) {
        if (onConsumed) onConsumed(at(cursor_));
    }
    dropped_ = 0;
    while (cursor_ - first_ > kShown) dropFront();
}

std::vector<std::string> EventQueue::lastLines() const {
    std::vector<std::string> lines;
    for (size_t i = std::max(first_, end() - std::min(end(), kShown)); i < end(); ++i) {
        const EventRecord& event = at(i);
        lines.push_back((i < cursor_ ? "  " : "* ") + secondsColumn(event.heardMs) + "  " +
                        described(event));
    }
    return lines;
}

}  // namespace netchat::bot
