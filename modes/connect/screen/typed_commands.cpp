// The part of typing that is about what an entered line does.

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "modes/connect/formatter.h"
#include "modes/connect/screen/input_handler.h"
#include "modes/connect/screen/layout.h"
#include "modes/connect/wording.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr int kListColumns = 120;  // of lists that are lines of the scrollback

}  // namespace

void InputHandler::obey(const Command& command, const Moment& now) {
    switch (command.verb) {
        case Verb::Nothing:
            return;
        case Verb::Say:
            return say(command.text, now);
        case Verb::Me:
            return say(actionText(state_.nick, command.text), now);
        case Verb::Help:
            state_.helpShown = true;
            state_.helpTop = 0;
            return;
        case Verb::Exit:
            return exit(now);
        case Verb::Upload:
            return upload(command.argument, now);
        case Verb::Files:
            return listFiles(now);
        case Verb::Get:
            return get(command.argument, now);
        case Verb::Who:
            return who(command.argument, now);
        case Verb::Msg:
            return tell(command, now);
        case Verb::Join:
            return join(command.argument, now);
        case Verb::Room:
            return goToRoom(command.argument, now);
        case Verb::Leave:
            return leave(command.argument, now);
        case Verb::Nick:
            return order({.kind = ClientCommand::Kind::Nick, .text = command.argument});
        case Verb::Rooms:
            return order({.kind = ClientCommand::Kind::Rooms});
        case Verb::History:
            return history(now);
        case Verb::Search:
            return search(command.text, now);
        case Verb::Operate:
            return order({.kind = ClientCommand::Kind::Operate,
                          .where = command.argument,
                          .text = command.text,
                          .name = std::string(command.act),
                          .count = command.count});
        case Verb::Transfers:
            return listTransfers(now);
        case Verb::Cancel:
            return cancel(command.argument, now);
        case Verb::Ignore:
            return ignore(command.argument, now);
        case Verb::Unignore:
            return unignore(command.argument, now);
        case Verb::Roster:
            return turnRoster();
        case Verb::Preview:
            return preview(command.argument, now);
        case Verb::Reconnect:
            return reconnect(now);
        case Verb::Close:
            return close(now);
        case Verb::Quiet:
            return quiet(command.argument, now);
        case Verb::Set:
            return set(command.argument, command.text, now);
        case Verb::Unset:
            return unset(command.argument, now);
        case Verb::Ask:
        case Verb::Wrong:
            return reducer_.trouble(command.text, now);
    }
}

// ---- saying

void InputHandler::say(const std::string& text, const Moment& now) {
    RoomView& room = *state_.rooms.current();
    const bool inPrivate = room.kind == RoomView::Kind::Private;
    // Who speaks has read what is there, but not what came below the screen meanwhile, or what is
    // above it still.
    const Area messages = areasOf(state_).messages;
    if (isVisible(room, messages, room.newFrom, now.wallMs)) {
        room.newFrom = room.below.lines > 0 ? room.below.fromLine : 0;
    }
    room.toEnd();
    state_.finding.state = Finding::State::Off;
    const uint64_t tag = reducer_.addPending(room, text, now);
    order({.kind = inPrivate ? ClientCommand::Kind::Tell : ClientCommand::Kind::Say,
           .where = room.name,
           .text = text,
           .tag = tag});
}

void InputHandler::tell(const Command& command, const Moment& now) {
    const std::string nick = nickMeant(command.argument);
    if (nick.starts_with('#') && !isKnown(nick)) {
        const std::string room = forLog(std::string_view(nick).substr(1));
        return reducer_.trouble("not sent: " + inQuotes(nick) + " is a room, not a person; !join " +
                                    room + " goes there",
                                now);
    }
    if (const Status good = checkNick(nick); !good) {
        return reducer_.trouble("not sent: " + good.error().text, now);
    }
    RoomView& room = state_.rooms.open(RoomView::Kind::Private, nick);
    if (command.goes || command.text.empty()) state_.rooms.show(room);
    if (command.text.empty()) return;
    const uint64_t tag = reducer_.addPending(room, command.text, now);
    order({.kind = ClientCommand::Kind::Tell, .where = nick, .text = command.text, .tag = tag});
}

// Whether somebody of this nick is here, or was talked to.
bool InputHandler::isKnown(const std::string& nick) const {
    return !spelled(nick).empty();
}

