#pragma once

// Who says what in the rooms of a measurement, and who has heard how much of it: nothing lost,
// each sender's messages in order, every byte as it was said. Pure; one thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/bench/latencies.h"
#include "harness/bench/room_stream.h"
#include "harness/bench/stamp.h"

namespace netchat::harness {

class Conversation {
  public:
    struct Options {
        size_t rooms = 1, senders = 1, receivers = 1;  // the latter two of each room
        size_t textBytes = 64;
        size_t underWayMax = 64;  // messages of a sender that are not at everyone
        bool echo = true;         // senders hear themselves
    };
    explicit Conversation(const Options& options);

    // Members are numbered room by room, each room's senders first.
    size_t members() const { return ears_.size(); }
    size_t roomOf(size_t member) const { return member / perRoom_; }
    // Its number among its room's senders; -1: it only hears.
    int senderOf(size_t member) const;

    // ---- saying
    uint64_t underWay(size_t member) const { return sender(member).said - sender(member).done; }
    // The text of a member's next message; valid until the next call.
    std::string_view next(size_t member, int64_t nowNs);
    // Of all that is said from here on, the counts begin again.
    void countFromHere();

    // ---- hearing; `nowNs`: when it came
    size_t follow(size_t member, std::string_view bytes, int64_t nowNs);
    std::string begun(size_t member);
    // False: nobody said that.
    bool hear(size_t member, std::string_view bytes, const Stamp& stamp, std::string_view text,
              int64_t nowNs);
    // Forgets what everyone has heard.
    void forget();

    // Everything that was said is at everyone.
    bool drained() const { return heard_ >= owed_; }
    uint64_t said() const { return said_; }
    uint64_t heard() const { return heard_; }
    uint64_t owed() const { return owed_; }
    uint64_t disordered() const { return disordered_; }
    const Latencies& latencies() const { return latencies_; }

  private:
    struct Sender {
        uint64_t said = 0, done = 0;    // done: at everyone
        std::vector<uint32_t> hearers;  // so far, by number, modulo its size
    };
    struct Room {
        std::vector<Sender> senders;
        RoomStream stream;
    };
    struct Ear {
        RoomStream::Place place;
        bool strays = false;         // it hears another order: each message is looked at
        std::vector<uint64_t> next;  // for that: of each sender of its room
    };

    Sender& sender(size_t member) { return rooms_[roomOf(member)].senders[member % perRoom_]; }
    const Sender& sender(size_t member) const {
        return rooms_[roomOf(member)].senders[member % perRoom_];
    }
    void stray(const Room& room, Ear& ear);
    bool takePlace(Room& room, Ear& ear, std::string_view bytes, const Stamp& stamp);
    void count(Room& room, const Stamp& stamp, int64_t nowNs);

    Options options_;
    size_t perRoom_, hearersOfEach_;
    std::vector<Room> rooms_;
    std::vector<Ear> ears_;
    uint64_t said_ = 0, heard_ = 0, owed_ = 0, disordered_ = 0;
    Latencies latencies_;
    std::string text_;
};

}  // namespace netchat::harness
