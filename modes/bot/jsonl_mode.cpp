#include "modes/bot/jsonl_mode.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>

#include <sstream>

#include "modes/bot/lines_mode.h"
#include "modes/client/event_json.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

using Poco::JSON::Object;

// The longest text with each byte escaped as \u00XX, and room for the rest of a command.
constexpr size_t kCommandBytesMax = 6 * limits::kTextBytesMax + 64 * limits::kKiB;

Result<std::string> text(const Object& command, const std::string& key) {
    Poco::Dynamic::Var value = command.get(key);
    if (!value.isString())
        return Error{ErrorCode::BadText, "\"" + key + "\" is missing, or is no string"};
    std::string found = value.toString();
    if (!utf8::isValid(found))
        return Error{ErrorCode::BadText, "\"" + key + "\" must be valid UTF-8"};
    return found;
}

Result<uint64_t> number(const Object& command, const std::string& key, uint64_t fallback) {
    Poco::Dynamic::Var value = command.get(key);
    if (value.isEmpty()) return fallback;
    try {
        if (value.isInteger()) return value.convert<Poco::UInt64>();
    } catch (const Poco::Exception&) {
        // below
    }
    return Error{ErrorCode::BadText, "\"" + key + "\" must be a whole number"};
}

std::string serialized(const Object& object) {
    std::ostringstream out;
    object.stringify(out);
    return escapedJson(out.str());
}

}  // namespace

const JsonlMode::Verb JsonlMode::kVerbs[] = {
    {"say", &JsonlMode::say},
    {"tell", &JsonlMode::tell},
    {"join", &JsonlMode::join},
    {"leave", &JsonlMode::leaveRoom},
    {"nick", &JsonlMode::nick},
    {"who", &JsonlMode::who},
    {"rooms", &JsonlMode::rooms},
    {"history", &JsonlMode::history},
    {"upload", &JsonlMode::upload},
    {"get", &JsonlMode::get},
    {"exit", &JsonlMode::exit},
    {"disconnect", &JsonlMode::disconnect},
    {"reconnect", &JsonlMode::reconnect},
};

void JsonlMode::onReady() {
    input_ = std::make_unique<client::LineInput>(loop(), inputFd_, kCommandBytesMax, *this);
}

bool JsonlMode::onHeard(const client::Event& event) {
    const bool written = put(client::toJson(event));
    regulate();
    return written;
}

bool JsonlMode::put(const std::string& line) {
    if (output_.line(line)) return true;
    leave(output_.lost());
    return false;
}

void JsonlMode::onLine(std::string_view line) {
    ++line_;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    Status status = obey(line);
    if (!status) bad(status.error().text);
    regulate();
}

void JsonlMode::onLongLine() {
    ++line_;
    bad("a command is at most " + std::to_string(kCommandBytesMax) + " bytes long");
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
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("event", "bad-command");
    object.set("line", line_);
    object.set("text", why);
    put(serialized(object));
    print("line " + std::to_string(line_) + ": " + forLog(why, 300));
}

Status JsonlMode::obey(std::string_view line) {
    Object::Ptr command;
    try {
        command = Poco::JSON::Parser().parse(std::string(line)).extract<Object::Ptr>();
    } catch (const Poco::Exception&) {
        return Error{
            ErrorCode::BadText,
            "not a JSON object; a command is one, such as {\"do\":\"say\",\"text\":\"hello\"}"};
    }
    Result<std::string> verb = text(*command, "do");
    if (!verb) return verb.error();
    for (const Verb& known : kVerbs) {
        if (known.name == *verb) return (this->*known.handler)(*command);
    }
    std::string names;
    for (const Verb& known : kVerbs) names += (names.empty() ? "" : ", ") + std::string(known.name);
    return Error{ErrorCode::BadVerb,
                 "there is no \"do\":\"" + forLog(*verb) + "\"; there are " + names};
}

void JsonlMode::regulate() {
    if (!ready() || !input_) return;
    bool full = chat().unacknowledged() >= kLinesWindow && connection_ == Wanted::Up;
    input_->setPaused(full);
    if (full) poll();
}

