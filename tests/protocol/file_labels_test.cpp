// What travels with a file besides its name and its bytes.

#include "protocol/file_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/message_codec.h"

namespace netchat {
namespace {

constexpr int64_t kTime = 1'795'444'560'123;  // 2026-11-23T14:36:00.123Z

TEST(FileLabels, AFolderIsMadeOfNames) {
    for (const char* good : {"project", "project/src", "a b/\xC3\xA9", "a.b/c-d"}) {
        EXPECT_TRUE(checkFolder(good)) << good;
    }
    for (const char* bad :
         {"", "/", "/etc", "a/", "a//b", ".", "..", "../x", "a/../b", "a/./b", ".git", "a/.ssh",
          "a\\b", "a/con", "a/b ", "a\tb", "a/\xff", "\xE2\x80\xAE"}) {
        EXPECT_FALSE(checkFolder(bad)) << bad;
    }
}

TEST(FileLabels, AFolderHasBounds) {
    std::string deep = "a";
    for (size_t i = 1; i < limits::kFolderPartsMax; ++i) deep += "/a";
    EXPECT_TRUE(checkFolder(deep));
    EXPECT_FALSE(checkFolder(deep + "/a"));
    const std::string part(255, 'x');
    EXPECT_TRUE(checkFolder(part + "/" + part + "/" + part + "/" + part));
    EXPECT_FALSE(checkFolder(part + "/" + part + "/" + part + "/" + part + "/x"));
}

TEST(FileLabels, StandBehindTheNameInALog) {
    EXPECT_EQ(fileText({"a.txt"}), "a.txt");
    const std::string all = fileText({"main.c", "project/src", kTime});
    EXPECT_EQ(all, "main.c\tfolder:project/src\tmtime:2026-11-23T14:36:00.123Z");
    for (const FileLabels labels :
         {FileLabels{"a.txt"}, FileLabels{"a.txt", "x"}, FileLabels{"a.txt", {}, kTime},
          FileLabels{"a.txt", "x/y", kTime}}) {
        const std::string text = fileText(labels);
        const FileLabels again = parseFileText(text);
        EXPECT_EQ(again.name, labels.name);
        EXPECT_EQ(again.folder, labels.folder);
        EXPECT_EQ(again.mtime, labels.mtime);
    }
}

TEST(FileLabels, ATimeMayBeTheEpochOrBefore) {
    constexpr int64_t kIn1910 = -1'893'456'000'000;
    EXPECT_EQ(fileText({"a.txt", {}, 0}), "a.txt\tmtime:1970-01-01T00:00:00.000Z");
    EXPECT_EQ(fileText({"a.txt", {}, kIn1910}), "a.txt\tmtime:1910-01-01T00:00:00.000Z");
    for (const int64_t time : {int64_t{0}, int64_t{-1}, kIn1910}) {
        EXPECT_EQ(parseFileText(fileText({"a.txt", {}, time})).mtime, time);
        const std::string sha(64, 'a');
        const std::string wire = v2::encoded(v2::Offer{"lobby", "1", "a.txt", 4, sha, {}, time});
        const auto frame = parseFrame(std::string_view(wire).substr(10));
        ASSERT_TRUE(frame);
        EXPECT_EQ(v2::decode<v2::Offer>(*frame)->mtime, time);
    }
}

TEST(FileLabels, WhatIsNoLabelIsTheName) {
    for (const char* text : {"a.txt", "folder:x", "a\tmtime:yesterday", "a\tother:x", ""}) {
        EXPECT_EQ(parseFileText(text).name, text);
        EXPECT_FALSE(parseFileText(text).mtime);
    }
}

// Who knows the labels reads what is without them, and the other way round.
TEST(FileLabels, AreOptionalOnTheWire) {
    const std::string sha(64, 'a');
    v2::Offer offer{"lobby", "1", "main.c", 4, sha, "project/src", kTime};
    const std::string with = v2::encoded(offer);
    offer.folder = {}, offer.mtime = {};
    EXPECT_EQ(v2::encoded(offer), v2::encoded(v2::Offer{"lobby", "1", "main.c", 4, sha}));
    const auto frame = parseFrame(std::string_view(with).substr(10));
    ASSERT_TRUE(frame);
    const auto old = v2::decode<v2::Offer>(*frame);
    ASSERT_TRUE(old) << old.error().text;
    EXPECT_EQ(old->name, "main.c");
    const auto known = v2::decode<v2::Offer>(*frame);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->folder, "project/src");
    EXPECT_EQ(known->mtime, kTime);
}

}  // namespace
}  // namespace netchat