// A talk is shown as "@bob", and so bob is called by that; in another case he is bob, too.
std::string InputHandler::nickMeant(const std::string& typed) const {
    const bool shown = typed.size() > 1 && typed[0] == '@' && !isKnown(typed);
    const std::string nick = shown ? typed.substr(1) : typed;
    const std::string known = spelled(nick);
    return known.empty() ? nick : known;
}

// What is on its way is waited for; who asks twice does not want to wait.
void InputHandler::exit(const Moment& now) {
    using Connection = ScreenState::Connection;
    const bool connected = state_.connection == Connection::Connected;
    const bool waiting = reducer_.pending() > 0 || state_.transfers.uploading();
    const bool again = state_.connection == Connection::Leaving;
    if (again || state_.connection == Connection::Ended || (!connected && !waiting)) {
        state_.effects.quit = true;
        if (reducer_.pending() > 0) {
            state_.effects.last =
                std::to_string(reducer_.pending()) + " of your messages may not have arrived";
        }
        return;
    }
    state_.connection = Connection::Leaving;
    if (waiting) reducer_.note("leaving when all is sent; !exit again leaves now", now);
    order({.kind = ClientCommand::Kind::Bye});
}

// ---- files

void InputHandler::upload(const std::string& path, const Moment& now) {
    RoomView* room = publicRoom({}, now);
    if (room == nullptr) return;
    const std::string file = withHome(path, state_.options.home);
    const size_t name = file.rfind('/') == std::string::npos ? 0 : file.rfind('/') + 1;
    state_.rememberPath(safeFileName(file.substr(name)), file);
    order({.kind = ClientCommand::Kind::Upload,
           .where = room->name,
           .text = file,
           .name = state_.options.home});
}

void InputHandler::listFiles(const Moment& now) {
    const auto files = state_.files.all();
    if (files.empty()) return reducer_.note("no files were sent since you joined", now);
    std::string list = "the files sent so far:";
    for (const std::string& line : fileLines(files)) list += "\n" + line;
    reducer_.note(list, now);
}

void InputHandler::get(const std::string& which, const Moment& now) {
    KnownFile* file = state_.files.find(which);
    if (file == nullptr) {
        return reducer_.trouble("there is no file " + inQuotes(which) + "; !files lists them", now);
    }
    fetch(*file, now);
}

void InputHandler::fetch(KnownFile& file, const Moment& now) {
    std::erase(state_.offered, file.number);
    if (file.state == KnownFile::State::Wanted) {
        return reducer_.note(forLog(file.name) + " is already being transferred", now);
    }
    file.state = KnownFile::State::Wanted;
    state_.fetched.insert(file.sha256);
    order({.kind = ClientCommand::Kind::Get,
           .where = file.folder,
           .text = file.sha256,
           .name = file.name,
           .number = file.size,
           .mtime = file.mtime});
}

// The latest that is asked about.
void InputHandler::getOffered(const Moment& now) {
    while (!state_.offered.empty()) {
        const unsigned number = state_.offered.back();
        state_.offered.pop_back();
        if (KnownFile* file = state_.files.numbered(number)) return fetch(*file, now);
    }
    reducer_.note("no file is waiting for your decision", now);
}

// A file that is asked about, by its name or number or, of an empty one, the latest: it is fetched
// only by !get. False: none is meant.
bool InputHandler::decline(const std::string& which, const Moment& now) {
    const bool latest = which.empty() && state_.transfers.empty();
    if (state_.offered.empty() || (which.empty() && !latest)) return false;
    const KnownFile* file =
        latest ? state_.files.numbered(state_.offered.back()) : state_.files.find(which);
    if (file == nullptr || std::erase(state_.offered, file->number) == 0) return false;
    reducer_.note(forLog(file->name) + " is no longer offered; !get fetches it", now);
    return true;
}

// Whoever is ignored asks nothing.
void InputHandler::dropOffersOf(const std::string& nick) {
    std::erase_if(state_.offered, [&](unsigned number) {
        const KnownFile* file = state_.files.numbered(number);
        return file == nullptr || client::isSameNick(file->from, nick);
    });
}

void InputHandler::listTransfers(const Moment& now) {
    if (state_.transfers.empty()) return reducer_.note("no transfers in progress", now);
    std::string list = "transfers in progress (!cancel NUMBER cancels one):";
    for (const std::string& line : state_.transfers.lines(kListColumns, now.monoMs)) {
        list += "\n" + line;
    }
    reducer_.note(list, now);
}

