#include "harness/journal/flat_json.h"

#include <algorithm>
#include <charconv>

#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::harness {

namespace {

constexpr size_t kItemsMax = 32;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

Status FlatJson::parse(std::string_view line) {
    rest_ = line;
    count_ = 0;
    const Error bad{ErrorCode::BadHead, "it is not one JSON object of texts, numbers and booleans"};
    if (!utf8::isValid(line) || !take('{')) return bad;
    if (take('}')) return rest_.empty() ? Status(Ok{}) : Status(bad);
    do {
        if (count_ == kItemsMax) return Error{ErrorCode::TooMany, "it has too many members"};
        if (count_ == items_.size()) items_.emplace_back();
        Item& item = items_[count_];
        if (!takeItem(item)) return bad;
        if (has(item.name))
            return Error{ErrorCode::BadHead, "it has \"" + forLog(item.name) + "\" twice"};
        ++count_;
    } while (take(','));
    if (!take('}') || !rest_.empty()) return bad;
    return Ok{};
}

std::string_view FlatJson::text(std::string_view name) const {
    const Item* item = find(name);
    return item != nullptr && item->type == Type::Text ? item->text : std::string_view();
}

bool FlatJson::isTrue(std::string_view name) const {
    const Item* item = find(name);
    return item != nullptr && item->type == Type::Boolean && item->number == 1;
}

Result<uint64_t> FlatJson::number(std::string_view name, uint64_t absent, uint64_t most) const {
    const Item* item = find(name);
    if (item == nullptr) return absent;
    if (item->type == Type::Number && item->number <= most) return item->number;
    return Error{
        ErrorCode::BadHead,
        "\"" + std::string(name) + "\" must be a whole number from 0 to " + std::to_string(most)};
}

const FlatJson::Item* FlatJson::find(std::string_view name) const {
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto at =
        std::find_if(items_.begin(), end, [&](const Item& i) { return i.name == name; });
    return at == end ? nullptr : &*at;
}

bool FlatJson::take(char expected) {
    const size_t blanks = std::min(rest_.find_first_not_of(" \t\r"), rest_.size());
    std::string_view after = rest_.substr(blanks);
    if (!after.starts_with(expected)) return false;
    after.remove_prefix(1);
    // Blanks behind a closing brace belong to it: a line may end in them.
    after.remove_prefix(std::min(after.find_first_not_of(" \t\r"), after.size()));
    rest_ = after;
    return true;
}

bool FlatJson::takeItem(Item& item) {
    return takeString(item.name) && take(':') && takeValue(item);
}

bool FlatJson::takeString(std::string& out) {
    out.clear();
    if (!rest_.starts_with('"')) return false;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
        const char c = rest_.front();
        if (static_cast<unsigned char>(c) < ' ') return false;
        rest_.remove_prefix(1);
        if (c == '"') return true;
        if (c != '\\') {
            out += c;
        } else if (!takeEscape(out)) {
            return false;
        }
    }
    return false;
}

bool FlatJson::takeEscape(std::string& out) {
    constexpr std::string_view kSigns = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const char sign = rest_.front();
    rest_.remove_prefix(1);
    if (const size_t at = kSigns.find(sign); at != std::string_view::npos) {
        out += kMeanings[at];
        return true;
    }
    uint32_t unit = 0;
    if (sign != 'u' || !takeUnit(unit)) return false;
    if (unit >= 0xD800 && unit < 0xDC00) {
        uint32_t low = 0;
        if (!rest_.starts_with("\\u")) return false;
        rest_.remove_prefix(2);
        if (!takeUnit(low) || low < 0xDC00 || low > 0xDFFF) return false;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
        return false;
    }
    utf8::append(out, unit);
    return true;
}

bool FlatJson::takeUnit(uint32_t& unit) {
    if (rest_.size() < 4) return false;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + 4, unit, 16);
    if (error != std::errc() || end != rest_.data() + 4) return false;
    rest_.remove_prefix(4);
    return true;
}

bool FlatJson::takeValue(Item& item) {
    if (rest_.starts_with('"')) {
        item.type = Type::Text;
        if (!takeString(item.text)) return false;
    } else if (rest_.starts_with("true") || rest_.starts_with("false")) {
        item.type = Type::Boolean;
        item.number = rest_.front() == 't';
        rest_.remove_prefix(item.number == 1 ? 4 : 5);
    } else {
        item.type = Type::Number;
        const auto [end, error] =
            std::from_chars(rest_.data(), rest_.data() + rest_.size(), item.number);
        const size_t used = static_cast<size_t>(end - rest_.data());
        if (error != std::errc() || (used > 1 && rest_.front() == '0')) return false;
        if (used < rest_.size() && (isDigit(rest_[used]) || rest_[used] == '.')) return false;
        rest_.remove_prefix(used);
    }
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size()));
    return true;
}

}  // namespace netchat::harness
