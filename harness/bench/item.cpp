#include "harness/bench/item.h"

#include "protocol/field.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::harness {

namespace {

// Reads fields one after the other.
struct Cursor {
    std::string_view bytes;
    size_t width;
    size_t at = 0;
    bool broken = false;

    // False: it is not whole, or broken.
    bool length(uint64_t& value) {
        if (bytes.size() - at < width) return false;
        const auto parsed = parseHeader(bytes.substr(at, width));
        broken = !parsed;
        if (broken) return false;
        value = *parsed;
        at += width;
        return true;
    }
    bool field(std::string_view& text) {
        uint64_t size = 0;
        if (!length(size)) return false;
        broken = size > limits::kFrameBytesMax;
        if (broken || bytes.size() - at < size) return false;
        text = bytes.substr(at, size);
        at += size;
        return true;
    }
    WireItem end(WireItem::Kind kind, std::string_view text, uint64_t follow = 0) const {
        return {kind, at, text, follow};
    }
    WireItem none() const { return {broken ? WireItem::Kind::Broken : WireItem::Kind::Part}; }
};

WireItem firstClassic(Cursor cursor) {
    std::string_view user, text, time;
    if (!cursor.field(user) || !cursor.field(text)) return cursor.none();
    if (!text.empty() && text.back() == '%') {
        uint64_t size = 0;
        if (!cursor.length(size)) return cursor.none();
        return cursor.end(WireItem::Kind::Bytes, text, size);
    }
    if (!cursor.field(time)) return cursor.none();
    return cursor.end(WireItem::Kind::Text, text);
}

WireItem firstV2(Cursor cursor) {
    uint64_t size = 0;
    if (!cursor.length(size)) return cursor.none();
    if (size > limits::kFrameBytesMax) return {WireItem::Kind::Broken};
    const std::string_view there = cursor.bytes.substr(cursor.at, size);
    const size_t head = there.find('\n');
    if (head == there.npos)
        return {there.size() < size ? WireItem::Kind::Part : WireItem::Kind::Broken};
    const std::string_view verb = there.substr(0, there.find_first_of("\t\n"));
    if (verb == v2::Data::kVerb) {
        cursor.at += head + 1;
        return cursor.end(WireItem::Kind::Bytes, there.substr(0, head + 1), size - head - 1);
    }
    if (there.size() < size) return {};
    cursor.at += size;
    if (verb == v2::Msg::kVerb) return cursor.end(WireItem::Kind::Text, there.substr(head + 1));
    return cursor.end(WireItem::Kind::Frame, there);
}

}  // namespace

WireItem firstItem(Dialect dialect, size_t headerWidth, std::string_view bytes) {
    return dialect == Dialect::Classic ? firstClassic({bytes, headerWidth})
                                       : firstV2({bytes, limits::kHeaderWidth});
}

size_t firstField(size_t headerWidth, std::string_view bytes) {
    Cursor cursor{bytes, headerWidth};
    std::string_view text;
    return cursor.field(text) ? cursor.at : 0;
}

}  // namespace netchat::harness
