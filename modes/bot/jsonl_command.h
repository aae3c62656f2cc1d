#pragma once

// One line of a program's: a JSON object that says what to `do`, with its keys by type. A key of
// another type is refused, never passed over. Pure.

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Object.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::bot {

class JsonlCommand {
  public:
    static Result<JsonlCommand> parse(std::string_view line);

    // What comes back with each answer, as JSON; empty: none. An error where it is too long.
    Result<std::string> ref() const;
    bool has(const std::string& key) const { return object_->has(key); }
    Result<std::string> text(const std::string& key) const;
    Result<std::optional<std::string>> textIfAny(const std::string& key) const;
    Result<uint64_t> number(const std::string& key, std::optional<uint64_t> fallback = {}) const;
    // False where it is missing.
    Result<bool> flag(const std::string& key) const;
    // An error for a key that looks like one of these (separated by blanks), misspelt. Others are
    // the program's own.
    Status checkKeys(std::string_view keys) const;

  private:
    explicit JsonlCommand(Poco::JSON::Object::Ptr object) : object_(std::move(object)) {}

    Poco::JSON::Object::Ptr object_;
};

// A line for a program.
class JsonlAnswer {
  public:
    explicit JsonlAnswer(const char* event) : object_(Poco::JSON_PRESERVE_KEY_ORDER) {
        set("event", event);
    }
    template <class Value>
    JsonlAnswer& set(const char* key, const Value& value) {
        object_.set(key, Poco::Dynamic::Var(value));
        return *this;
    }
    std::string text(std::string_view ref) const;

  private:
    Poco::JSON::Object object_;
};

// A JSON object with one more key at its end; `ref` as JSON, empty: the object as it is.
std::string withRef(std::string json, std::string_view ref);

}  // namespace netchat::bot
