#pragma once

// The parameters of one statement for PostgreSQL in its binary format: numbers in network order,
// arrays of one dimension. Pure.
// https://www.postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::store {

// One thread.
class SqlParams {
  public:
    SqlParams& number(int64_t value);                            // bigint
    SqlParams& bytes(std::string_view value);                    // bytea
    SqlParams& bytesOrNull(std::string_view value);              // empty: NULL
    SqlParams& numbers(std::span<const int64_t> values);         // bigint[]
    SqlParams& blobs(std::span<const std::string_view> values);  // bytea[]; no data: NULL

    size_t size() const { return values_.size(); }
    // As PQsendQueryParams() takes them; valid until something is added.
    std::vector<unsigned> types() const { return types_; }
    std::vector<const char*> values() const;
    std::vector<int> lengths() const;
    std::vector<int> formats() const;

  private:
    SqlParams& add(unsigned type, std::optional<std::string> value);

    std::vector<unsigned> types_;
    std::vector<std::optional<std::string>> values_;  // none: NULL
};

}  // namespace netchat::store
