#pragma once

// Reads one line of JSON that is an object of strings, whole numbers and booleans: all that a
// journal's lines consist of. Strict: anything else is an error. Pure; one thread per object.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.h"

namespace netchat::harness {

class FlatJson {
  public:
    // Replaces what was read before. Duplicate names are refused.
    Status parse(std::string_view line);

    bool has(std::string_view name) const { return find(name) != nullptr; }
    // Empty for a value that is not there or not a string.
    std::string_view text(std::string_view name) const;
    bool isTrue(std::string_view name) const;
    // The value, or `absent` when the name is not there; an Error unless it is from 0 to `most`.
    Result<uint64_t> number(std::string_view name, uint64_t absent, uint64_t most) const;
    size_t size() const { return count_; }

  private:
    enum class Type { Text, Number, Boolean };
    struct Item {
        std::string name, text;
        uint64_t number = 0;
        Type type = Type::Text;
    };

    const Item* find(std::string_view name) const;
    bool take(char expected);
    bool takeItem(Item& item);
    bool takeString(std::string& out);
    bool takeEscape(std::string& out);
    bool takeUnit(uint32_t& unit);
    bool takeValue(Item& item);

    std::string_view rest_;
    std::vector<Item> items_;  // kept for the next line: their strings' memory is used again
    size_t count_ = 0;
};

}  // namespace netchat::harness
