#include "modes/bot/heard_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::bot {
namespace {

namespace event = client::event;
using testing::HasSubstr;

HeardFilter filter(const std::vector<std::string>& matches,
                   const std::vector<std::string>& nicks = {}) {
    auto made = HeardFilter::make(matches, nicks);
    if (!made) throw std::runtime_error(made.error().text);
    return std::move(*made);
}

event::Message message(std::string_view from, std::string_view text) {
    return {.from = from, .text = text};
}

event::File file(std::string_view from, std::string_view name, uint64_t size = 5) {
    return {.from = from, .name = name, .size = size};
}

bool fits(const HeardFilter& filter, const event::Message& message) {
    std::string warning;
    return filter.fitsText(message.from, message.text, warning);
}

bool fits(const HeardFilter& filter, const event::File& file) {
    return filter.fitsFile(file.from, file.name);
}

TEST(HeardFilter, WithoutAnythingAllFits) {
    const HeardFilter all = filter({});
    EXPECT_FALSE(all.filters());
    EXPECT_TRUE(fits(all, message("al", "hello")));
    EXPECT_TRUE(fits(all, file("al", "x.tar")));
}

TEST(HeardFilter, ARegularExpressionIsOfTheText) {
    const HeardFilter builds = filter({"/^build \\d+ (failed|ok)$/i", "/a\\/b/"});
    EXPECT_TRUE(fits(builds, message("ci", "Build 12 FAILED")));
    EXPECT_TRUE(fits(builds, message("ci", "see a/b")));
    EXPECT_FALSE(fits(builds, message("ci", "build x failed")));
    EXPECT_FALSE(fits(builds, file("ci", "build 12 failed")));
}

TEST(HeardFilter, AGlobIsOfAFilesName) {
    const HeardFilter backups = filter({"*.tar", "photo-[0-9]?.jpg"});
    EXPECT_TRUE(fits(backups, file("al", "home.tar")));
    EXPECT_TRUE(fits(backups, file("al", "photo-1ж.jpg")));
    EXPECT_FALSE(fits(backups, file("al", "home.tar.gz")));
    EXPECT_FALSE(fits(backups, file("al", "photo-x1.jpg")));
    EXPECT_FALSE(fits(backups, message("al", "home.tar")));
}

TEST(HeardFilter, ANickIsOfBoth) {
    const HeardFilter some = filter({"/ready/", "*.tar"}, {"al", "bob"});
    EXPECT_TRUE(fits(some, message("al", "ready")));
    EXPECT_TRUE(fits(some, file("bob", "x.tar")));
    EXPECT_FALSE(fits(some, message("eve", "ready")));
    EXPECT_FALSE(fits(some, file("eve", "x.tar")));
    EXPECT_TRUE(fits(filter({}, {"al"}), message("al", "anything")));
}

TEST(HeardFilter, WhatFitsIsFetchedWhateverItsSize) {
    const HeardFilter backups = filter({"*.tar"}, {"al"});
    EXPECT_TRUE(backups.fetches(file("al", "x.tar", 1000), 10));
    EXPECT_FALSE(backups.fetches(file("al", "x.zip", 1), 10));
    EXPECT_FALSE(backups.fetches(file("eve", "x.tar", 1), 10));
    const HeardFilter al = filter({}, {"al"});
    EXPECT_TRUE(al.fetches(file("al", "x.zip", 10), 10));
    EXPECT_FALSE(al.fetches(file("al", "x.zip", 11), 10));
    EXPECT_FALSE(filter({"/x/"}).fetches(file("al", "x", 1), 10));
}

TEST(HeardFilter, AStrangersLongTextDoesNotFitAndIsTold) {
    const HeardFilter slow = filter({"/(x+x+)+[yz]/"});
    std::string warning;
    EXPECT_FALSE(slow.fitsText("eve", std::string(1 << 20, 'x'), warning));
    EXPECT_THAT(warning, HasSubstr("a message counts as no match: "));
}

TEST(HeardFilter, WhatIsNoneIsRefusedWithTheReason) {
    const auto refusal = [](const std::string& match) {
        const auto made = HeardFilter::make({match}, {});
        return made ? "" : made.error().text;
    };
    EXPECT_THAT(refusal("/open"), HasSubstr("must end with a slash"));
    EXPECT_THAT(refusal("/"), HasSubstr("must end with a slash"));
    EXPECT_THAT(refusal("/(/"), testing::Not(""));
    EXPECT_THAT(refusal("/x/q"), testing::Not(""));
    EXPECT_THAT(refusal("[a"), HasSubstr("bracket"));
    EXPECT_THAT(refusal(""), HasSubstr("must be"));
}

}  // namespace
}  // namespace netchat::bot
