#pragma once

// The checksum of a row: a CRC-32 over the values of its columns, each with its kind and length, so
// that no two rows are spelled alike. It finds every flip of up to three bits in a row of 11 KiB,
// and all but one in four thousand million of what else may happen to it: SQLite's pages have none.
//
// In SQL it is row_sum(value, …): 0 … 2^32 - 1; NULL counts as no bytes, as texts are kept here.

#include <Poco/Checksum.h>

#include <array>
#include <cstdint>
#include <string_view>

struct sqlite3;

namespace netchat::store {

class RowSum {
  public:
    RowSum& add(uint64_t number);
    RowSum& add(std::string_view bytes);
    uint32_t value();

  private:
    void put(const char* data, size_t size);
    void put(char tag, uint64_t number);
    void flush();

    Poco::Checksum sum_;
    std::array<char, 512> held_;  // most rows are summed in one go
    size_t used_ = 0;
};

// Makes row_sum() known to this connection.
void addRowSum(sqlite3* database);

}  // namespace netchat::store
