#include "modes/store/memory_room_log.h"

#include <gmock/gmock.h>
#include <malloc.h>

namespace netchat::store {
namespace {

using ::testing::ElementsAre;

Draft message(std::string_view room, std::string_view text, std::string_view id = {},
              uint64_t user = 1) {
    Draft draft{room, {}};
    draft.entry.user = user;
    draft.entry.id = id;
    draft.entry.from = "alice";
    draft.entry.text = text;
    draft.entry.time = 1000;
    return draft;
}

Appended appendTo(RoomLog& log, const Draft& draft) {
    const auto appended = log.append({&draft, 1});
    EXPECT_TRUE(appended);
    return appended->at(0);
}

std::vector<std::string> texts(const RoomLog& log, std::string_view room, uint64_t seq = 1) {
    std::vector<std::string> out;
    EXPECT_TRUE(log.read(room, seq, [&](const Entry& entry) {
        out.push_back(std::to_string(entry.seq) + " " + std::string(entry.text));
        return true;
    }));
    return out;
}

// What this process has of the heap; nothing where a sanitizer has one of its own.
size_t allocated() {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

TEST(MemoryRoomLog, NumbersEachRoomFromOneWithoutGaps) {
    MemoryRoomLog log;
    const std::vector<Draft> drafts{message("a", "x"), message("b", "y"), message("a", "z")};
    const auto appended = log.append(drafts);
    ASSERT_TRUE(appended);
    EXPECT_EQ(appended->at(0).seq, 1u);
    EXPECT_EQ(appended->at(1).seq, 1u);
    EXPECT_EQ(appended->at(2).seq, 2u);
    EXPECT_THAT(texts(log, "a"), ElementsAre("1 x", "2 z"));
    EXPECT_THAT(texts(log, "b"), ElementsAre("1 y"));
    EXPECT_EQ(log.range("a").first, 1u);
    EXPECT_EQ(log.range("a").last, 2u);
    EXPECT_EQ(log.durability(), "memory");
}

TEST(MemoryRoomLog, ARoomWithoutEntriesHasAnEmptyRange) {
    const MemoryRoomLog log;
    EXPECT_EQ(log.range("nowhere").first, 1u);
    EXPECT_EQ(log.range("nowhere").last, 0u);
    EXPECT_THAT(texts(log, "nowhere"), ElementsAre());
}

TEST(MemoryRoomLog, GivesBackWhatWasAppended) {
    MemoryRoomLog log;
    Draft draft = message("a", "photo.jpg", "17", 42);
    draft.entry.kind = EntryKind::File;
    const std::string sha(64, 'f');
    draft.entry.sha256 = sha;
    draft.entry.size = 1ULL << 40;
    appendTo(log, draft);
    appendTo(log, message("a", "next"));
    int seen = 0;
    ASSERT_TRUE(log.read("a", 1, [&](const Entry& entry) {
        ++seen;
        EXPECT_EQ(entry.kind, EntryKind::File);
        EXPECT_EQ(entry.seq, 1u);
        EXPECT_EQ(entry.user, 42u);
        EXPECT_EQ(entry.id, "17");
        EXPECT_EQ(entry.from, "alice");
        EXPECT_EQ(entry.text, "photo.jpg");
        EXPECT_EQ(entry.sha256, sha);
        EXPECT_EQ(entry.size, 1ULL << 40);
        EXPECT_EQ(entry.time, 1000);
        return false;  // ends the reading
    }));
    EXPECT_EQ(seen, 1);
}

TEST(MemoryRoomLog, ReadsFromASeq) {
    MemoryRoomLog log;
    for (int i = 0; i < 5; ++i) appendTo(log, message("a", "x"));
    EXPECT_THAT(texts(log, "a", 4), ElementsAre("4 x", "5 x"));
    EXPECT_THAT(texts(log, "a", 6), ElementsAre());
    EXPECT_THAT(texts(log, "a", 0).size(), 5u);
}

TEST(MemoryRoomLog, TakesAnIdOncePerUser) {
    MemoryRoomLog log;
    EXPECT_EQ(appendTo(log, message("a", "first", "1", 1)).seq, 1u);
    EXPECT_EQ(appendTo(log, message("a", "another's", "1", 2)).seq, 2u);
    const Appended again = appendTo(log, message("a", "first", "1", 1));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.seq, 1u);
    EXPECT_THAT(texts(log, "a"), ElementsAre("1 first", "2 another's"));
}

TEST(MemoryRoomLog, FindsADuplicateInTheSameBatch) {
    MemoryRoomLog log;
    const std::vector<Draft> drafts{message("a", "x", "1"), message("a", "x", "1")};
    const auto appended = log.append(drafts);
    EXPECT_FALSE(appended->at(0).duplicate);
    EXPECT_TRUE(appended->at(1).duplicate);
    EXPECT_EQ(appended->at(1).seq, 1u);
}

TEST(MemoryRoomLog, KnowsWhatWasSaidAlready) {
    MemoryRoomLog log({100, 1});
    for (const char* id : {"7", "word", "8"}) appendTo(log, message("a", "kept", id));
    const auto said = log.alreadySaid(message("a", "kept", "7"));
    ASSERT_TRUE(said);
    EXPECT_EQ(said->seq, 1u);
    EXPECT_TRUE(said->duplicate);
    EXPECT_FALSE(said->elsewhere);
    EXPECT_EQ(log.alreadySaid(message("a", "kept", "word"))->seq, 2u);
    EXPECT_TRUE(log.alreadySaid(message("b", "kept", "7"))->elsewhere);
    EXPECT_FALSE(log.alreadySaid(message("a", "new", "9")));
    EXPECT_FALSE(log.alreadySaid(message("a", "another's", "7", 2)));
    EXPECT_FALSE(log.alreadySaid(message("a", "without an id")));
    EXPECT_EQ(log.range("a").last, 3u) << "asking writes nothing";
    EXPECT_EQ(log.range("b").last, 0u);
    appendTo(log, message("a", std::string(100'000, 'x'), "10"));
    EXPECT_FALSE(log.alreadySaid(message("a", "kept", "7"))) << "it is kept no longer";
}

TEST(MemoryRoomLog, TakesEveryEntryWithoutAnId) {
    MemoryRoomLog log;
    EXPECT_FALSE(appendTo(log, message("a", "x")).duplicate);
    EXPECT_FALSE(appendTo(log, message("a", "x")).duplicate);
}

TEST(MemoryRoomLog, ForgetsTheOldestBeyondItsBytes) {
    MemoryRoomLog log({200'000, 1'000'000});
    const std::string text(10'000, 'x');
    for (int i = 1; i <= 100; ++i) {
        EXPECT_EQ(appendTo(log, message("a", text, std::to_string(i))).seq,
                  static_cast<uint64_t>(i));
    }
    const Range kept = log.range("a");
    EXPECT_EQ(kept.last, 100u);
    EXPECT_GT(kept.first, 80u);  // no more than was allowed
    EXPECT_LE(kept.first, 91u);  // and not much less
    EXPECT_EQ(texts(log, "a").size(), kept.last - kept.first + 1);
    EXPECT_EQ(texts(log, "a", 1).front().substr(0, 3), std::to_string(kept.first) + " ");
}

TEST(MemoryRoomLog, ForgetsTheOldestBeyondItsCount) {
    MemoryRoomLog log({1 << 30, 50});
    const std::string text(30'000, 'x');
    for (int i = 0; i < 200; ++i) appendTo(log, message("a", text));
    EXPECT_LE(log.range("a").last - log.range("a").first + 1, 50u);
    EXPECT_GE(log.range("a").last - log.range("a").first + 1, 40u);
}

TEST(MemoryRoomLog, KeepsTheNewestHoweverLong) {
    MemoryRoomLog log({100, 1});
    appendTo(log, message("a", std::string(1 << 20, 'x'), "1"));
    EXPECT_EQ(texts(log, "a").size(), 1u);
    appendTo(log, message("a", std::string(1 << 20, 'y'), "2"));
    ASSERT_EQ(texts(log, "a").size(), 1u);
    EXPECT_EQ(texts(log, "a")[0].substr(0, 3), "2 y");
}

TEST(MemoryRoomLog, TakesTheIdOfAForgottenEntryAgain) {
    MemoryRoomLog log({100, 1});
    const std::string text(100'000, 'x');
    appendTo(log, message("a", text, "1"));
    appendTo(log, message("a", text, "2"));
    appendTo(log, message("b", text, "3"));
    EXPECT_FALSE(appendTo(log, message("a", text, "1")).duplicate);
    EXPECT_TRUE(appendTo(log, message("a", text, "1")).duplicate);
    EXPECT_TRUE(appendTo(log, message("b", text, "3")).duplicate);
}

// One entry that is kept for long must not keep the ids of all that were forgotten since.
TEST(MemoryRoomLog, WhatABusyRoomForgetsCostsNothingThoughAQuietOneKeepsWhatIsOlder) {
    MemoryRoomLog log({1'000'000, 2000});
    appendTo(log, message("quiet", "x", "1"));
    const auto say = [&log](int from, int to) {
        for (int i = from; i <= to; ++i) appendTo(log, message("busy", "x", std::to_string(i)));
    };
    say(2, 50'000);
    const size_t before = allocated();
    say(50'001, 500'000);
    EXPECT_LT(allocated(), before + 1'000'000);
    EXPECT_TRUE(appendTo(log, message("quiet", "x", "1")).duplicate);
    EXPECT_TRUE(appendTo(log, message("busy", "x", "500000")).duplicate);
    EXPECT_TRUE(appendTo(log, message("busy", "x", "499000")).duplicate);
    EXPECT_FALSE(appendTo(log, message("busy", "x", "100")).duplicate);
    EXPECT_TRUE(appendTo(log, message("busy", "x", "100")).duplicate);
}

TEST(MemoryRoomLog, AnIdIsKnownAcrossRooms) {
    MemoryRoomLog log;
    appendTo(log, message("b", "x"));
    appendTo(log, message("b", "said", "1"));
    const Appended again = appendTo(log, message("a", "said", "1"));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.seq, 2u);
    EXPECT_EQ(log.range("a").last, 0u);
}

}  // namespace
}  // namespace netchat::store
