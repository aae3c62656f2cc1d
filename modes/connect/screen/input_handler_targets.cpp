// The part of typing that commands share with keys: offered files, and the room that is meant.

#include <algorithm>
#include <cstdlib>

#include "modes/connect/command_line.h"
#include "modes/connect/screen/input_handler.h"
#include "modes/connect/wording.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

void InputHandler::fetch(KnownFile& file, const Moment& now) {
    std::erase(state_.offered, file.number);
    if (file.state == KnownFile::State::Wanted) {
        return reducer_.note(alreadyWantedText(file.name), now);
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

void InputHandler::showNumbered(const std::string& number, const Moment& now) {
    const size_t all = state_.rooms.size();
    const auto index = number.size() > 6 ? 0 : std::strtoul(number.c_str(), nullptr, 10);
    if (index >= 1 && index <= all) return state_.rooms.show(index - 1);
    reducer_.trouble(
        "there is no room " + forLog(number, 20) + "; the last one is " + std::to_string(all), now);
}

}  // namespace netchat::connect
