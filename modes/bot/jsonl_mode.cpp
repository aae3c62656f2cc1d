#include "modes/bot/jsonl_mode.h"

#include <algorithm>
#include <utility>

#include "modes/bot/lines_mode.h"
#include "modes/client/event_json.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

using client::Event;
namespace event = client::event;
using Kind = AskedCommand::Kind;

// Acknowledgements that wait for what was said before them.
constexpr size_t kAcksMax = 1000;

}  // namespace

const JsonlMode::Verb JsonlMode::kVerbs[] = {
    {"say", &JsonlMode::say, "room text id"},
    {"tell", &JsonlMode::tell, "to text id"},
    {"join", &JsonlMode::join, "room since"},
    {"leave", &JsonlMode::leaveRoom, "room"},
    {"nick", &JsonlMode::nick, "nick"},
    {"who", &JsonlMode::who, "room"},
    {"rooms", &JsonlMode::rooms, ""},
    {"history", &JsonlMode::history, "room before limit"},
    {"search", &JsonlMode::search, "room words before limit"},
    {"upload", &JsonlMode::upload, "room file id"},
    {"get", &JsonlMode::get, "sha256 name size"},
    {"cancel", &JsonlMode::cancel, "id sha256"},
    {"op", &JsonlMode::op, "act target seconds reason"},
    {"ack", &JsonlMode::ack, "room seq id anyway"},
    {"exit", &JsonlMode::exit, ""},
    {"disconnect", &JsonlMode::disconnect, ""},
    {"reconnect", &JsonlMode::reconnect, ""},
};

void JsonlMode::onReady() {
    regulate();
}

// With acknowledgements an entry is seen when the program says so.
bool JsonlMode::onHeard(const Event& event) {
    const bool inPage = asked_.inPage();
    const std::string ref = asked_.refOf(event);
    const bool written = put(withRef(client::toJson(event), ref));
    if (settings().acks) told_.follow(event, inPage);
    if (const auto* changed = std::get_if<event::LogChanged>(&event)) {
        for (const AskedCommand& ack : asked_.takeAcksBeyond(changed->room, changed->common)) {
            refuseAck(ack, {ErrorCode::BadState, "the server's log of this room was changed"});
        }
    }
    settleAcks();
    regulate();
    return written && !settings().acks;
}

bool JsonlMode::put(const std::string& line) {
    if (output_.line(line)) return true;
    leave(output_.lost());
    return false;
}

void JsonlMode::onLine(std::string_view line) {
    ++line_;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    ref_.clear();
    const Status status = obey(line);
    if (!status) bad(status.error().text);
    regulate();
}

void JsonlMode::onLongLine() {
    ++line_;
    ref_.clear();
    bad("a command can have at most " + std::to_string(kCommandBytesMax) + " bytes");
}

void JsonlMode::onInputEnd() {
    if (connection_ == Wanted::Cut) return leave(onDrained());
    drain();
}

void JsonlMode::onInputFailed(const std::string& why) {
    inputFailure_ = "stdin cannot be read: " + why;
    onInputEnd();
}

void JsonlMode::bad(const std::string& why) {
    ++badLines_;
    JsonlAnswer answer("bad-command");
    answer.set("line", line_).set("text", why);
    put(answer.text(ref_));
    print("line " + std::to_string(line_) + ": " + forLog(why, 300));
}

Status JsonlMode::obey(std::string_view line) {
    const Result<JsonlCommand> command = JsonlCommand::parse(line);
    if (!command) return command.error();
    Result<std::string> ref = command->ref();
    if (!ref) return ref.error();
    ref_ = std::move(*ref);
    const Result<std::string> verb = command->text("do");
    if (!verb) return verb.error();
    std::string names;
    for (const Verb& known : kVerbs) {
        names += (names.empty() ? "" : ", ") + std::string(known.name);
        if (known.name != *verb) continue;
        if (Status status = command->checkKeys(known.keys); !status) return status;
        return (this->*known.handler)(*command);
    }
    return Error{ErrorCode::BadVerb, "unknown \"do\":\"" + forLog(*verb) + "\"; use " + names};
}