void InputHandler::cancel(const std::string& which, const Moment& now) {
    const auto transfer = state_.transfers.find(which);
    if (!transfer && decline(which, now)) return;
    if (!transfer) {
        return reducer_.trouble(
            state_.transfers.empty() ? "no transfers in progress"
            : which.empty()
                ? "several transfers in progress: use !cancel NUMBER; !transfers lists them"
                : "there is no transfer " + inQuotes(which) + "; !transfers lists them",
            now);
    }
    order({.kind = ClientCommand::Kind::Cancel, .text = transfer->key, .name = transfer->name});
}

void InputHandler::preview(const std::string& which, const Moment& now) {
    const auto found =
        std::find_if(state_.paths.rbegin(), state_.paths.rend(),
                     [&](const auto& known) { return which.empty() || known.first == which; });
    std::string path;
    if (found != state_.paths.rend()) path = found->second;
    if (const KnownFile* file = path.empty() ? state_.files.find(which) : nullptr) {
        const auto same =
            std::find_if(state_.paths.rbegin(), state_.paths.rend(),
                         [&](const auto& known) { return known.first == file->name; });
        if (same == state_.paths.rend()) {
            return reducer_.trouble(forLog(file->name) + " is not here; !get fetches it", now);
        }
        path = same->second;
    }
    if (path.empty() && which.empty()) {
        return reducer_.trouble("no file has arrived yet; !preview FILE shows a file of yours",
                                now);
    }
    if (path.empty()) path = withHome(which, state_.options.home);
    const RoomView& room = *state_.rooms.current();
    state_.effects.previews.push_back(
        {path, path.substr(path.rfind('/') + 1), room.name, room.kind == RoomView::Kind::Private});
}

// ---- rooms

RoomView* InputHandler::publicRoom(const std::string& typed, const Moment& now) {
    const std::string name = typed.starts_with("#@") ? typed.substr(1) : typed;
    RoomView* room =
        name.empty() ? state_.rooms.current() : state_.rooms.find(RoomView::Kind::Public, name);
    const bool inside = room != nullptr && room->kind == RoomView::Kind::Public &&
                        room->state != RoomView::State::Left &&
                        room->state != RoomView::State::Leaving;
    if (inside) return room;
    reducer_.trouble(name.empty() ? "this is a private conversation, not a room you are in"
                                  : "you are not in the room " + inQuotes(name),
                     now);
    return nullptr;
}

void InputHandler::who(const std::string& typed, const Moment& now) {
    const std::string where = typed.starts_with("#@") ? typed.substr(1) : typed;
    if (where.empty()) {
        RoomView* room = publicRoom({}, now);
        if (room == nullptr) return;
        room->whoAsked.push_back(true);
        return order({.kind = ClientCommand::Kind::Who, .where = room->name});
    }
    if (RoomView* room = state_.rooms.find(RoomView::Kind::Public, where))
        room->whoAsked.push_back(true);
    order({.kind = ClientCommand::Kind::Who, .where = where});
}

void InputHandler::join(const std::string& typed, const Moment& now) {
    const std::string name(roomMeant(typed));
    if (name.empty()) return tell({.verb = Verb::Msg, .argument = typed, .goes = true}, now);
    RoomView* room = state_.rooms.find(RoomView::Kind::Public, name);
    if (room != nullptr && room->state == RoomView::State::Joined) return state_.rooms.show(*room);
    if (const Status good = checkRoom(name); !good) return reducer_.trouble(good.error().text, now);
    // At once, so that what is typed from now on is for this room, however long it takes.
    RoomView& entered = state_.rooms.open(RoomView::Kind::Public, name);
    entered.state = RoomView::State::Joining;
    state_.rooms.show(entered);
    order({.kind = ClientCommand::Kind::Join, .where = name});
}

// By its number in the bar, or else by its name there, "@bob" of a private talk.
void InputHandler::goToRoom(const std::string& which, const Moment& now) {
    const bool number = which.find_first_not_of("0123456789") == std::string::npos;
    if (number) return showNumbered(which, now);
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        const RoomView& room = state_.rooms.at(i);
        if (RoomView::shownName(room.kind, room.name) == which) return state_.rooms.show(i);
    }
    reducer_.trouble("there is no room " + inQuotes(which) + " in the bar; !join joins one", now);
}

