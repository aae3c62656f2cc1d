#pragma once

// The commands of a program that wait for their answers, in the order in which they came: so that
// each answer has the `ref` of what it answers, and an acknowledgement counts only when all that
// was said before it is in the log. Pure.
//
//     say 1 | who | ack 7 | say 2        "1" is answered: ack 7 is due; it waits no more for "2"
//
// A client answers requests of one kind about one room in the order in which they were made.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/event.h"

namespace netchat::bot {

struct AskedCommand {
    enum class Kind {
        Say,   // about: the id that the entry has; also of an upload and a private message
        Ack,   // about: the room
        Join,  // about: the room; also of the next four
        Leave,
        Who,
        History,
        Search,
        Rooms,
        Nick,  // about: itself
        Get,   // about: the SHA-256
        Op,
        Disconnect,
        Reconnect,
    };
    Kind kind;
    std::string about = {};
    std::string ref = {};  // as JSON; empty: none
    uint64_t seq = 0;      // of an Ack
    bool anyway = false;   // of an Ack: also where something that was said before it was refused
    bool spoilt = false;   // of an Ack: something was
};

class AskedCommands {
  public:
    // Of requests that nobody has answered so many are known by their refs.
    static constexpr size_t kRequestsMax = 1000;

    void add(AskedCommand command);
    // The `ref` of the command that this event answers, or belongs to the answer of; empty: none.
    // To be called for each event, in order.
    std::string refOf(const client::Event& event);
    // Something was said and refused. An acknowledgement that is on its way behind it, and each
    // further one, would pass over what it was to answer: they are spoilt, until one is given
    // anyway.
    void spoil() { spoilt_ = true; }
    // Takes out the acknowledgements that wait for nothing any more.
    std::vector<AskedCommand> takeDueAcks();
    // Takes out those of this room that are beyond `seq`.
    std::vector<AskedCommand> takeAcksBeyond(std::string_view room, uint64_t seq);
    bool has(AskedCommand::Kind kind, std::string_view about) const;
    // Takes out those of a kind.
    std::vector<AskedCommand> takeAll(AskedCommand::Kind kind);
    // Whether one of them is due that a client asks for until it has its answer.
    bool awaitsAnswers() const;
    size_t acks() const { return acks_; }
    // Entries that come now are of a page that was asked for.
    bool inPage() const { return inPage_; }

  private:
    using Kind = AskedCommand::Kind;
    using Place = std::deque<AskedCommand>::iterator;

    template <class Fits>
    Place find(Fits fits);
    Place find(Kind kind, std::string_view about = {});
    std::string refAt(Place place) const;
    std::string take(Place place);
    std::string takeEntry(std::string_view id);
    std::string takeRefusedEntry(const client::event::Refused& refused);
    std::string takeRefused(const client::event::Refused& refused);
    std::string beginPage(Kind kind, std::string_view room);
    std::string endPage(Kind kind, std::string_view room);
    static bool isRequest(const AskedCommand& command);

    std::deque<AskedCommand> list_;
    size_t requests_ = 0, acks_ = 0;
    bool spoilt_ = false;
    bool inPage_ = false;
    std::string pageRef_;
};

}  // namespace netchat::bot
