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

void Typing::obey(const Command& command, const Moment& now) {
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
            return order({.kind = Order::Kind::Nick, .text = command.argument});
        case Verb::Rooms:
            return order({.kind = Order::Kind::Rooms});
        case Verb::History:
            return history(now);
        case Verb::Search:
            return search(command.text, now);
        case Verb::Operate:
            return order({.kind = Order::Kind::Operate,
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
            return intake_.trouble(command.text, now);
    }
}

// ---- saying

void Typing::say(const std::string& text, const Moment& now) {
    Room& room = *state_.rooms.current();
    const bool inPrivate = room.kind == Room::Kind::Private;
    // Who speaks has read what is there, but not what came below the screen meanwhile, or what is
    // above it still.
    const Area messages = areasOf(state_).messages;
    if (isVisible(room, messages, room.newFrom, now.wallMs)) {
        room.newFrom = room.below.lines > 0 ? room.below.fromLine : 0;
    }
    room.toEnd();
    state_.finding.state = Finding::State::Off;
    const uint64_t tag = intake_.addPending(room, text, now);
    order({.kind = inPrivate ? Order::Kind::Tell : Order::Kind::Say,
           .where = room.name,
           .text = text,
           .tag = tag});
}

void Typing::tell(const Command& command, const Moment& now) {
    const std::string nick = nickMeant(command.argument);
    if (nick.starts_with('#') && !isKnown(nick)) {
        const std::string room = forLog(std::string_view(nick).substr(1));
        return intake_.trouble("not said: " + inQuotes(nick) + " is a room, not a person; !join " +
                                   room + " goes there",
                               now);
    }
    if (const Status good = checkNick(nick); !good) {
        return intake_.trouble("not said: " + good.error().text, now);
    }
    Room& room = state_.rooms.open(Room::Kind::Private, nick);
    if (command.goes || command.text.empty()) state_.rooms.show(room);
    if (command.text.empty()) return;
    const uint64_t tag = intake_.addPending(room, command.text, now);
    order({.kind = Order::Kind::Tell, .where = nick, .text = command.text, .tag = tag});
}

// Whether somebody of this nick is here, or was talked to.
bool Typing::isKnown(const std::string& nick) const {
    return !spelled(nick).empty();
}

// A talk is shown as "@bob", and so bob is called by that; in another case he is bob, too.
std::string Typing::nickMeant(const std::string& typed) const {
    const bool shown = typed.size() > 1 && typed[0] == '@' && !isKnown(typed);
    const std::string nick = shown ? typed.substr(1) : typed;
    const std::string known = spelled(nick);
    return known.empty() ? nick : known;
}

// What is on its way is waited for; who asks twice does not want to wait.
void Typing::exit(const Moment& now) {
    using Connection = ScreenState::Connection;
    const bool connected = state_.connection == Connection::Connected;
    const bool waiting = intake_.pending() > 0 || state_.transfers.uploading();
    const bool again = state_.connection == Connection::Leaving;
    if (again || state_.connection == Connection::Ended || (!connected && !waiting)) {
        state_.wishes.quit = true;
        if (intake_.pending() > 0) {
            state_.wishes.last =
                std::to_string(intake_.pending()) + " of yours may not have arrived";
        }
        return;
    }
    state_.connection = Connection::Leaving;
    if (waiting) intake_.note("leaving when all is sent; !exit again leaves now", now);
    order({.kind = Order::Kind::Bye});
}

// ---- files

void Typing::upload(const std::string& path, const Moment& now) {
    Room* room = publicRoom({}, now);
    if (room == nullptr) return;
    const std::string file = withHome(path, state_.options.home);
    const size_t name = file.rfind('/') == std::string::npos ? 0 : file.rfind('/') + 1;
    state_.rememberPath(safeFileName(file.substr(name)), file);
    order({.kind = Order::Kind::Upload,
           .where = room->name,
           .text = file,
           .name = state_.options.home});
}

void Typing::listFiles(const Moment& now) {
    const auto files = state_.files.all();
    if (files.empty()) return intake_.note("no files were dropped since you came", now);
    std::string list = "the files dropped so far:";
    for (const std::string& line : fileLines(files)) list += "\n" + line;
    intake_.note(list, now);
}

void Typing::get(const std::string& which, const Moment& now) {
    KnownFile* file = state_.files.find(which);
    if (file == nullptr) {
        return intake_.trouble("there is no file " + inQuotes(which) + "; !files lists them", now);
    }
    fetch(*file, now);
}

void Typing::fetch(KnownFile& file, const Moment& now) {
    std::erase(state_.offered, file.number);
    if (file.state == KnownFile::State::Wanted) {
        return intake_.note(forLog(file.name) + " is on its way already", now);
    }
    file.state = KnownFile::State::Wanted;
    state_.fetched.insert(file.sha256);
    order({.kind = Order::Kind::Get,
           .where = file.folder,
           .text = file.sha256,
           .name = file.name,
           .number = file.size,
           .mtime = file.mtime});
}

// The latest that is asked about.
void Typing::getOffered(const Moment& now) {
    while (!state_.offered.empty()) {
        const unsigned number = state_.offered.back();
        state_.offered.pop_back();
        if (KnownFile* file = state_.files.numbered(number)) return fetch(*file, now);
    }
    intake_.note("no file waits for an answer", now);
}

// A file that is asked about, by its name or number or, of an empty one, the latest: it is fetched
// only by !get. False: none is meant.
bool Typing::decline(const std::string& which, const Moment& now) {
    const bool latest = which.empty() && state_.transfers.empty();
    if (state_.offered.empty() || (which.empty() && !latest)) return false;
    const KnownFile* file =
        latest ? state_.files.numbered(state_.offered.back()) : state_.files.find(which);
    if (file == nullptr || std::erase(state_.offered, file->number) == 0) return false;
    intake_.note(forLog(file->name) + " is not asked about any more; !get fetches it", now);
    return true;
}

// Whoever is ignored asks nothing.
void Typing::dropOffersOf(const std::string& nick) {
    std::erase_if(state_.offered, [&](unsigned number) {
        const KnownFile* file = state_.files.numbered(number);
        return file == nullptr || client::isSameNick(file->from, nick);
    });
}

void Typing::listTransfers(const Moment& now) {
    if (state_.transfers.empty()) return intake_.note("nothing is under way", now);
    std::string list = "under way (!cancel NUMBER gives one up):";
    for (const std::string& line : state_.transfers.lines(kListColumns, now.monoMs)) {
        list += "\n" + line;
    }
    intake_.note(list, now);
}

void Typing::cancel(const std::string& which, const Moment& now) {
    const auto transfer = state_.transfers.find(which);
    if (!transfer && decline(which, now)) return;
    if (!transfer) {
        return intake_.trouble(
            state_.transfers.empty() ? "nothing is under way"
            : which.empty() ? "several are under way: !cancel NUMBER; !transfers lists them"
                            : "there is no transfer " + inQuotes(which) + "; !transfers lists them",
            now);
    }
    order({.kind = Order::Kind::Cancel, .text = transfer->key, .name = transfer->name});
}

void Typing::preview(const std::string& which, const Moment& now) {
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
            return intake_.trouble(forLog(file->name) + " is not here; !get fetches it", now);
        }
        path = same->second;
    }
    if (path.empty() && which.empty()) {
        return intake_.trouble("no file has come yet; !preview FILE shows one of yours", now);
    }
    if (path.empty()) path = withHome(which, state_.options.home);
    const Room& room = *state_.rooms.current();
    state_.wishes.previews.push_back(
        {path, path.substr(path.rfind('/') + 1), room.name, room.kind == Room::Kind::Private});
}

