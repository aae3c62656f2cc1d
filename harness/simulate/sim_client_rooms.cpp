// How a client joins and leaves rooms: each join and leave has one answer, in the order of asking.

#include "harness/simulate/sim_client.h"

namespace netchat::simulate {

void SimClient::ask(const std::string& room, bool toJoin) {
    asked_[room].push_back(toJoin);
    toJoin ? client_->join(room) : client_->leave(room);
}

bool SimClient::waitsIn(const std::string& room) const {
    const auto asked = asked_.find(room);
    return asked != asked_.end() && !asked->second.empty();
}

void SimClient::answered(std::string_view kind, std::string_view room, bool toJoin, bool joined) {
    const auto asked = asked_.find(room);
    if (asked == asked_.end() || asked->second.empty()) return;
    // A room that comes back with the connection is told unasked.
    const bool unasked = joined && views_.count(asked->first);
    if (asked->second.front() != toJoin) {
        if (unasked) return;
        return violated("unanswered", "is told " + std::string(kind) + " of " + asked->first +
                                          " before what it asked for first");
    }
    asked->second.pop_front();
    // It joins without saying what it has read.
    if (joined) views_[asked->first];
}

// A client that was resumed goes on in a room where it has left it, said or not.
void SimClient::hop(const std::string& room) {
    if (keepalive_ > 0 || plan_.classic) return;
    const auto view = views_.find(room);
    if (view != views_.end() && (view->second.leaving || !view->second.joined)) return;
    const bool inside = waitsIn(room) ? asked_[room].back() : view != views_.end();
    if (inside) ask(room, false);
    ask(room, true);
    ask(room, false);
    ask(room, true);
}

void SimClient::leave(const std::string& room) {
    const auto it = views_.find(room);
    if (waitsIn(room) || it == views_.end() || it->second.leaving) return;
    it->second.leaving = true;
    client_->leave(room);
}

void SimClient::join(const std::string& room) {
    if (views_.count(room) || waitsIn(room)) return;
    View& view = views_[room];
    const auto left = leftAt_.find(room);
    // A client that was resumed goes on there in any case.
    if (left != leftAt_.end() && (keepalive_ > 0 || around_.rng.oneIn(2))) view.last = left->second;
    client_->join(room, view.last);
}

}  // namespace netchat::simulate
