// What JsonlMode does for each command of a program.

#include <optional>
#include <string>

#include "modes/bot/jsonl_mode.h"
#include "protocol/names.h"

namespace netchat::bot {

namespace {

namespace event = client::event;
using Kind = AskedCommand::Kind;

constexpr uint64_t kHistoryEntries = 50, kFoundEntries = 20;  // where a command says no limit

}  // namespace

// ---- talking

Status JsonlMode::say(const Command& command) {
    if (command.has("to")) {
        return Error{ErrorCode::BadText, "\"say\" sends to a whole room; use \"tell\" with \"to\""};
    }
    const Result<std::string> room = roomOf(command), id = idOf(command);
    if (!room) return room.error();
    if (!id) return id.error();
    const Result<std::string> what = command.text("text");
    if (!what) return what.error();
    said("say", chat().say(*room, *what, *id));
    return Ok{};
}

Status JsonlMode::tell(const Command& command) {
    const Result<std::string> to = command.text("to"), what = command.text("text");
    if (!to) return to.error();
    if (!what) return what.error();
    const Result<std::string> id = idOf(command);
    if (!id) return id.error();
    said("tell", chat().tell(*to, *what, *id));
    return Ok{};
}

Status JsonlMode::join(const Command& command) {
    const Result<std::string> room = command.text("room");
    if (!room) return room.error();
    const Result<uint64_t> since = command.number("since", 0);
    if (!since) return since.error();
    asked(Kind::Join, *room);
    chat().join(*room, command.has("since") ? std::optional(*since) : std::nullopt);
    return Ok{};
}

Status JsonlMode::leaveRoom(const Command& command) {
    const Result<std::string> room = command.text("room");
    if (!room) return room.error();
    asked(Kind::Leave, *room);
    chat().leave(*room);
    return Ok{};
}

Status JsonlMode::nick(const Command& command) {
    const Result<std::string> name = command.text("nick");
    if (!name) return name.error();
    asked(Kind::Nick, *name);
    chat().nick(*name);
    return Ok{};
}

// ---- asking

// Of everybody where no room is named.
Status JsonlMode::who(const Command& command) {
    const Result<std::string> room = command.has("room") ? roomOf(command) : std::string();
    if (!room) return room.error();
    asked(Kind::Who, *room);
    chat().who(*room);
    return Ok{};
}

Status JsonlMode::rooms(const Command&) {
    asked(Kind::Rooms);
    chat().rooms();
    return Ok{};
}

Status JsonlMode::history(const Command& command) {
    const Result<std::string> room = roomOf(command);
    if (!room) return room.error();
    const Result<uint64_t> before = command.number("before", 0),
                           limit = command.number("limit", kHistoryEntries);
    if (!before) return before.error();
    if (!limit) return limit.error();
    asked(Kind::History, *room);
    chat().history(*room, *before, *limit);
    return Ok{};
}

Status JsonlMode::search(const Command& command) {
    const Result<std::string> room = roomOf(command), words = command.text("words");
    if (!room) return room.error();
    if (!words) return words.error();
    const Result<uint64_t> before = command.number("before", 0),
                           limit = command.number("limit", kFoundEntries);
    if (!before) return before.error();
    if (!limit) return limit.error();
    asked(Kind::Search, *room);
    chat().search(*room, *words, *before, *limit);
    return Ok{};
}

Status JsonlMode::op(const Command& command) {
    const Result<std::string> act = command.text("act"), target = command.text("target");
    if (!act) return act.error();
    if (!target) return target.error();
    const Result<std::optional<std::string>> reason = command.textIfAny("reason");
    if (!reason) return reason.error();
    const Result<uint64_t> seconds = command.number("seconds", 0);
    if (!seconds) return seconds.error();
    asked(Kind::Op);
    chat().op(*act, *target, reason->value_or(""), *seconds);
    return Ok{};
}

// ---- files

Status JsonlMode::upload(const Command& command) {
    const Result<std::string> room = roomOf(command), id = idOf(command);
    if (!room) return room.error();
    if (!id) return id.error();
    const Result<std::string> file = command.text("file");
    if (!file) return file.error();
    const Result<std::string> sent = chat().upload(*room, *file, *id);
    if (sent) return said("upload", *sent), Ok{};
    event::Refused refused{.room = *room, .id = *id, .name = *file, .re = "offer"};
    refuse(refused, sent.error(), ref_);
    refused.text = sent.error().text;
    refused.code = errorName(sent.error().code);
    followFile(refused);
    asked_.spoil();
    return Ok{};
}

Status JsonlMode::get(const Command& command) {
    const Result<std::string> sha256 = command.text("sha256"), name = command.text("name");
    if (!sha256) return sha256.error();
    if (!name) return name.error();
    const Result<uint64_t> size = command.number("size");
    if (!size)
        return Error{ErrorCode::BadText,
                     "\"get\" needs the sha256, name and size of the `file` event"};
    if (Status status = checkSha256(*sha256); !status) return status;
    if (Status status = checkFileName(*name); !status) return status;
    if (asked_.has(Kind::Get, *sha256)) {
        refuse({.name = *name, .sha256 = *sha256, .re = "get"},
               {ErrorCode::BadState, "it is already being downloaded"}, ref_);
        return Ok{};
    }
    asked(Kind::Get, *sha256);
    fetch(*sha256, *name, *size);
    return Ok{};
}

// An upload by its id, a download by its SHA-256; the end of it is told besides.
Status JsonlMode::cancel(const Command& command) {
    if (command.has("id") == command.has("sha256")) {
        return Error{ErrorCode::BadText,
                     "\"cancel\" needs the \"id\" of an upload or the \"sha256\" of a download"};
    }
    const char* const key = command.has("id") ? "id" : "sha256";
    const Result<std::string> which = command.text(key);
    if (!which) return which.error();
    if (chat().cancel(*which)) {
        JsonlAnswer answer("accepted");
        answer.set("do", "cancel").set(key, *which);
        put(answer.text(ref_));
        return Ok{};
    }
    const bool upload = command.has("id");
    refuse({.id = upload ? std::string_view(*which) : std::string_view(),
            .sha256 = upload ? std::string_view() : std::string_view(*which),
            .re = "cancel"},
           {ErrorCode::NoSuchTransfer, "unknown transfer, or all of it was sent"}, ref_);
    return Ok{};
}

// ---- the connection

Status JsonlMode::exit(const Command&) {
    input_.setPaused(true);
    onInputEnd();
    return Ok{};
}

Status JsonlMode::disconnect(const Command&) {
    if (connection_ == Wanted::Cut) {
        refuse({.re = "disconnect"}, {ErrorCode::BadState, "there is no connection"}, ref_);
        return Ok{};
    }
    connection_ = Wanted::Cut;
    for (const AskedCommand& given : asked_.takeAll(Kind::Reconnect)) {
        refuse({.re = "reconnect"},
               {ErrorCode::BadState, "the connection was lost before it was complete"}, given.ref);
    }
    asked(Kind::Disconnect);
    chat().disconnect();
    return Ok{};
}

Status JsonlMode::reconnect(const Command&) {
    if (connection_ == Wanted::Up)
        return Error{ErrorCode::BadState, "\"reconnect\" requires a \"disconnect\" before"};
    connection_ = Wanted::Up;
    asked(Kind::Reconnect);
    chat().reconnect();
    return Ok{};
}

}  // namespace netchat::bot