// ---- rooms

Room* Typing::publicRoom(const std::string& typed, const Moment& now) {
    const std::string name = typed.starts_with("#@") ? typed.substr(1) : typed;
    Room* room =
        name.empty() ? state_.rooms.current() : state_.rooms.find(Room::Kind::Public, name);
    const bool inside = room != nullptr && room->kind == Room::Kind::Public &&
                        room->state != Room::State::Left && room->state != Room::State::Leaving;
    if (inside) return room;
    intake_.trouble(name.empty() ? "this is a private conversation, not a room you are in"
                                 : "you are not in the room " + inQuotes(name),
                    now);
    return nullptr;
}

void Typing::who(const std::string& typed, const Moment& now) {
    const std::string where = typed.starts_with("#@") ? typed.substr(1) : typed;
    if (where.empty()) {
        Room* room = publicRoom({}, now);
        if (room == nullptr) return;
        room->whoAsked.push_back(true);
        return order({.kind = Order::Kind::Who, .where = room->name});
    }
    if (Room* room = state_.rooms.find(Room::Kind::Public, where)) room->whoAsked.push_back(true);
    order({.kind = Order::Kind::Who, .where = where});
}

void Typing::join(const std::string& typed, const Moment& now) {
    const std::string name(roomMeant(typed));
    if (name.empty()) return tell({.verb = Verb::Msg, .argument = typed, .goes = true}, now);
    Room* room = state_.rooms.find(Room::Kind::Public, name);
    if (room != nullptr && room->state == Room::State::Joined) return state_.rooms.show(*room);
    if (const Status good = checkRoom(name); !good) return intake_.trouble(good.error().text, now);
    // At once, so that what is typed from now on is for this room, however long it takes.
    Room& entered = state_.rooms.open(Room::Kind::Public, name);
    entered.state = Room::State::Joining;
    state_.rooms.show(entered);
    order({.kind = Order::Kind::Join, .where = name});
}

