#include "protocol/result.h"

#include <gtest/gtest.h>

#include <set>

namespace netchat {
namespace {

TEST(ErrorName, IsDifferentForEveryCode) {
    std::set<std::string_view> names;
    for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
        names.insert(errorName(static_cast<ErrorCode>(code)));
    }
    EXPECT_EQ(names.size(), static_cast<size_t>(ErrorCode::Internal) + 1);
}

TEST(Result, HoldsAValueOrAnError) {
    Result<int> good = 7;
    EXPECT_TRUE(good);
    EXPECT_EQ(*good, 7);
    const Result<int> bad = Error{ErrorCode::TooLong, "too long"};
    EXPECT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::TooLong);
    EXPECT_EQ(bad.error().text, "too long");
}

}  // namespace
}  // namespace netchat
