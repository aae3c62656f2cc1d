#include "harness/bench/conversation.h"

#include <algorithm>

#include "protocol/limits.h"

namespace netchat::harness {

namespace {

constexpr char kFill = 'x';
// What a room's stream may hold of what everyone has heard.
constexpr size_t kHeardBytesKept = limits::kMiB;

}  // namespace

Conversation::Conversation(const Options& options)
    : options_(options),
      perRoom_(options.senders + options.receivers),
      hearersOfEach_(perRoom_ - (options.echo ? 0 : 1)),
      rooms_(options.rooms),
      ears_(options.rooms * perRoom_),
      text_(options.textBytes, kFill) {
    for (Room& room : rooms_) {
        room.senders.resize(options.senders);
        for (Sender& each : room.senders) each.hearers.resize(options.underWayMax);
    }
    for (size_t member = 0; member < ears_.size() && !options.echo; ++member) {
        // It hears less than the others, and can bring them nothing.
        if (senderOf(member) >= 0) stray(rooms_[roomOf(member)], ears_[member]);
    }
}

int Conversation::senderOf(size_t member) const {
    const size_t number = member % perRoom_;
    return number < options_.senders ? static_cast<int>(number) : -1;
}

std::string_view Conversation::next(size_t member, int64_t nowNs) {
    Stamp{static_cast<uint32_t>(member % perRoom_), sender(member).said++, nowNs}.write(
        text_.data());
    ++said_;
    owed_ += hearersOfEach_;
    return text_;
}

void Conversation::countFromHere() {
    said_ = heard_ = owed_ = 0;
    latencies_ = Latencies();
}

// ---- hearing

size_t Conversation::follow(size_t member, std::string_view bytes, int64_t nowNs) {
    Ear& ear = ears_[member];
    if (ear.strays) return 0;
    Room& room = rooms_[roomOf(member)];
    const uint64_t from = ear.place.index;
    const size_t used = room.stream.follow(ear.place, bytes);
    for (uint64_t i = from; i < ear.place.index; ++i) {
        count(room, room.stream.message(i).stamp, nowNs);
    }
    return used;
}

std::string Conversation::begun(size_t member) {
    Ear& ear = ears_[member];
    if (ear.strays) return {};
    return rooms_[roomOf(member)].stream.begun(ear.place);
}

bool Conversation::hear(size_t member, std::string_view bytes, const Stamp& stamp,
                        std::string_view text, int64_t nowNs) {
    Room& room = rooms_[roomOf(member)];
    Ear& ear = ears_[member];
    const bool whole = text.size() == options_.textBytes && stamp.sender < room.senders.size() &&
                       stamp.number < room.senders[stamp.sender].said &&
                       text.find_first_not_of(kFill, Stamp::kBytes) == std::string_view::npos;
    if (!whole) return false;
    if (!takePlace(room, ear, bytes, stamp)) {
        uint64_t& next = ear.next[stamp.sender];
        if (stamp.number < next) {
            ++disordered_;
            return true;
        }
        next = stamp.number + 1;  // a hole is seen in the sum
    }
    count(room, stamp, nowNs);
    return true;
}

// True when the member goes on at the message's end.
bool Conversation::takePlace(Room& room, Ear& ear, std::string_view bytes, const Stamp& stamp) {
    if (ear.strays) return false;
    RoomStream& stream = room.stream;
    if (ear.place.index == stream.count()) {
        stream.append(bytes, stamp);
    } else {
        const Stamp& due = stream.message(ear.place.index).stamp;
        if (due.sender != stamp.sender || due.number != stamp.number) {
            stray(room, ear);
            return false;
        }
    }
    ear.place.at = stream.message(ear.place.index).end;
    ++ear.place.index;
    return true;
}

void Conversation::stray(const Room& room, Ear& ear) {
    ear.strays = true;
    for (const Sender& each : room.senders) ear.next.push_back(each.done);
    for (uint64_t i = room.stream.first(); i < ear.place.index; ++i) {
        const Stamp& stamp = room.stream.message(i).stamp;
        ear.next[stamp.sender] = stamp.number + 1;
    }
}

void Conversation::count(Room& room, const Stamp& stamp, int64_t nowNs) {
    ++heard_;
    latencies_.add(nowNs - stamp.ns);
    Sender& sender = room.senders[stamp.sender];
    uint32_t& hearers = sender.hearers[stamp.number % sender.hearers.size()];
    if (++hearers < hearersOfEach_) return;
    hearers = 0;
    sender.done = stamp.number + 1;
}

void Conversation::forget() {
    for (Room& room : rooms_) {
        if (room.stream.held() < kHeardBytesKept) continue;
        uint64_t index = room.stream.first();
        for (; index < room.stream.count(); ++index) {
            const Stamp& stamp = room.stream.message(index).stamp;
            if (room.senders[stamp.sender].done <= stamp.number) break;
        }
        room.stream.dropBefore(index);
    }
}

}  // namespace netchat::harness
