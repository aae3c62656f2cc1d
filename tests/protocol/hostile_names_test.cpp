#include "tests/support/hostile_names.h"

#include <gmock/gmock.h>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/utf8.h"

namespace netchat {
namespace {

using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

TEST(HostileNames, AreManyEnough) {
    EXPECT_GE(test::hostileNames().size(), 100U);
}

TEST(HostileNames, EachBecomesOneThatCannotDoHarm) {
    for (const std::string& name : test::hostileNames()) {
        const std::string safe = safeFileName(name);
        EXPECT_TRUE(checkFileName(safe)) << name << " -> " << safe;
        EXPECT_LE(safe.size(), limits::kFileNameBytesMax) << name;
        EXPECT_EQ(safe.find_first_of(std::string_view("/\\\0", 3)), std::string::npos) << name;
        EXPECT_THAT(safe, Not(StartsWith("."))) << name;
        for (std::string_view rest = safe; !rest.empty();) {
            const char32_t c = utf8::next(rest);
            EXPECT_FALSE(c == utf8::kInvalid || utf8::isControl(c) || utf8::isInvisible(c)) << name;
        }
        EXPECT_EQ(safeFileName(safe), safe);
    }
}

TEST(HostileNames, WhatAClassicClientIsToldStaysInItsFolder) {
    for (const std::string& name : test::hostileNames()) {
        const std::string told = classicFileAnnouncement(name);
        EXPECT_THAT(told, MatchesRegex("[a-zA-Z0-9_+-][a-zA-Z0-9_.+-]*%")) << name;
        EXPECT_TRUE(checkFileName(std::string_view(told).substr(0, told.size() - 1))) << told;
    }
}

TEST(HostileNames, DevicesOfWindowsAreRefusedAndOthersThatLookLikeThemAreNot) {
    for (const char* const device :
         {"con", "NUL.txt", "Aux.tar.gz", "com1", "LPT9.log", "con .x"}) {
        EXPECT_FALSE(checkFileName(device)) << device;
        EXPECT_EQ(safeFileName(device), std::string("_") + device);
    }
    for (const char* const file :
         {"console.log", "communication.txt", "com10", "auxiliary", "null"}) {
        EXPECT_TRUE(checkFileName(file)) << file;
        EXPECT_EQ(safeFileName(file), file);
    }
}

}  // namespace
}  // namespace netchat
