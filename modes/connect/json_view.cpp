#include "modes/connect/json_view.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sstream>

#include "modes/client/event_json.h"
#include "modes/connect/command_table.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object newObject() {
    return Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

std::string jsonTextOf(const Object& object) {
    std::ostringstream out;
    object.stringify(out);
    return escapedJson(out.str());
}

const char* stateName(KnownFile::State state) {
    switch (state) {
        case KnownFile::State::Own:
            return "own";
        case KnownFile::State::Offered:
            return "offered";
        case KnownFile::State::Wanted:
            return "wanted";
        case KnownFile::State::Received:
            return "received";
        case KnownFile::State::Failed:
            return "failed";
    }
    return "";
}

const char* stateName(client::Transfer::State state) {
    switch (state) {
        case client::Transfer::State::Waiting:
            return "waiting";
        case client::Transfer::State::Hashing:
            return "hashing";
        case client::Transfer::State::Moving:
            return "moving";
    }
    return "";
}

Object objectOf(const client::Transfer& transfer) {
    Object line = newObject();
    line.set("upload", transfer.upload);
    line.set("id", utf8::repaired(transfer.id));
    line.set("sha256", utf8::repaired(transfer.sha256));
    line.set("room", utf8::repaired(transfer.room));
    line.set("name", utf8::repaired(transfer.name));
    line.set("done", transfer.done);
    line.set("size", transfer.size);
    line.set("state", stateName(transfer.state));
    return line;
}

}  // namespace

void JsonView::show(const client::Event& event, const FormatContext&) {
    out_.line(client::toJson(event));
}

void JsonView::showFiles(std::span<const KnownFile> files) {
    Array lines;
    for (const auto& file : files) {
        Object line = newObject();
        line.set("number", file.number);
        line.set("room", utf8::repaired(file.room));
        line.set("from", utf8::repaired(file.from));
        line.set("name", utf8::repaired(file.name));
        line.set("size", file.size);
        line.set("sha256", utf8::repaired(file.sha256));
        line.set("state", stateName(file.state));
        lines.add(line);
    }
    Object object = newObject();
    object.set("event", "files");
    object.set("files", lines);
    out_.line(jsonTextOf(object));
}

void JsonView::showTransfers(const client::Transfers& transfers, std::span<const size_t> numbers) {
    Array lines;
    for (size_t i = 0; i < transfers.all.size(); ++i) {
        Object line = objectOf(transfers.all[i]);
        line.set("number", static_cast<uint64_t>(numbers[i]));
        lines.add(line);
    }
    Object object = newObject();
    object.set("event", "transfers");
    object.set("total", static_cast<uint64_t>(transfers.total));
    object.set("transfers", lines);
    out_.line(jsonTextOf(object));
}

void JsonView::showHelp() {
    Array lines;
    for (const auto& help : helpLines()) {
        Object line = newObject();
        line.set("usage", std::string(help.usage));
        line.set("meaning", std::string(help.meaning));
        lines.add(line);
    }
    Object object = newObject();
    object.set("event", "help");
    object.set("commands", lines);
    out_.line(jsonTextOf(object));
}

void JsonView::status(Level level, std::string_view text) {
    Object object = newObject();
    object.set("event", "status");
    object.set("level", level == Level::Trouble ? "trouble" : "note");
    object.set("text", utf8::repaired(text));
    out_.line(jsonTextOf(object));
    if (level == Level::Trouble) err_.line("netchat: " + std::string(text));
}

OutputState JsonView::flush() {
    err_.flush();
    return out_.flush();
}

}  // namespace netchat::connect