void InputHandler::showNumbered(const std::string& number, const Moment& now) {
    const size_t all = state_.rooms.size();
    const auto index = number.size() > 6 ? 0 : std::strtoul(number.c_str(), nullptr, 10);
    if (index >= 1 && index <= all) return state_.rooms.show(index - 1);
    reducer_.trouble(
        "there is no room " + forLog(number, 20) + "; the last one is " + std::to_string(all), now);
}

void InputHandler::leave(const std::string& name, const Moment& now) {
    RoomView* current = state_.rooms.current();
    if (name.empty() && current->kind == RoomView::Kind::Private) return close(now);
    if (name.empty() && current->state == RoomView::State::Left) return close(now);
    RoomView* room = publicRoom(name, now);
    if (room == nullptr) return;
    room->state = RoomView::State::Leaving;
    order({.kind = ClientCommand::Kind::Leave, .where = room->name});
}

void InputHandler::close(const Moment& now) {
    const RoomView& room = *state_.rooms.current();
    const bool open = room.kind == RoomView::Kind::Public && room.state != RoomView::State::Left;
    if (open) return leave({}, now);
    if (state_.rooms.size() == 1) {
        return reducer_.trouble("this is the last room; !join ROOM joins another, !exit leaves",
                                now);
    }
    state_.rooms.close(room);
}

void InputHandler::history(const Moment& now) {
    RoomView& room = *state_.rooms.current();
    const Area messages = areasOf(state_).messages;
    room.wantsHistory = true;
    scroll(room, messages, -std::max(1, messages.height - 1), now.wallMs);
}

void InputHandler::search(const std::string& words, const Moment& now) {
    RoomView& room = *state_.rooms.current();
    Finding& finding = state_.finding;
    const std::string again = finding.words.empty() ? finding.lastWords : finding.words;
    if (words.empty() && again.empty()) {
        return reducer_.trouble("usage: !search WORDS", now);
    }
    const bool on = words.empty() && finding.isIn(room);
    if (words.size() > Finding::kWordsBytesMax) {
        return reducer_.trouble("a search can have at most 256 bytes", now);
    }
    if (!on) {
        beginFinding(room);
        room.toEnd();
        finding.words = words.empty() ? again : words;
        finding.sought = SoughtWords(finding.words);
    }
    finding.state = Finding::State::Shown;
    findOlder(room, true, now);
}

// ---- people

// As somebody who is known here is called; empty: nobody here has this nick in any case.
std::string InputHandler::spelled(const std::string& nick) const {
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        const RoomView& room = state_.rooms.at(i);
        for (const Person& person : room.people) {
            if (client::isSameNick(person.nick, nick)) return person.nick;
        }
    }
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        const RoomView& room = state_.rooms.at(i);
        const bool talk = room.kind == RoomView::Kind::Private;
        if (talk && client::isSameNick(room.name, nick)) return room.name;
    }
    return {};
}

void InputHandler::ignore(const std::string& typed, const Moment& now) {
    if (typed.empty()) {
        std::string list;
        for (const std::string& ignored : state_.ignored) {
            list += (list.empty() ? "ignored: " : ", ") + forLog(ignored);
        }
        return reducer_.note(list.empty() ? "nobody is ignored" : list, now);
    }
    const std::string known = spelled(typed);
    const std::string& nick = known.empty() ? typed : known;
    state_.ignored.insert(nick);
    order({.kind = ClientCommand::Kind::Ignore, .where = nick});
    dropOffersOf(nick);
    reducer_.note(known.empty() ? "nobody here is called " + forLog(nick) + "; ignored from now on"
                                : "what " + forLog(nick) +
                                      " says from now on is not shown; !unignore shows it again",
                  now);
}

void InputHandler::unignore(const std::string& nick, const Moment& now) {
    if (state_.ignored.erase(nick) == 0) {
        return reducer_.trouble(inQuotes(nick) + " is not ignored", now);
    }
    order({.kind = ClientCommand::Kind::Unignore, .where = nick});
    reducer_.note(forLog(nick) + " is no longer ignored", now);
}

void InputHandler::reconnect(const Moment& now) {
    using Connection = ScreenState::Connection;
    if (state_.connection != Connection::Away && state_.connection != Connection::Ended) {
        return reducer_.note("you are already connected", now);
    }
    state_.connection = Connection::Away;
    state_.retryAtMs = now.monoMs;
    order({.kind = ClientCommand::Kind::Reconnect});
}

}  // namespace netchat::connect
