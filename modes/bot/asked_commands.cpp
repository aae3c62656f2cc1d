#include "modes/bot/asked_commands.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modes/client/transfer.h"

namespace netchat::bot {

using client::Event;
using client::EventKind;
using Kind = AskedCommand::Kind;

namespace {

struct Refusable {
    std::string_view re;
    Kind kind;
};
constexpr Refusable kRefusable[] = {
    {"join", Kind::Join},       {"leave", Kind::Leave},   {"who", Kind::Who},
    {"history", Kind::History}, {"search", Kind::Search}, {"rooms", Kind::Rooms},
    {"nick", Kind::Nick},       {"op", Kind::Op},
};

}  // namespace

bool AskedCommands::isRequest(const AskedCommand& command) {
    return command.kind != Kind::Say && command.kind != Kind::Ack;
}

bool AskedCommands::awaitsAnswers() const {
    constexpr Kind kLasting[] = {Kind::Who,   Kind::History, Kind::Search,
                                 Kind::Rooms, Kind::Nick,    Kind::Op};
    return std::any_of(list_.begin(), list_.end(), [&](const AskedCommand& command) {
        return std::find(std::begin(kLasting), std::end(kLasting), command.kind) !=
               std::end(kLasting);
    });
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
std::string AskedCommands::takeRefusedEntry(const Event& event) {
    const Place entry = find(Kind::Say, event.id);
    if (entry == list_.end()) return {};
    if (event.code != client::kCancelled) {
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
    switch (event.kind) {
        case EventKind::Message:
        case EventKind::File:
            return refOfEntry(event);
        case EventKind::Private:
            return event.own ? takeEntry(event.id) : std::string();
        case EventKind::Confirmed:
        case EventKind::Uploaded:
            return takeEntry(event.id);
        case EventKind::Progress:
            return refAt(event.upload ? find(Kind::Say, event.id) : find(Kind::Get, event.sha256));
        case EventKind::FileReceived:
        case EventKind::FileFailed:
            return take(find(Kind::Get, event.sha256));
        case EventKind::Joined:
            return take(find(Kind::Join, event.room));
        case EventKind::Left:
            return take(find(Kind::Leave, event.room));
        case EventKind::Named:
            return take(find([](const AskedCommand& c) { return c.kind == Kind::Nick; }));
        case EventKind::Roster: {
            const Place who = find(Kind::Who, event.room);
            return event.more ? refAt(who) : take(who);
        }
        case EventKind::RoomList:
            return take(find(Kind::Rooms));
        case EventKind::HistoryPage:
            return beginPage(Kind::History, event.room);
        case EventKind::HistoryEnd:
            return endPage(Kind::History, event.room);
        case EventKind::SearchPage:
            return beginPage(Kind::Search, event.room);
        case EventKind::SearchEnd:
            return endPage(Kind::Search, event.room);
        case EventKind::Notice:
            return event.re == "op" ? take(find(Kind::Op)) : std::string();
        case EventKind::Connected:
            return take(find(Kind::Reconnect));
        case EventKind::Reconnecting:
            inPage_ = false;
            return {};
        case EventKind::Disconnected:
            inPage_ = false;
            return take(find(Kind::Disconnect));
        case EventKind::Refused:
            return takeRefused(event);
        default:
            return {};
    }
}

// What was said is answered by its entry, be it in a page.
std::string AskedCommands::refOfEntry(const Event& event) {
    const bool said = event.own && event.kind == EventKind::Message;
    const std::string ref = said ? takeEntry(event.id) : std::string();
    return inPage_ ? pageRef_ : ref;
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
std::string AskedCommands::takeRefused(const Event& event) {
    if (!event.id.empty()) return takeRefusedEntry(event);
    if (event.re == "get" || event.re == "verify") {
        return take(find([&](const AskedCommand& c) {
            return c.kind == Kind::Get && (event.sha256.empty() || c.about == event.sha256);
        }));
    }
    for (const Refusable& known : kRefusable) {
        if (event.re != known.re) continue;
        const std::string_view about = known.kind == Kind::Nick ? event.nick : event.room;
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
