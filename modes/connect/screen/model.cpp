#include "modes/connect/screen/model.h"

#include <algorithm>
#include <utility>

#include "modes/connect/screen/layout.h"

namespace netchat::connect {

Model::Model(ScreenState::Options options, std::string_view room, const Folders& folders)
    : state_(std::move(options)), typing_(state_, intake_, folders) {
    state_.rooms.open(Room::Kind::Public, room);
}

void Model::resize(int width, int height) {
    state_.width = std::max(width, 0);
    state_.height = std::max(height, 0);
}

void Model::show(const Wishes::Preview& what, Picture picture, const Moment& now) {
    Room* room =
        state_.rooms.find(what.isPrivate ? Room::Kind::Private : Room::Kind::Public, what.room);
    if (room == nullptr) return;
    Line line;
    line.kind = Line::Kind::Picture;
    line.time = now.wallMs;
    line.text = SafeText(what.name);
    line.picture = std::make_shared<const Picture>(std::move(picture));
    room->lines.append(std::move(line));
}

void Model::tidy() {
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        Room& room = state_.rooms.at(i);
        std::optional<size_t> lookedAt;
        if (room.anchor) lookedAt = room.lines.find(room.anchor->line, room.anchor->seq);
        room.lines.trim(lookedAt);
    }
}

bool Model::beforeFrame(const Moment& now) {
    state_.now = now;
    if (Room* room = state_.rooms.current()) fetchMissing(*room, now);
    const Room* room = state_.rooms.current();
    const bool asksLater = room != nullptr && room->askAfterMs > now.monoMs;
    return state_.connection == ScreenState::Connection::Away || !state_.transfers.empty() ||
           asksLater;
}

void Model::fetchMissing(Room& room, const Moment& now) {
    const bool may = state_.connection == ScreenState::Connection::Connected &&
                     room.kind == Room::Kind::Public && room.state == Room::State::Joined &&
                     !room.asked && now.monoMs >= room.askAfterMs && !state_.options.classic;
    if (!may || (state_.options.historyEntries == 0 && !room.wantsHistory)) return;
    const auto missing = missingAround(room, areasOf(state_).messages, now.wallMs);
    if (!missing) return;
    // The first page is as long as somebody wants it; who reads on gets longer ones.
    const unsigned count = room.wantsHistory
                               ? missing->count
                               : std::min(missing->count, state_.options.historyEntries);
    room.asked = Room::Asked{missing->before, count};
    state_.orders.push_back({.kind = Order::Kind::History,
                             .where = room.name,
                             .number = missing->before,
                             .count = count});
}

std::string Model::title() const {
    unsigned unread = 0;
    for (size_t i = 0; i < state_.rooms.size(); ++i) unread += state_.rooms.at(i).unread;
    const Room* room = state_.rooms.current();
    const std::string name = room ? room->shown.str() + " - " : "";
    return (unread == 0 ? "" : "(" + std::to_string(unread) + ") ") + name + "netchat";
}

std::vector<Order> Model::takeOrders() {
    return std::exchange(state_.orders, {});
}

Wishes Model::takeWishes() {
    return std::exchange(state_.wishes, {});
}

}  // namespace netchat::connect
