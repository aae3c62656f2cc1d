#include "modes/store/log_line.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <utility>

#include "protocol/file_labels.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::store {

namespace {

using Kind = LogLine::Kind;
using Poco::JSON::Object;

constexpr std::array<std::pair<Kind, const char*>, 7> kKinds{{{Kind::User, "user"},
                                                              {Kind::Users, "users"},
                                                              {Kind::Room, "room"},
                                                              {Kind::Said, "said"},
                                                              {Kind::Message, "message"},
                                                              {Kind::File, "file"},
                                                              {Kind::Lost, "lost"}}};

const char* nameOf(Kind kind) {
    for (const auto& [known, name] : kKinds) {
        if (known == kind) return name;
    }
    return "";
}

Error bad(const std::string& what) {
    return {ErrorCode::BadValue, what};
}

// A text that must be there and be valid; Poco::Exception where it is not there.
std::string text(const Object& object, const char* name) {
    auto value = object.getValue<std::string>(name);
    if (!utf8::isValid(value)) throw Poco::SyntaxException(std::string(name) + " is not UTF-8");
    return value;
}

std::string textOr(const Object& object, const char* name) {
    return object.has(name) ? text(object, name) : std::string();
}

uint64_t number(const Object& object, const char* name) {
    return object.getValue<Poco::UInt64>(name);
}

Status checkLine(const LogLine& line) {
    const bool inRoom = line.kind != Kind::User && line.kind != Kind::Users;
    auto status = inRoom ? checkRoom(line.room) : Status(Ok{});
    if (status && inRoom && line.entry.seq == 0) status = bad("numbers start at 1");
    if (status && inRoom && !line.entry.id.empty()) status = checkId(line.entry.id);
    if (status && line.kind == Kind::Said && line.entry.id.empty()) status = bad("there is no id");
    if (status && line.kind == Kind::Lost && line.entry.size == 0) status = bad("none are lost");
    if (status && line.kind == Kind::File) status = checkSha256(line.entry.sha256);
    return status;
}

LogLine lineOf(const Object& object) {
    LogLine line;
    const auto kind = text(object, "kind");
    const auto* const known =
        std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return kind == k.second; });
    if (known == kKinds.end()) throw Poco::SyntaxException("there is no kind \"" + kind + "\"");
    line.kind = known->first;
    if (line.kind == Kind::Users) {
        line.given = number(object, "given");
        return line;
    }
    KeptEntry& entry = line.entry;
    if (line.kind == Kind::Room) {
        line.room = text(object, "room");
        entry.seq = number(object, "first");
        return line;
    }
    if (line.kind == Kind::Lost) {
        line.room = text(object, "room");
        entry.seq = number(object, "seq");
        entry.size = number(object, "count");
        return line;
    }
    entry.user = number(object, "user");
    if (line.kind == Kind::User) {
        line.nick = text(object, "nick");
        line.secret = text(object, "secret");
        return line;
    }
    line.room = text(object, "room");
    entry.seq = number(object, "seq");
    entry.id = textOr(object, "id");
    if (line.kind == Kind::Said) return line;
    entry.time = object.getValue<Poco::Int64>("time");
    entry.from = text(object, "from");
    entry.kind = line.kind == Kind::File ? EntryKind::File : EntryKind::Message;
    entry.text = text(object, line.kind == Kind::File ? "name" : "text");
    if (line.kind == Kind::File) {
        entry.size = number(object, "size");
        entry.sha256 = text(object, "sha256");
        const std::string folder = textOr(object, "folder");
        std::optional<int64_t> mtime;
        if (object.has("mtime")) mtime = object.getValue<Poco::Int64>("mtime");
        entry.text = fileText({entry.text, folder, mtime});
    }
    return line;
}

void addEntry(Object& object, const LogLine& line) {
    const KeptEntry& entry = line.entry;
    object.set("time", static_cast<Poco::Int64>(entry.time));
    object.set("from", entry.from);
    if (line.kind == Kind::Message) {
        object.set("text", entry.text);
        return;
    }
    const FileLabels labels = parseFileText(entry.text);
    object.set("name", std::string(labels.name));
    if (!labels.folder.empty()) object.set("folder", std::string(labels.folder));
    if (labels.mtime) object.set("mtime", static_cast<Poco::Int64>(*labels.mtime));
    object.set("size", static_cast<Poco::UInt64>(entry.size));
    object.set("sha256", entry.sha256);
}

}  // namespace

std::string toJson(const LogLine& line) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("kind", nameOf(line.kind));
    if (line.kind == Kind::Users) {
        object.set("given", static_cast<Poco::UInt64>(line.given));
    } else if (line.kind == Kind::User) {
        object.set("user", static_cast<Poco::UInt64>(line.entry.user));
        object.set("nick", line.nick);
        object.set("secret", line.secret);
    } else if (line.kind == Kind::Room) {
        object.set("room", line.room);
        object.set("first", static_cast<Poco::UInt64>(line.entry.seq));
    } else if (line.kind == Kind::Lost) {
        object.set("room", line.room);
        object.set("seq", static_cast<Poco::UInt64>(line.entry.seq));
        object.set("count", static_cast<Poco::UInt64>(line.entry.size));
    } else {
        object.set("room", line.room);
        object.set("seq", static_cast<Poco::UInt64>(line.entry.seq));
        object.set("user", static_cast<Poco::UInt64>(line.entry.user));
        if (!line.entry.id.empty()) object.set("id", line.entry.id);
        if (line.isEntry()) addEntry(object, line);
    }
    std::ostringstream out;
    object.stringify(out);
    return escapedJson(out.str()) + '\n';
}

Result<LogLine> logLineOf(const std::string& json) {
    try {
        Poco::JSON::Parser parser;
        const auto object = parser.parse(json).extract<Object::Ptr>();
        LogLine line = lineOf(*object);
        auto status = checkLine(line);
        if (!status) return status.error();
        return line;
    } catch (const Poco::Exception& e) {
        return bad("not a line of an exported log: " + e.displayText());
    }
}

}  // namespace netchat::store
