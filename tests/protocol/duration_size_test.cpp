#include <gtest/gtest.h>

#include "protocol/duration.h"
#include "protocol/size_text.h"

namespace netchat {
namespace {

int64_t ms(std::string_view text) {
    Result<int64_t> result = parseDuration(text);
    return result ? *result : -1;
}

int64_t bytes(std::string_view text) {
    Result<uint64_t> result = parseSize(text);
    return result ? static_cast<int64_t>(*result) : -1;
}

TEST(Duration, ReadsEachUnit) {
    EXPECT_EQ(ms("500ms"), 500);
    EXPECT_EQ(ms("5s"), 5'000);
    EXPECT_EQ(ms("2m"), 120'000);
    EXPECT_EQ(ms("1h"), 3'600'000);
    EXPECT_EQ(ms("0"), 0);
    EXPECT_EQ(ms("0s"), 0);
    EXPECT_EQ(ms("365m"), 365 * 60'000);
    EXPECT_EQ(ms("90d"), 7'776'000'000);
    EXPECT_EQ(ms("36500d"), kDurationMsMax);
}

TEST(Duration, RefusesWhatIsNotOne) {
    for (const char* text : {"", "5", "s", "-5s", "-0s", "+5s", "5 s", " 5s", "5s ", "1.5s", "5sec",
                             "5S", "36501d", "99999999999999999999s", "9223372036854775807h"}) {
        EXPECT_EQ(ms(text), -1) << text;
    }
}

TEST(Duration, ErrorsSayWhatWouldBeRight) {
    EXPECT_NE(parseDuration("5").error().text.find("5s, 2m, 1h"), std::string::npos);
}

TEST(Duration, TextIsReadAgain) {
    for (int64_t value : {int64_t{0}, int64_t{1}, int64_t{1500}, int64_t{5'000}, int64_t{90'000},
                          int64_t{7'200'000}, kDurationMsMax}) {
        EXPECT_EQ(ms(durationText(value)), value) << durationText(value);
    }
    EXPECT_EQ(durationText(120'000), "2m");
}

TEST(Size, ReadsEachUnit) {
    EXPECT_EQ(bytes("1048576"), 1048576);
    EXPECT_EQ(bytes("0"), 0);
    EXPECT_EQ(bytes("7B"), 7);
    EXPECT_EQ(bytes("1KiB"), 1024);
    EXPECT_EQ(bytes("64MiB"), 64 * 1024 * 1024);
    EXPECT_EQ(bytes("2GiB"), 2LL * 1024 * 1024 * 1024);
    EXPECT_EQ(bytes("1TiB"), 1024LL * 1024 * 1024 * 1024);
    EXPECT_EQ(bytes("1kB"), 1000);
    EXPECT_EQ(bytes("10MB"), 10'000'000);
    EXPECT_EQ(bytes("10gb"), 10'000'000'000);
    EXPECT_EQ(bytes("64mib"), 64 * 1024 * 1024);
}

TEST(Size, RefusesWhatIsNotOne) {
    for (const char* text : {"", "MiB", "-1", "+1", "1.5GiB", "1 MiB", "64M", "1MiBs",
                             "99999999999999999999", "99999999999TiB"}) {
        EXPECT_EQ(bytes(text), -1) << text;
    }
}

TEST(Size, IsShownShort) {
    EXPECT_EQ(sizeText(0), "0 B");
    EXPECT_EQ(sizeText(1023), "1023 B");
    EXPECT_EQ(sizeText(1536), "1.5 KiB");
    EXPECT_EQ(sizeText(8 * 1024 * 1024), "8.0 MiB");
    EXPECT_EQ(sizeText(2048ULL * 1024 * 1024 - 1), "1.9 GiB");
    EXPECT_EQ(sizeText(~0ULL), "16383.9 PiB");
}

}  // namespace
}  // namespace netchat