void JsonlMode::regulate() {
    if (!ready()) return;
    const bool many = chat().unacknowledged() >= kLinesWindow || asked_.acks() >= kAcksMax;
    const bool full = many && connection_ == Wanted::Up;
    input_.setPaused(full);
    if (full) poll();
}

Outcome JsonlMode::onDrained() {
    if (!inputFailure_.empty()) return {kFile, inputFailure_};
    if (badLines_ == 0) return {};
    return {kBadScript, std::to_string(badLines_) + " of " + std::to_string(line_) +
                            " lines were not commands"};
}

// ---- what commands have in common

// Only a room that is not named at all is the first one.
Result<std::string> JsonlMode::roomOf(const Command& command) const {
    if (!command.has("room")) {
        return settings().rooms.empty() ? std::string(kLobby) : settings().rooms.front();
    }
    Result<std::string> room = command.text("room");
    if (!room) return Error{ErrorCode::BadRoom, "\"room\" must be a string"};
    if (Status good = checkRoom(*room); !good) return good.error();
    return room;
}

// What the program calls the entry, so that the log has it once however often it is said; empty:
// the bot numbers it.
Result<std::string> JsonlMode::idOf(const Command& command) const {
    Result<std::optional<std::string>> id = command.textIfAny("id");
    if (!id) return id.error();
    if (!*id) return std::string();
    if (Status good = checkId(**id); !good) return good.error();
    const bool digits =
        std::all_of((*id)->begin(), (*id)->end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return std::move(**id);
    return Error{ErrorCode::BadId, "an \"id\" must not be digits alone, which the bot uses itself"};
}

// A classic server acknowledges nothing.
void JsonlMode::said(std::string_view verb, const std::string& id) {
    JsonlAnswer answer("accepted");
    answer.set("do", std::string(verb)).set("id", id);
    put(answer.text(ref_));
    if (!settings().client.classic) asked(Kind::Say, id);
}

void JsonlMode::asked(Kind kind, std::string about) {
    asked_.add({kind, std::move(about), ref_});
}

void JsonlMode::refuse(event::Refused refused, const Error& error, const std::string& ref) {
    refused.text = error.text;
    refused.code = errorName(error.code);
    put(withRef(client::toJson(refused), ref));
}

// ---- acknowledging

Status JsonlMode::ack(const Command& command) {
    if (!settings().acks) return Error{ErrorCode::BadState, "\"ack\" needs --ack"};
    const Result<std::string> room = roomOf(command);
    if (!room) return room.error();
    const Result<uint64_t> seq = command.number("seq");
    if (!seq) return seq.error();
    const Result<std::optional<std::string>> id = command.textIfAny("id");
    if (!id) return id.error();
    const Result<bool> anyway = command.flag("anyway");
    if (!anyway) return anyway.error();
    const AskedCommand ack{Kind::Ack, *room, ref_, *seq, *anyway};
    if (Status told = told_.check(*room, *seq, id->value_or("")); !told) {
        refuseAck(ack, told.error());
        return Ok{};
    }
    asked_.add(ack);
    settleAcks();
    return Ok{};
}

void JsonlMode::refuseAck(const AskedCommand& ack, const Error& error) {
    refuse({.room = ack.about, .re = "ack"}, error, ack.ref);
}

// What was said before an acknowledgement is in the log by now: whoever is killed from here on need
// not say it again.
void JsonlMode::settleAcks() {
    for (const AskedCommand& ack : asked_.takeDueAcks()) {
        if (ack.spoilt) {
            refuseAck(
                ack, {ErrorCode::BadState,
                      "an earlier message was refused; use \"anyway\":true to acknowledge anyway"});
            continue;
        }
        if (Status kept = acknowledge(ack.about, ack.seq); !kept) {
            refuseAck(ack, kept.error());
            return leave({kFile, "cannot store the acknowledgement: " + kept.error().text});
        }
        JsonlAnswer answer("accepted");
        answer.set("do", "ack").set("room", ack.about).set("seq", ack.seq);
        put(answer.text(ack.ref));
    }
}

}  // namespace netchat::bot