// By its number in the bar, or else by its name there, "@bob" of a private talk.
void Typing::goToRoom(const std::string& which, const Moment& now) {
    const bool number = which.find_first_not_of("0123456789") == std::string::npos;
    if (number) return showNumbered(which, now);
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        const Room& room = state_.rooms.at(i);
        if (Room::shownName(room.kind, room.name) == which) return state_.rooms.show(i);
    }
    intake_.trouble("there is no room " + inQuotes(which) + " in the bar; !join enters one", now);
}

void Typing::showNumbered(const std::string& number, const Moment& now) {
    const size_t all = state_.rooms.size();
    const auto index = number.size() > 6 ? 0 : std::strtoul(number.c_str(), nullptr, 10);
    if (index >= 1 && index <= all) return state_.rooms.show(index - 1);
    intake_.trouble(
        "there is no room " + forLog(number, 20) + "; the last one is " + std::to_string(all), now);
}

void Typing::leave(const std::string& name, const Moment& now) {
    Room* current = state_.rooms.current();
    if (name.empty() && current->kind == Room::Kind::Private) return close(now);
    if (name.empty() && current->state == Room::State::Left) return close(now);
    Room* room = publicRoom(name, now);
    if (room == nullptr) return;
    room->state = Room::State::Leaving;
    order({.kind = Order::Kind::Leave, .where = room->name});
}

void Typing::close(const Moment& now) {
    const Room& room = *state_.rooms.current();
    const bool open = room.kind == Room::Kind::Public && room.state != Room::State::Left;
    if (open) return leave({}, now);
    if (state_.rooms.size() == 1) {
        return intake_.trouble("this is the last room; !join ROOM enters another, !exit leaves",
                               now);
    }
    state_.rooms.close(room);
}

void Typing::history(const Moment& now) {
    Room& room = *state_.rooms.current();
    const Area messages = areasOf(state_).messages;
    room.wantsHistory = true;
    scroll(room, messages, -std::max(1, messages.height - 1), now.wallMs);
}

void Typing::search(const std::string& words, const Moment& now) {
    Room& room = *state_.rooms.current();
    Finding& finding = state_.finding;
    const std::string again = finding.words.empty() ? finding.lastWords : finding.words;
    if (words.empty() && again.empty()) {
        return intake_.trouble("usage: !search WORDS", now);
    }
    const bool on = words.empty() && finding.isIn(room);
    if (words.size() > Finding::kWordsBytesMax) {
        return intake_.trouble("the words of a search are at most 256 bytes", now);
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
std::string Typing::spelled(const std::string& nick) const {
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        const Room& room = state_.rooms.at(i);
        for (const Person& person : room.people) {
            if (client::isSameNick(person.nick, nick)) return person.nick;
        }
    }
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        const Room& room = state_.rooms.at(i);
        const bool talk = room.kind == Room::Kind::Private;
        if (talk && client::isSameNick(room.name, nick)) return room.name;
    }
    return {};
}

void Typing::ignore(const std::string& typed, const Moment& now) {
    if (typed.empty()) {
        std::string list;
        for (const std::string& ignored : state_.ignored) {
            list += (list.empty() ? "ignored: " : ", ") + forLog(ignored);
        }
        return intake_.note(list.empty() ? "nobody is ignored" : list, now);
    }
    const std::string known = spelled(typed);
    const std::string& nick = known.empty() ? typed : known;
    state_.ignored.insert(nick);
    order({.kind = Order::Kind::Ignore, .where = nick});
    dropOffersOf(nick);
    intake_.note(
        known.empty()
            ? "nobody here is called " + forLog(nick) + "; ignored should they come"
            : "what " + forLog(nick) + " says from now on is not shown; !unignore takes it back",
        now);
}

void Typing::unignore(const std::string& nick, const Moment& now) {
    if (state_.ignored.erase(nick) == 0) {
        return intake_.trouble(inQuotes(nick) + " is not ignored", now);
    }
    order({.kind = Order::Kind::Unignore, .where = nick});
    intake_.note(forLog(nick) + " is ignored no longer", now);
}

void Typing::reconnect(const Moment& now) {
    using Connection = ScreenState::Connection;
    if (state_.connection != Connection::Away && state_.connection != Connection::Ended) {
        return intake_.note("you are connected", now);
    }
    state_.connection = Connection::Away;
    state_.retryAtMs = now.monoMs;
    order({.kind = Order::Kind::Reconnect});
}

}  // namespace netchat::connect
