#include "modes/store/row_sum.h"

#include <sqlite3.h>

#include <cstring>

namespace netchat::store {

namespace {

constexpr char kNumber = 'n', kBytes = 'b';

void rowSum(sqlite3_context* context, int count, sqlite3_value** values) {
    RowSum sum;
    for (int i = 0; i < count; ++i) {
        if (sqlite3_value_type(values[i]) == SQLITE_INTEGER) {
            sum.add(static_cast<uint64_t>(sqlite3_value_int64(values[i])));
            continue;
        }
        // The bytes first: their number is that of what was asked for last.
        const auto* const data = static_cast<const char*>(sqlite3_value_blob(values[i]));
        const auto size = static_cast<size_t>(sqlite3_value_bytes(values[i]));
        sum.add(std::string_view(data ? data : "", data ? size : 0));
    }
    sqlite3_result_int64(context, sum.value());
}

}  // namespace

RowSum& RowSum::add(uint64_t number) {
    put(kNumber, number);
    return *this;
}

RowSum& RowSum::add(std::string_view bytes) {
    put(kBytes, bytes.size());
    put(bytes.data(), bytes.size());
    return *this;
}

uint32_t RowSum::value() {
    flush();
    return sum_.checksum();
}

// Seven bits a byte, as long as there are more.
void RowSum::put(char tag, uint64_t number) {
    std::array<char, 11> bytes;
    size_t size = 0;
    bytes[size++] = tag;
    for (; number > 0x7F; number >>= 7) bytes[size++] = static_cast<char>(number | 0x80);
    bytes[size++] = static_cast<char>(number);
    put(bytes.data(), size);
}

void RowSum::put(const char* data, size_t size) {
    if (size > held_.size() - used_) flush();
    if (size > held_.size()) {
        sum_.update(data, static_cast<unsigned>(size));
        return;
    }
    if (size > 0) std::memcpy(held_.data() + used_, data, size);
    used_ += size;
}

void RowSum::flush() {
    if (used_ > 0) sum_.update(held_.data(), static_cast<unsigned>(used_));
    used_ = 0;
}

void addRowSum(sqlite3* database) {
    sqlite3_create_function_v2(database, "row_sum", -1,
                               SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                               rowSum, nullptr, nullptr, nullptr);
}

}  // namespace netchat::store
