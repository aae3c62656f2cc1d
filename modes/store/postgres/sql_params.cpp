#include "modes/store/postgres/sql_params.h"

#include <utility>

namespace netchat::store {

namespace {

// Of PostgreSQL's catalog, where they never change.
constexpr unsigned kByteaType = 17, kBigintType = 20;
constexpr unsigned kByteaArrayType = 1001, kBigintArrayType = 1016;

template <class T>
void putBigEndian(std::string& out, T value) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>((value >> shift) & 0xFF));
    }
}

// Dimensions, whether there are NULLs, the elements' type, their count, the first one's index.
std::string arrayHeader(unsigned elementType, size_t count, bool hasNulls) {
    std::string out;
    putBigEndian<uint32_t>(out, count > 0 ? 1 : 0);
    putBigEndian<uint32_t>(out, hasNulls ? 1 : 0);
    putBigEndian<uint32_t>(out, elementType);
    if (count == 0) return out;
    putBigEndian<uint32_t>(out, static_cast<uint32_t>(count));
    putBigEndian<uint32_t>(out, 1);
    return out;
}

}  // namespace

SqlParams& SqlParams::add(unsigned type, std::optional<std::string> value) {
    types_.push_back(type);
    values_.push_back(std::move(value));
    return *this;
}

SqlParams& SqlParams::number(int64_t value) {
    std::string out;
    putBigEndian(out, static_cast<uint64_t>(value));
    return add(kBigintType, std::move(out));
}

SqlParams& SqlParams::bytes(std::string_view value) {
    return add(kByteaType, std::string(value));
}

SqlParams& SqlParams::bytesOrNull(std::string_view value) {
    return value.empty() ? add(kByteaType, {}) : bytes(value);
}

SqlParams& SqlParams::numbers(std::span<const int64_t> values) {
    std::string out = arrayHeader(kBigintType, values.size(), false);
    out.reserve(out.size() + 12 * values.size());
    for (const int64_t value : values) {
        putBigEndian<uint32_t>(out, 8);
        putBigEndian(out, static_cast<uint64_t>(value));
    }
    return add(kBigintArrayType, std::move(out));
}

SqlParams& SqlParams::blobs(std::span<const std::string_view> values) {
    size_t bytes = 0;
    bool hasNulls = false;
    for (const std::string_view value : values) {
        bytes += value.size() + 4;
        hasNulls = hasNulls || value.data() == nullptr;
    }
    std::string out = arrayHeader(kByteaType, values.size(), hasNulls);
    out.reserve(out.size() + bytes);
    for (const std::string_view value : values) {
        constexpr uint32_t kNull = 0xFFFFFFFF;
        putBigEndian<uint32_t>(
            out, value.data() == nullptr ? kNull : static_cast<uint32_t>(value.size()));
        out.append(value);
    }
    return add(kByteaArrayType, std::move(out));
}

std::vector<const char*> SqlParams::values() const {
    std::vector<const char*> pointers;
    for (const auto& value : values_) pointers.push_back(value ? value->data() : nullptr);
    return pointers;
}

std::vector<int> SqlParams::lengths() const {
    std::vector<int> lengths;
    for (const auto& value : values_) {
        lengths.push_back(value ? static_cast<int>(value->size()) : 0);
    }
    return lengths;
}

std::vector<int> SqlParams::formats() const {
    return std::vector<int>(values_.size(), 1);
}

}  // namespace netchat::store
