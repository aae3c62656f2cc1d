#pragma once

// What was asked of the server and has no answer, and what waits for its turn to be asked. Each
// request is answered once, and those of one verb in the order of asking: nothing that the server
// refuses at once may overtake an answer that is still due. So of these there is one under way:
//
//     who, rooms, history, search, op      one of each verb
//     join, leave                          one of both, in each room
//
//     join r | leave r | say r | join r    sent: join r
//     joined r                             sent: leave r, and what was said behind it
//     left r                               sent: join r
//
// What is said in a room, or asked about it, goes neither before a join or leave that it came
// after, nor after one that it came before. Nicks and pings are known by what they name. Pure.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace netchat::client {

class PendingRequests {
  public:
    struct Question {
        std::string_view verb;
        std::string about;  // what the answer names: a room, a token, a nick
        std::string words;  // of a search
        std::string frame;
        uint64_t behind = 0;  // of its room: the last that was waiting when this was asked
        bool sent = false;    // on this connection
    };
    struct RoomRequest {
        enum class Kind { Join, Leave };
        Kind kind;
        std::string room;
        std::optional<uint64_t> since = {};
        uint64_t number = 0;
    };

    // ---- questions

    void ask(std::string_view verb, std::string_view about, std::string_view words,
             std::string frame);
    // Calls send(frame) for each whose turn it is.
    template <class Send>
    void sendDue(Send send) {
        for (size_t i = 0; i < questions_.size(); ++i) {
            Question& question = questions_[i];
            if (question.sent || !isDue(i)) continue;
            question.sent = true;
            send(question.frame);
        }
    }
    // Takes the one out that this answers.
    std::optional<Question> answered(std::string_view verb, std::string_view about);
    std::optional<Question> refused(std::string_view verb, std::string_view room,
                                    std::string_view nick);
    // An answer of several parts: this asks for the next. False: nobody has asked that.
    bool goOn(std::string_view verb, std::string_view about, std::string frame);
    bool isAsked(std::string_view verb, std::string_view about) const;
    void forget(std::string_view verb, std::string_view about);
    // Whether all are under way.
    bool allSent() const { return rooms_.empty() && isSent(); }
    bool empty() const { return rooms_.empty() && questions_.empty(); }
    void connectionEnded();

    // ---- joins and leaves that wait

    void defer(RoomRequest request);
    // The rooms' logs are gone: who named an entry of one wants all of the new one.
    void beganAnew();
    // Whether one of this room waits, or a question about it that comes before the next.
    bool holdsUp(std::string_view room) const;
    // The first whose turn it is, as far as isFree(room): nothing of the room is under way.
    template <class Free>
    std::optional<RoomRequest> takeNext(Free isFree) {
        for (auto it = rooms_.begin(); it != rooms_.end(); ++it) {
            if (!isFirst(*it) || !isFree(it->room)) continue;
            RoomRequest next = std::move(*it);
            rooms_.erase(it);
            return next;
        }
        return std::nullopt;
    }
    // Which of this room is the last that waits; 0: none does.
    uint64_t lastOf(std::string_view room) const;
    // Whether one of this room waits, up to that number.
    bool waits(std::string_view room, uint64_t number) const;
    bool waitsToJoin(std::string_view room) const;

  private:
    bool isSent() const;
    bool isDue(size_t index) const;
    bool isFirst(const RoomRequest& request) const;
    template <class Fits>
    std::optional<Question> take(Fits fits);

    std::deque<Question> questions_;  // in the order of asking
    std::deque<RoomRequest> rooms_;   // the same
    uint64_t lastNumber_ = 0;
};

}  // namespace netchat::client
