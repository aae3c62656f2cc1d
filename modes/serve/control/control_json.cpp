#include "modes/serve/control/control_json.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/JSONString.h>

#include <algorithm>
#include <sstream>

#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::serve {

namespace {

using Poco::JSON::Object;

// A request is flat; what is deeper is none.
constexpr size_t kDepthMax = 4;

std::string lineOf(const Object& object) {
    std::ostringstream out;
    object.stringify(out);
    return escapedJson(out.str()) + "\n";
}

std::string quoted(const std::string& text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '/';
    });
    if (plain) return '"' + text + '"';
    return escapedJson(Poco::toJSON(utf8::repaired(text)));
}

// By hand: an answer may have as many rows as there are users, and the loop has them to serve.
void appendValue(std::string& out, const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
        out += quoted(*text);
    } else if (const auto* number = std::get_if<int64_t>(&cell)) {
        out += std::to_string(*number);
    } else if (const auto* flag = std::get_if<bool>(&cell)) {
        out += *flag ? "true" : "false";
    } else {
        const char* before = "[";
        for (const auto& item : std::get<std::vector<std::string>>(cell)) {
            out += before + quoted(item);
            before = ",";
        }
        out += *before == '[' ? "[]" : "]";
    }
}

void appendRow(std::string& out, const Row& row) {
    char before = '{';
    for (const auto& [name, cell] : row) {
        out += before;
        out.append("\"").append(name).append("\":");
        appendValue(out, cell);
        before = ',';
    }
    out += "}\n";
}

// POCO makes texts of everything.
std::string textIn(const Object& object, const char* key) {
    const auto value = object.get(key);
    if (!value.isString()) throw Poco::DataException(std::string("'") + key + "' is not a text");
    return value.extract<std::string>();
}

bool flagIn(const Object& object, const char* key) {
    if (!object.has(key)) return false;
    const auto value = object.get(key);
    if (!value.isBoolean())
        throw Poco::DataException(std::string("'") + key + "' is not true or false");
    return value.extract<bool>();
}

Error wrong(const std::string& why) {
    return {ErrorCode::BadText, "invalid request: " + forLog(why, 200)};
}

}  // namespace

std::string toJsonLine(const AdminCommand& order) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("v", kControlVersion);
    object.set("act", std::string(actionName(order.act)));
    if (!order.target.empty()) object.set("target", order.target);
    if (order.text) object.set("text", *order.text);
    if (order.forMs > 0) object.set("for_ms", static_cast<Poco::Int64>(order.forMs));
    if (order.address) object.set("address", true);
    if (order.force) object.set("force", true);
    if (order.beforeMs > 0) object.set("before_ms", static_cast<Poco::Int64>(order.beforeMs));
    return lineOf(object);
}

Result<AdminCommand> orderOf(std::string_view line) {
    try {
        Poco::JSON::Parser parser;
        parser.setDepth(kDepthMax);
        const auto object = parser.parse(std::string(line)).extract<Object::Ptr>();
        if (object->getValue<int>("v") != kControlVersion) {
            return wrong("its version is not " + std::to_string(kControlVersion));
        }
        const auto name = textIn(*object, "act");
        const auto act = actionNamed(name);
        if (!act) return wrong("unknown action '" + name + "'");
        AdminCommand order;
        order.act = *act;
        if (object->has("target")) order.target = textIn(*object, "target");
        if (object->has("text")) order.text = textIn(*object, "text");
        if (object->has("for_ms")) order.forMs = object->getValue<Poco::Int64>("for_ms");
        order.address = flagIn(*object, "address");
        order.force = flagIn(*object, "force");
        if (order.forMs < 0) return wrong("'for_ms' is below 0");
        if (object->has("before_ms")) order.beforeMs = object->getValue<Poco::Int64>("before_ms");
        if (order.beforeMs < 0) return wrong("'before_ms' is below 0");
        return order;
    } catch (const Poco::Exception& e) {
        return wrong(e.displayText());
    }
}

std::string toJsonLines(const Answer& answer) {
    std::string lines;
    for (const Row& row : answer.rows) appendRow(lines, row);
    Object end(Poco::JSON_PRESERVE_KEY_ORDER);
    end.set("v", kControlVersion);
    end.set("ok", static_cast<bool>(answer.status));
    if (!answer.status) end.set("code", std::string(errorName(answer.status.error().code)));
    const std::string& text = answer.status ? answer.text : answer.status.error().text;
    end.set("text", utf8::repaired(text));
    return lines + lineOf(end);
}

}  // namespace netchat::serve
