#include "modes/connect/screen/rooms.h"

#include <algorithm>
#include <set>
#include <utility>

namespace netchat::connect {

RoomView* Rooms::find(RoomView::Kind kind, std::string_view name) {
    const auto found = std::find_if(rooms_.begin(), rooms_.end(), [&](const auto& room) {
        return room->kind == kind && room->name == name;
    });
    return found == rooms_.end() ? nullptr : found->get();
}

RoomView& Rooms::open(RoomView::Kind kind, std::string_view name) {
    if (RoomView* room = find(kind, name)) return *room;
    if (kind == RoomView::Kind::Private) makePlace();
    rooms_.push_back(std::make_unique<RoomView>(kind, name));
    if (kind == RoomView::Kind::Private) rooms_.back()->state = RoomView::State::Joined;
    return *rooms_.back();
}

// Strangers who each say a word in private must not fill the bar and the memory.
void Rooms::makePlace() {
    const auto isPrivate = [](const auto& room) { return room->kind == RoomView::Kind::Private; };
    if (std::count_if(rooms_.begin(), rooms_.end(), isPrivate) < std::ptrdiff_t{kPrivateMax}) {
        return;
    }
    const auto oldest = [&](bool read) {
        return std::find_if(rooms_.begin(), rooms_.end(), [&](const auto& room) {
            return isPrivate(room) && room.get() != current() && (!read || room->unread == 0);
        });
    };
    auto gone = oldest(true);
    if (gone == rooms_.end()) gone = oldest(false);
    if (gone != rooms_.end()) close(**gone);
}

size_t Rooms::indexOf(const RoomView& room) const {
    const auto found = std::find_if(rooms_.begin(), rooms_.end(),
                                    [&](const auto& other) { return other.get() == &room; });
    return static_cast<size_t>(found - rooms_.begin());
}

void Rooms::show(size_t index) {
    if (index >= rooms_.size()) return;
    if (index != current_) {
        RoomView& left = *rooms_[current_];
        lookAway(left);
        left.answers.clear();
        left.hint.clear();
        left.seeksMention.reset();
        before_ = &left;
    }
    current_ = index;
    RoomView& room = *rooms_[current_];
    room.unread = room.mentions = 0;
    room.hasTrouble = false;
}

void Rooms::show(const RoomView& room) {
    show(indexOf(room));
}

void Rooms::turn(int by) {
    if (empty()) return;
    const auto all = static_cast<int>(rooms_.size());
    show(static_cast<size_t>((static_cast<int>(current_) + by % all + all) % all));
}

bool Rooms::showNextActive() {
    const auto next = [this](auto wanted) {
        for (size_t away = 1; away < rooms_.size(); ++away) {
            const size_t i = (current_ + away) % rooms_.size();
            if (!wanted(*rooms_[i])) continue;
            show(i);
            return true;
        }
        return false;
    };
    return next([](const RoomView& room) { return room.mentions > 0; }) ||
           next([](const RoomView& room) { return room.unread > 0; }) ||
           next([](const RoomView& room) { return room.hasTrouble; });
}

void Rooms::closeAndGoBack(const RoomView& room) {
    const RoomView* back = &room == current() ? before() : nullptr;
    close(room);
    if (back != nullptr && back != &room) show(*back);
}

const RoomView* Rooms::before() const {
    const auto isIt = [this](const auto& room) { return room.get() == before_; };
    return std::any_of(rooms_.begin(), rooms_.end(), isIt) ? before_ : nullptr;
}

void Rooms::close(const RoomView& room) {
    const size_t index = indexOf(room);
    if (index >= rooms_.size()) return;
    rooms_.erase(rooms_.begin() + static_cast<std::ptrdiff_t>(index));
    if (current_ > index || current_ == rooms_.size()) current_ -= current_ > 0 ? 1 : 0;
    if (!empty()) show(current_);
}

// ---- what always holds

std::string Rooms::checkInvariants() const {
    if (current_ >= rooms_.size() && current_ != 0) return "what is looked at is no room";
    std::set<std::pair<RoomView::Kind, std::string_view>> names;
    size_t talks = 0;
    for (const auto& room : rooms_) {
        if (!names.emplace(room->kind, room->name).second) return room->name + " is there twice";
        if (room->kind == RoomView::Kind::Private) ++talks;
        if (auto fault = room->checkInvariants(); !fault.empty()) return room->name + ": " + fault;
    }
    return talks <= kPrivateMax ? "" : "there are too many talks";
}

}  // namespace netchat::connect
