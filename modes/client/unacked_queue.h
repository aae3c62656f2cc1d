#pragma once

// What a user said and the server has not given back yet. Nothing leaves this list but by an
// acknowledgement (the room's log, or the echo of a private message) or a refusal, so that after a
// reconnect all of it can be said again in its order. Pure.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::client {

struct Said {
    enum class Kind { Say, Tell };
    enum class State {
        Held,    // not sent yet
        Unsure,  // sent on an earlier connection: it may be in the log or not
        Sent,    // sent on this connection
    };
    Kind kind;
    std::string id;
    std::string where;  // the room, or the nick of a private message
    std::string text;
    State state = State::Held;
    unsigned answersDue = 0;  // how often it was sent on this connection and not refused
    unsigned answersInDoubt =
        0;                // of them, those that a gap in the log may have taken the place of
    uint64_t behind = 0;  // the last join or leave of the room that waited when it was said
};

class UnackedQueue {
  public:
    void add(Said said);
    // False if there is none of this id.
    bool remove(std::string_view id);
    // A refusal has come. What was said again on this connection has several answers due, and the
    // last of them counts.
    enum class Refusal {
        Final,   // no other answer is due, or there is none of this id
        Early,   // another answer is sure to follow
        Unclear  // another may follow, unless a gap has taken its place
    };
    Refusal refused(std::string_view id);
    // The connection is gone: all of it is to be said again.
    void holdAll();
    // Answers may have been missed: what was said in this room is to be said again on the same
    // connection.
    void sayAgainIn(std::string_view room);
    // Takes out what is Unsure.
    std::vector<Said> takeUnsure();
    const std::deque<Said>& all() const { return list_; }

    // Calls send(const Said&) for everything that is not sent for which due(const Said&), in order.
    template <class Due, class Send>
    void sendHeld(Due due, Send send) {
        if (held_ == 0) return;
        for (Said& said : list_) {
            if (said.state == Said::State::Sent || !due(said)) continue;
            said.state = Said::State::Sent;
            ++said.answersDue;
            --held_;
            send(said);
        }
    }

    size_t size() const { return list_.size(); }
    bool anyHeld() const { return held_ != 0; }

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;

  private:
    friend struct InvariantsTest;  // plants faults

    std::deque<Said> list_;
    size_t held_ = 0;  // how many of list_ are not Sent
};

}  // namespace netchat::client
