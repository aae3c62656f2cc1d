// What always holds in a client's side of v2: which rooms there are, how far each was read, and
// what still waits for an answer.

#include <algorithm>
#include <set>

#include "modes/client/v2_session.h"

namespace netchat::client {

namespace {

template <class Rooms>
std::string twice(const Rooms& rooms) {
    std::set<std::string_view> names;
    for (const auto& room : rooms) {
        if (!names.insert(room.name).second) return room.name + " is there twice";
    }
    return {};
}

// What was read under an identity of the log is not behind what was read under the one before.
bool ascend(const LogPlaces& read) {
    return std::is_sorted(read.begin(), read.end(),
                          [](const LogPlace& a, const LogPlace& b) { return a.seq < b.seq; });
}

}  // namespace

std::string V2Session::checkInvariants() const {
    for (const Room& room : rooms_) {
        if (auto fault = roomFault(room); !fault.empty()) return room.name + " " + fault;
    }
    for (const auto* rooms : {&remembered_, &left_}) {
        if (auto fault = twice(*rooms); !fault.empty()) return fault;
    }
    if (auto fault = twice(rooms_); !fault.empty()) return fault;
    if (state_ == State::Idle && !out_.empty()) return "something is to be sent to nobody";
    if (state_ == State::Idle && byeWanted_) return "a bye is to be said to nobody";
    return queueFault();
}

std::string V2Session::roomFault(const Room& room) const {
    const bool joining = room.state == Room::State::Joining;
    if (room.asked && !joining) return "has its answer, and waits for it";
    if (room.state == Room::State::Joined && !room.last) return "was joined, and begins nowhere";
    if (!room.read.empty() && !room.last) return "was read up to no entry";
    if (room.chosen && !room.last) return "begins at an entry that was not chosen";
    // The newest place goes with what is told, and may be before an earlier one: what was told and
    // not seen when the program ended is told again.
    LogPlaces earlier = room.read;
    if (!earlier.empty()) earlier.pop_back();
    if (!ascend(earlier)) return "was read further under an earlier log";
    if (state_ != State::Idle) return {};
    const bool rests = joining || room.state == Room::State::Leaving;
    if (!rests) return "is joined without a connection";
    return room.rejoined ? "was joined again without a connection" : "";
}

std::string V2Session::queueFault() const {
    const auto isSent = [](const Said& said) { return said.state == Said::State::Sent; };
    const auto& all = unacked_.all();
    if (state_ != State::Open && state_ != State::Leaving &&
        std::any_of(all.begin(), all.end(), isSent))
        return "something was said to nobody";
    return unacked_.checkInvariants();
}

}  // namespace netchat::client
