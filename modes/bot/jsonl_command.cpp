#include "modes/bot/jsonl_command.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>
#include <Poco/JSON/Stringifier.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "protocol/nearest.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

// A program's own name for what it asks; one is kept for each command without an answer.
constexpr size_t kRefBytesMax = 1024;

Error badKey(const std::string& key, const std::string& why) {
    return {ErrorCode::BadText, "\"" + key + "\" " + why};
}

}  // namespace

Result<JsonlCommand> JsonlCommand::parse(std::string_view line) {
    try {
        return JsonlCommand(
            Poco::JSON::Parser().parse(std::string(line)).extract<Poco::JSON::Object::Ptr>());
    } catch (const Poco::Exception&) {
        return Error{ErrorCode::BadText,
                     "not a JSON object; a command looks like {\"do\":\"say\",\"text\":\"hello\"}"};
    }
}

Result<std::string> JsonlCommand::ref() const {
    if (!has("ref")) return std::string();
    std::ostringstream out;
    Poco::JSON::Stringifier::stringify(object_->get("ref"), out);
    std::string text = escapedJson(utf8::repaired(out.str()));
    if (text.size() <= kRefBytesMax) return text;
    return badKey("ref", "can have at most " + std::to_string(kRefBytesMax) + " bytes");
}

Result<std::string> JsonlCommand::text(const std::string& key) const {
    const Poco::Dynamic::Var value = object_->get(key);
    if (!value.isString()) return badKey(key, "is missing, or is not a string");
    std::string found = value.toString();
    if (!utf8::isValid(found)) return badKey(key, "must be valid UTF-8");
    return found;
}

Result<std::optional<std::string>> JsonlCommand::textIfAny(const std::string& key) const {
    if (!has(key)) return std::optional<std::string>();
    Result<std::string> found = text(key);
    if (!found) return badKey(key, "must be a string");
    return std::optional(std::move(*found));
}

Result<uint64_t> JsonlCommand::number(const std::string& key,
                                      std::optional<uint64_t> fallback) const {
    if (!has(key) && fallback) return *fallback;
    const Poco::Dynamic::Var value = object_->get(key);
    try {
        const bool whole = !value.isEmpty() && value.isInteger() && !value.isBoolean();
        if (whole) return value.convert<Poco::UInt64>();
    } catch (const Poco::Exception&) {
        // below
    }
    return badKey(key, "must be a whole number");
}

Result<bool> JsonlCommand::flag(const std::string& key) const {
    if (!has(key)) return false;
    const Poco::Dynamic::Var value = object_->get(key);
    if (!value.isEmpty() && value.isBoolean()) return value.convert<bool>();
    return badKey(key, "must be true or false");
}

Status JsonlCommand::checkKeys(std::string_view keys) const {
    std::vector<std::string_view> known{"do", "ref"};
    for (std::string_view rest = keys; !rest.empty();) {
        const size_t end = std::min(rest.find(' '), rest.size());
        known.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const auto& [key, value] : *object_) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        const std::string_view near = nearestWord(key, known);
        if (near.empty() || has(std::string(near))) continue;
        return badKey(forLog(key, 60), "is not known; did you mean \"" + std::string(near) + "\"?");
    }
    return Ok{};
}

std::string JsonlAnswer::text(std::string_view ref) const {
    std::ostringstream out;
    object_.stringify(out);
    return withRef(escapedJson(out.str()), ref);
}

std::string withRef(std::string json, std::string_view ref) {
    if (ref.empty()) return json;
    json.pop_back();
    if (json.back() != '{') json += ',';
    return json + "\"ref\":" + std::string(ref) + "}";
}

}  // namespace netchat::bot