Outcome JsonlMode::onDrained() {
    if (!inputFailure_.empty()) return {kFile, inputFailure_};
    if (badLines_ == 0) return {};
    return {kBadScript,
            std::to_string(badLines_) + " of " + std::to_string(line_) + " lines were no commands"};
}

// ---- commands

std::string JsonlMode::roomOf(const Command& command) const {
    Poco::Dynamic::Var value = command.get("room");
    if (value.isString()) return value.toString();
    return settings().rooms.empty() ? std::string(kLobby) : settings().rooms.front();
}

void JsonlMode::accepted(const Command& command, const std::string& id) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("event", "accepted");
    object.set("do", command.get("do"));
    object.set("id", id);
    if (command.has("ref")) object.set("ref", command.get("ref"));
    put(serialized(object));
}

Status JsonlMode::say(const Command& command) {
    Result<std::string> what = text(command, "text");
    if (!what) return what.error();
    accepted(command, chat().say(roomOf(command), *what));
    return Ok{};
}

Status JsonlMode::tell(const Command& command) {
    Result<std::string> to = text(command, "to"), what = text(command, "text");
    if (!to) return to.error();
    if (!what) return what.error();
    accepted(command, chat().tell(*to, *what));
    return Ok{};
}

Status JsonlMode::join(const Command& command) {
    Result<std::string> room = text(command, "room");
    if (!room) return room.error();
    Result<uint64_t> since = number(command, "since", 0);
    if (!since) return since.error();
    chat().join(*room, command.has("since") ? std::optional(*since) : std::nullopt);
    return Ok{};
}

Status JsonlMode::leaveRoom(const Command& command) {
    Result<std::string> room = text(command, "room");
    if (!room) return room.error();
    chat().leave(*room);
    return Ok{};
}

Status JsonlMode::nick(const Command& command) {
    Result<std::string> name = text(command, "nick");
    if (!name) return name.error();
    chat().nick(*name);
    return Ok{};
}

Status JsonlMode::who(const Command& command) {
    chat().who(command.has("room") ? roomOf(command) : std::string());
    return Ok{};
}

Status JsonlMode::rooms(const Command&) {
    chat().rooms();
    return Ok{};
}

Status JsonlMode::history(const Command& command) {
    Result<uint64_t> before = number(command, "before", 0), limit = number(command, "limit", 50);
    if (!before) return before.error();
    if (!limit) return limit.error();
    chat().history(roomOf(command), *before, *limit);
    return Ok{};
}

Status JsonlMode::upload(const Command& command) {
    Result<std::string> file = text(command, "file");
    if (!file) return file.error();
    Result<std::string> id = chat().upload(roomOf(command), *file);
    if (!id) return id.error();
    accepted(command, *id);
    return Ok{};
}

Status JsonlMode::get(const Command& command) {
    Result<std::string> sha256 = text(command, "sha256"), name = text(command, "name");
    if (!sha256) return sha256.error();
    if (!name) return name.error();
    Result<uint64_t> size = number(command, "size", 0);
    if (!size || !command.has("size"))
        return Error{ErrorCode::BadText,
                     "\"get\" needs the sha256, name and size of the `file` event"};
    if (Status status = checkSha256(*sha256); !status) return status;
    if (Status status = checkFileName(*name); !status) return status;
    chat().get(*sha256, *name, *size);
    return Ok{};
}

Status JsonlMode::exit(const Command&) {
    input_->setPaused(true);
    onInputEnd();
    return Ok{};
}

Status JsonlMode::disconnect(const Command&) {
    connection_ = Wanted::Cut;
    chat().disconnect();
    return Ok{};
}

Status JsonlMode::reconnect(const Command&) {
    if (connection_ == Wanted::Up)
        return Error{ErrorCode::BadState, "\"reconnect\" needs a \"disconnect\" before"};
    connection_ = Wanted::Up;
    chat().reconnect();
    return Ok{};
}

}  // namespace netchat::bot
