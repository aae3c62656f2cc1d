#include "modes/bot/asked_commands.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modes/client/transfer.h"

namespace netchat::bot {

using client::Event;
namespace event = client::event;
using Kind = AskedCommand::Kind;

namespace {

// What the server may refuse by the name of its verb.
struct Request {
    std::string_view verb;
    Kind kind;
    bool lasting = true;  // a client asks for it until it has its answer
};
constexpr Request kRequests[] = {
    {"join", Kind::Join, false}, {"leave", Kind::Leave, false},
    {"who", Kind::Who},          {"history", Kind::History},
    {"search", Kind::Search},    {"rooms", Kind::Rooms},
    {"nick", Kind::Nick},        {"op", Kind::Op},
};

bool isLasting(const AskedCommand& command) {
    return std::any_of(std::begin(kRequests), std::end(kRequests), [&](const Request& request) {
        return request.lasting && request.kind == command.kind;
    });
}

}  // namespace

bool AskedCommands::isRequest(const AskedCommand& command) {
    return command.kind != Kind::Say && command.kind != Kind::Ack;
}

bool AskedCommands::awaitsAnswers() const {
    return std::any_of(list_.begin(), list_.end(), isLasting);
}

void AskedCommands::add(AskedCommand command) {
    if (command.kind == Kind::Ack) {
        ++acks_;
        spoilt_ = spoilt_ && !command.anyway;
        command.spoilt = spoilt_;
    }
    if (isRequest(command) && ++requests_ > kRequestsMax) take(find(isRequest));
    list_.push_back(std::move(command));
}

template <class Fits>
AskedCommands::Place AskedCommands::find(Fits fits) {
    return std::find_if(list_.begin(), list_.end(), fits);
}

AskedCommands::Place AskedCommands::find(Kind kind, std::string_view about) {
    return find([&](const AskedCommand& c) { return c.kind == kind && c.about == about; });
}

std::string AskedCommands::refAt(Place place) const {
    return place == list_.end() ? std::string() : place->ref;
}

std::string AskedCommands::take(Place place) {
    if (place == list_.end()) return {};
    std::string ref = std::move(place->ref);
    if (isRequest(*place)) --requests_;
    if (place->kind == Kind::Ack) --acks_;
    list_.erase(place);
    return ref;
}

std::string AskedCommands::takeEntry(std::string_view id) {
    return id.empty() ? std::string() : take(find(Kind::Say, id));
}

// What the program gave up itself was not refused.
std::string AskedCommands::takeRefusedEntry(const event::Refused& refused) {
    const Place entry = find(Kind::Say, refused.id);
    if (entry == list_.end()) return {};
    if (refused.code != client::kCancelled) {
        Place later = entry;
        while (later != list_.end() && !later->anyway) {
            later->spoilt = later->kind == Kind::Ack;
            ++later;
        }
        if (later == list_.end()) spoil();
    }
    return take(entry);
}

std::string AskedCommands::refOf(const Event& event) {
    return std::visit(
        client::Overloaded{
            [this](const event::Message& one) {
                // What was said is answered by its entry, be it in a page.
                const std::string ref = one.own ? takeEntry(one.id) : std::string();
                return inPage_ ? pageRef_ : ref;
            },
            [this](const event::File&) { return inPage_ ? pageRef_ : std::string(); },
            [this](const event::Private& one) {
                return one.own ? takeEntry(one.id) : std::string();
            },
            [this](const event::Confirmed& one) { return takeEntry(one.id); },
            [this](const event::Uploaded& one) { return takeEntry(one.id); },
            [this](const event::Progress& one) {
                return refAt(one.upload ? find(Kind::Say, one.id) : find(Kind::Get, one.sha256));
            },
            [this](const event::FileReceived& one) { return take(find(Kind::Get, one.sha256)); },
            [this](const event::FileFailed& one) { return take(find(Kind::Get, one.sha256)); },
            [this](const event::Joined& one) { return take(find(Kind::Join, one.room)); },
            [this](const event::Left& one) { return take(find(Kind::Leave, one.room)); },
            [this](const event::Named&) {
                return take(find([](const AskedCommand& c) { return c.kind == Kind::Nick; }));
            },
            [this](const event::Roster& one) {
                const Place who = find(Kind::Who, one.room);
                return one.more ? refAt(who) : take(who);
            },
            [this](const event::RoomList&) { return take(find(Kind::Rooms)); },
            [this](const event::HistoryPage& one) { return beginPage(Kind::History, one.room); },
            [this](const event::HistoryEnd& one) { return endPage(Kind::History, one.room); },
            [this](const event::SearchPage& one) { return beginPage(Kind::Search, one.room); },
            [this](const event::SearchEnd& one) { return endPage(Kind::Search, one.room); },
            [this](const event::Notice& one) {
                return one.re == "op" ? take(find(Kind::Op)) : std::string();
            },
            [this](const event::Connected&) { return take(find(Kind::Reconnect)); },
            [this](const event::Reconnecting&) {
                inPage_ = false;
                return std::string();
            },
            [this](const event::Disconnected&) {
                inPage_ = false;
                return take(find(Kind::Disconnect));
            },
            [this](const event::Refused& one) { return takeRefused(one); },
            [](const event::Presence&) { return std::string(); },
            [](const event::Gap&) { return std::string(); },
            [](const event::LogChanged&) { return std::string(); },
            [](const event::Pong&) { return std::string(); },
        },
        event);
}

std::string AskedCommands::beginPage(Kind kind, std::string_view room) {
    inPage_ = true;
    pageRef_ = refAt(find(kind, room));
    return pageRef_;
}

std::string AskedCommands::endPage(Kind kind, std::string_view room) {
    inPage_ = false;
    pageRef_.clear();
    return take(find(kind, room));
}

// The classic dialect refuses all but joins without a name.
std::string AskedCommands::takeRefused(const event::Refused& refused) {
    if (!refused.id.empty()) return takeRefusedEntry(refused);
    if (refused.re == "get" || refused.re == "verify") {
        return take(find([&](const AskedCommand& c) {
            return c.kind == Kind::Get && (refused.sha256.empty() || c.about == refused.sha256);
        }));
    }
    for (const Request& known : kRequests) {
        if (refused.re != known.verb) continue;
        const std::string_view about = known.kind == Kind::Nick ? refused.nick : refused.room;
        const Place named = find(known.kind, about);
        if (named != list_.end() || !about.empty()) return take(named);
        return take(find([&](const AskedCommand& c) { return c.kind == known.kind; }));
    }
    return {};
}

bool AskedCommands::has(Kind kind, std::string_view about) const {
    return std::any_of(list_.begin(), list_.end(), [&](const AskedCommand& command) {
        return command.kind == kind && command.about == about;
    });
}

std::vector<AskedCommand> AskedCommands::takeAll(Kind kind) {
    std::vector<AskedCommand> all;
    for (Place place;
         (place = find([&](const AskedCommand& c) { return c.kind == kind; })) != list_.end();) {
        all.push_back(*place);
        take(place);
    }
    return all;
}

std::vector<AskedCommand> AskedCommands::takeDueAcks() {
    std::vector<AskedCommand> due;
    if (acks_ == 0) return due;
    for (Place place = list_.begin(); place != list_.end() && place->kind != Kind::Say;) {
        if (place->kind != Kind::Ack) {
            ++place;
            continue;
        }
        due.push_back(std::move(*place));
        place = list_.erase(place);
        --acks_;
    }
    return due;
}

std::vector<AskedCommand> AskedCommands::takeAcksBeyond(std::string_view room, uint64_t seq) {
    std::vector<AskedCommand> beyond;
    for (Place place = list_.begin(); place != list_.end();) {
        if (place->kind != Kind::Ack || place->about != room || place->seq <= seq) {
            ++place;
            continue;
        }
        beyond.push_back(std::move(*place));
        place = list_.erase(place);
        --acks_;
    }
    return beyond;
}

}  // namespace netchat::bot
