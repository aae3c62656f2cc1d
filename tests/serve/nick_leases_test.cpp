#include "modes/serve/hub/nick_leases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "modes/serve/hub/directory.h"
#include "protocol/limits.h"

namespace netchat::serve {
namespace {

constexpr int64_t kDay = 24 * 3600 * int64_t{1000};
constexpr int64_t kLeaseNow = 20'000 * kDay;

class KeptNicks : public store::NickLog {
  public:
    Result<std::vector<store::NickRecord>> nicks() override {
        std::vector<store::NickRecord> all;
        for (const auto& [nick, record] : kept) all.push_back(record);
        return all;
    }
    Status keep(std::span<const store::NickRecord> nicks) override {
        if (full) return Error{ErrorCode::NoRoom, "full"};
        ++writes;
        for (const auto& record : nicks) {
            kept.erase(record.nick);
            if (record.user != 0) kept[record.nick] = record;
        }
        return Ok{};
    }
    std::map<std::string, store::NickRecord> kept;
    int writes = 0;
    bool full = false;
};

class NickLeasesTest : public ::testing::Test {
  protected:
    NickLeasesTest() { EXPECT_TRUE(leases_.open(log_, 30 * kDay, kLeaseNow)); }
    bool isFree(std::string_view nick, UserId user, int64_t nowMs = kLeaseNow) const {
        return leases_.against(nick, user, nowMs) == nullptr;
    }
    KeptNicks log_;
    NickLeases leases_;
};

TEST_F(NickLeasesTest, ANickIsItsFirstUsers) {
    leases_.use("alice", 1, kLeaseNow);
    EXPECT_TRUE(isFree("alice", 1));
    EXPECT_FALSE(isFree("alice", 2));
    EXPECT_FALSE(isFree("alice", 0));
    EXPECT_TRUE(isFree("bob", 2));
}

TEST_F(NickLeasesTest, NobodyElseGetsOneThatLooksLikeIt) {
    leases_.use("alice", 1, kLeaseNow);
    for (const char* nick : {"Alice", "\xD0\xB0lice", "\xEF\xBC\xA1lice", "ALlCE", "A1ICE"}) {
        EXPECT_FALSE(isFree(nick, 2)) << nick;
        EXPECT_TRUE(isFree(nick, 1)) << nick;
    }
}

TEST_F(NickLeasesTest, RunsOutWhenItWasUnusedForItsTime) {
    leases_.use("alice", 1, kLeaseNow);
    leases_.use("alice", 1, kLeaseNow + 10 * kDay);
    EXPECT_FALSE(isFree("alice", 2, kLeaseNow + 40 * kDay - 1));
    EXPECT_TRUE(isFree("alice", 2, kLeaseNow + 40 * kDay));
    leases_.use("alice", 2, kLeaseNow + 40 * kDay);
    EXPECT_FALSE(isFree("alice", 1, kLeaseNow + 40 * kDay));
}

TEST_F(NickLeasesTest, IsThereAfterARestartUnlessItHasRunOut) {
    leases_.use("alice", 1, kLeaseNow);
    leases_.use("bob", 2, kLeaseNow + 20 * kDay);
    ASSERT_TRUE(leases_.save());
    NickLeases later;
    ASSERT_TRUE(later.open(log_, 30 * kDay, kLeaseNow + 31 * kDay));
    EXPECT_EQ(later.against("alice", 3, kLeaseNow + 31 * kDay), nullptr);
    EXPECT_NE(later.against("bob", 3, kLeaseNow + 31 * kDay), nullptr);
    ASSERT_TRUE(later.save());
    EXPECT_EQ(log_.kept.count("alice"), 0u);
}

TEST_F(NickLeasesTest, IsWrittenAgainWhenItCouldNotBe) {
    log_.full = true;
    leases_.use("alice", 1, kLeaseNow);
    EXPECT_FALSE(leases_.save());
    log_.full = false;
    EXPECT_TRUE(leases_.save());
    EXPECT_EQ(log_.kept.at("alice").user, 1u);
}

TEST_F(NickLeasesTest, WhoComesAndGoesOftenIsNotWrittenForThat) {
    for (int i = 0; i < 100; ++i) {
        leases_.use("alice", 1, kLeaseNow + i);
        ASSERT_TRUE(leases_.save());
    }
    EXPECT_EQ(log_.writes, 1);
}

TEST_F(NickLeasesTest, WhoHasManyGivesUpTheOneUnusedForLongest) {
    leases_.use("first", 1, kLeaseNow);
    for (size_t i = 1; i < limits::kNicksPerUserMax; ++i) {
        leases_.use("nick" + std::to_string(i), 1, kLeaseNow + static_cast<int64_t>(i));
    }
    leases_.use("first", 1, kLeaseNow + kDay);
    leases_.use("one-more", 1, kLeaseNow + kDay);
    EXPECT_FALSE(isFree("first", 2));
    EXPECT_FALSE(isFree("one-more", 2));
    EXPECT_TRUE(isFree("nick1", 2));
    EXPECT_FALSE(isFree("nick2", 2));
}

TEST_F(NickLeasesTest, TheOneTakenLastButOneMayBeUnusedForLongest) {
    for (const char* nick : {"nick1", "nick2", "nick3", "last"}) leases_.use(nick, 1, kLeaseNow);
    for (const char* nick : {"nick1", "nick2", "nick3"}) leases_.use(nick, 1, kLeaseNow + kDay);
    leases_.use("one-more", 1, kLeaseNow + kDay);
    EXPECT_TRUE(isFree("last", 2));
    for (const char* nick : {"nick1", "nick2", "nick3", "one-more"}) {
        EXPECT_FALSE(isFree(nick, 2)) << nick;
    }
}

TEST_F(NickLeasesTest, ARollIsCalledAHundredTimesInALease) {
    const int64_t part = 30 * kDay / 100;
    ASSERT_TRUE(leases_.wantsRollCall(kLeaseNow + part));
    EXPECT_FALSE(leases_.wantsRollCall(kLeaseNow + part));
    EXPECT_FALSE(leases_.wantsRollCall(kLeaseNow + 2 * part - 1));
    EXPECT_TRUE(leases_.wantsRollCall(kLeaseNow + 2 * part));
    EXPECT_FALSE(leases_.wantsRollCall(kLeaseNow + 2 * part));
}

TEST_F(NickLeasesTest, ACrowdOfNewNicksTakesNobodysAway) {
    leases_.use("alice", 1, kLeaseNow);
    for (size_t i = 0; i < limits::kNickLeasesMax + 10; ++i) {
        leases_.use("n" + std::to_string(i), i + 2, kLeaseNow);
    }
    EXPECT_FALSE(isFree("alice", 0));
    // Those of them that have run out make room.
    leases_.use("alice", 1, kLeaseNow + 20 * kDay);
    leases_.use("late", 7, kLeaseNow + 31 * kDay);
    EXPECT_FALSE(isFree("late", 0, kLeaseNow + 31 * kDay));
    EXPECT_FALSE(isFree("alice", 0, kLeaseNow + 31 * kDay));
}

TEST_F(NickLeasesTest, AnAddressHoldsSoManyAndKeepsThem) {
    leases_.limitBy(3);
    for (int i = 1; i <= 3; ++i) {
        EXPECT_TRUE(leases_.use("n" + std::to_string(i), static_cast<UserId>(i), kLeaseNow, 77));
    }
    EXPECT_FALSE(leases_.use("n4", 4, kLeaseNow, 77));
    EXPECT_TRUE(isFree("n4", 5));
    EXPECT_FALSE(isFree("n1", 5)) << "nobody else's is taken away";
    EXPECT_TRUE(leases_.use("n1", 1, kLeaseNow + kDay, 77)) << "it is this user's already";
    EXPECT_TRUE(leases_.use("n5", 5, kLeaseNow, 78));
    leases_.free("n2");
    EXPECT_TRUE(leases_.use("n4", 4, kLeaseNow, 77));
}

TEST_F(NickLeasesTest, AFullTableTakesFromTheAddressThatHoldsMost) {
    leases_.limitBy(limits::kNickLeasesMax);
    leases_.use("colleague", 1, kLeaseNow, 66);
    for (size_t i = 0; i < limits::kNickLeasesMax - 2; ++i) {
        leases_.use("n" + std::to_string(i), i + 2, kLeaseNow, 66);
    }
    leases_.use("elsewhere", 900'000, kLeaseNow, 67);
    EXPECT_TRUE(leases_.use("honest", 900'001, kLeaseNow, 68));
    EXPECT_FALSE(isFree("honest", 0));
    EXPECT_FALSE(isFree("elsewhere", 0));
    EXPECT_FALSE(isFree("colleague", 0)) << "who came first keeps what they have";
    EXPECT_TRUE(isFree("n" + std::to_string(limits::kNickLeasesMax - 3), 0));
    EXPECT_FALSE(leases_.use("again", 900'002, kLeaseNow, 66)) << "not by its own";
}

TEST_F(NickLeasesTest, AfterARestartThoseUnusedForLongestGiveWay) {
    for (size_t i = 0; i < limits::kNickLeasesMax; ++i) {
        const std::string nick = "n" + std::to_string(i);
        log_.kept[nick] = {nick, i + 1, kLeaseNow - static_cast<int64_t>(i)};
    }
    NickLeases later;
    ASSERT_TRUE(later.open(log_, 30 * kDay, kLeaseNow));
    EXPECT_TRUE(later.use("honest", 900'001, kLeaseNow, 68));
    EXPECT_NE(later.against("n0", 0, kLeaseNow), nullptr);
    EXPECT_EQ(later.against("n" + std::to_string(limits::kNickLeasesMax - 1), 0, kLeaseNow),
              nullptr);
}

TEST_F(NickLeasesTest, CanBeFreed) {
    leases_.use("alice", 1, kLeaseNow);
    ASSERT_TRUE(leases_.save());
    EXPECT_TRUE(leases_.free("alice"));
    EXPECT_FALSE(leases_.free("alice"));
    EXPECT_TRUE(isFree("alice", 2));
    ASSERT_TRUE(leases_.save());
    EXPECT_TRUE(log_.kept.empty());
}

TEST_F(NickLeasesTest, IsNotLeasedForLongerByAClockThatWasAhead) {
    log_.kept["alice"] = {"alice", 1, kLeaseNow + 5000 * kDay};
    NickLeases later;
    ASSERT_TRUE(later.open(log_, 30 * kDay, kLeaseNow));
    EXPECT_EQ(later.against("alice", 2, kLeaseNow + 30 * kDay), nullptr);
}

TEST(NickLeasesOff, EveryNickIsFree) {
    NickLeases leases;
    leases.use("alice", 1, kLeaseNow);
    EXPECT_EQ(leases.against("alice", 2, kLeaseNow), nullptr);
    EXPECT_FALSE(leases.wantsRollCall(kLeaseNow));
    EXPECT_TRUE(leases.save());
}

// ---- as the directory uses them

class DirectoryLeases : public ::testing::Test {
  protected:
    DirectoryLeases() {
        directory_.setNow(kLeaseNow);
        EXPECT_TRUE(directory_.leaseNicks(log_, 30 * kDay, kLeaseNow));
    }
    unsigned char last_ = 0;
    KeptNicks log_;
    Directory directory_{[this] { return Key{++last_}; }};
};

TEST_F(DirectoryLeases, WhoLeftComesBackAndNobodyElseAsThem) {
    User& alice = **directory_.enter(1, "alice", "");
    const std::string secret = alice.secret();
    directory_.leave(alice);
    const auto other = directory_.enter(2, "alice", "");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::NickInUse);
    EXPECT_THAT(other.error().text, ::testing::HasSubstr("is reserved for"));
    EXPECT_FALSE(directory_.enter(2, "Alice", ""));
    EXPECT_TRUE(directory_.enter(2, "alice", secret));
}

TEST_F(DirectoryLeases, WhatLooksLikeAFreedNickIsFreeAsWell) {
    directory_.leave(**directory_.enter(1, "ALlCE", ""));
    EXPECT_EQ(directory_.enter(2, "alice", "").error().code, ErrorCode::NickInUse);
    EXPECT_THAT(directory_.freeNick("alice"), ::testing::ElementsAre("ALlCE"));
    EXPECT_THAT(directory_.freeNick("alice"), ::testing::IsEmpty());
    EXPECT_TRUE(directory_.enter(3, "alice", ""));
}

TEST_F(DirectoryLeases, TheRefusalSaysWhereTheSecretIsAndHowItIsFreed) {
    directory_.leave(**directory_.enter(1, "alice", ""));
    const auto refused = directory_.enter(2, "ALICE", "");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, ::testing::HasSubstr("looks like 'alice'"));
    EXPECT_THAT(refused.error().text, ::testing::HasSubstr("last on 2024-10-04"));
    EXPECT_THAT(refused.error().text, ::testing::HasSubstr("from the machine where it was used"));
    EXPECT_THAT(refused.error().text, ::testing::HasSubstr("netchat ctl free-nick alice"));
    // A nick may hold what a shell obeys.
    directory_.leave(**directory_.enter(3, "a;id", ""));
    EXPECT_THAT(directory_.enter(4, "a;id", "").error().text,
                ::testing::EndsWith("netchat ctl free-nick 'a;id'"));
}

TEST_F(DirectoryLeases, AGuestLeavesItsNickToTheNext) {
    User& first = **directory_.enter(1, "ci", "", kUncounted, true);
    User& second = **directory_.enter(2, "ci", "", kUncounted, true);
    User& third = **directory_.enter(3, "CI", "", kUncounted, true);
    EXPECT_EQ(first.nick, "ci");
    EXPECT_EQ(second.nick, "ci-2");
    EXPECT_EQ(third.nick, "CI-3");
    for (User* guest : {&first, &second, &third}) {
        EXPECT_FALSE(directory_.lacksLease(*guest));
        directory_.leave(*guest);
    }
    ASSERT_TRUE(directory_.save());
    EXPECT_TRUE(log_.kept.empty());
    EXPECT_EQ((*directory_.enter(4, "ci", "", kUncounted, true))->nick, "ci");
}

TEST_F(DirectoryLeases, AGuestGetsNoNickThatSomebodyOwns) {
    User& alice = **directory_.enter(1, "alice", "");
    EXPECT_EQ(directory_.enter(2, "alice", "", kUncounted, true).error().code,
              ErrorCode::NickInUse);
    directory_.leave(alice);
    EXPECT_EQ(directory_.enter(2, "alice", "", kUncounted, true).error().code,
              ErrorCode::NickInUse);
    EXPECT_FALSE(directory_.checkFree("Alice", nullptr, true));
    // Nor one with a number that is somebody's.
    directory_.leave(**directory_.enter(3, "ci-2", ""));
    ASSERT_TRUE(directory_.enter(4, "ci", "", kUncounted, true));
    EXPECT_EQ((*directory_.enter(5, "ci", "", kUncounted, true))->nick, "ci-3");
}

TEST_F(DirectoryLeases, AGuestIsTheSameUserAgainByItsSecret) {
    User& guest = **directory_.enter(1, "ci", "", kUncounted, true);
    const std::string secret = guest.secret();
    const UserId number = guest.number;
    directory_.leave(guest);
    User& again = **directory_.enter(2, "ci", secret, kUncounted, true);
    EXPECT_EQ(again.number, number);
    ASSERT_TRUE(directory_.rename(again, "job"));
    ASSERT_TRUE(directory_.save());
    EXPECT_TRUE(log_.kept.empty());
    // Who comes with the secret and is no guest any more keeps the nick from now on.
    directory_.leave(again);
    ASSERT_TRUE(directory_.enter(3, "job", secret));
    ASSERT_TRUE(directory_.save());
    EXPECT_EQ(log_.kept.count("job"), 1U);
}

TEST_F(DirectoryLeases, GuestsOfOneNickAreBounded) {
    for (SessionId n = 1; n <= limits::kGuestsOfANickMax; ++n) {
        ASSERT_TRUE(directory_.enter(n, "ci", "", kUncounted, true)) << n;
    }
    EXPECT_EQ(directory_.enter(1000, "ci", "", kUncounted, true).error().code,
              ErrorCode::NickInUse);
}

TEST_F(DirectoryLeases, AClassicUserGetsANumber) {
    directory_.leave(**directory_.enter(1, "alice", ""));
    EXPECT_EQ((*directory_.enterClassic(2, "alice"))->nick, "alice_2");
}

TEST_F(DirectoryLeases, AClassicUserLeavesItsNameToAll) {
    directory_.leave(**directory_.enterClassic(1, "alice"));
    EXPECT_TRUE(directory_.enter(2, "alice", ""));
}

TEST_F(DirectoryLeases, BothNicksOfWhoChangedItAreItsOwn) {
    User& alice = **directory_.enter(1, "alice", "");
    ASSERT_TRUE(directory_.rename(alice, "alicia"));
    User& bob = **directory_.enter(2, "bob", "");
    EXPECT_FALSE(directory_.rename(bob, "alice"));
    EXPECT_FALSE(directory_.rename(bob, "alicia"));
    EXPECT_TRUE(directory_.rename(alice, "alice"));
}

TEST_F(DirectoryLeases, WhoStaysForLongHasUsedItAllTheTime) {
    ASSERT_TRUE(directory_.enter(1, "alice", ""));
    directory_.setNow(kLeaseNow + 100 * kDay);
    ASSERT_TRUE(directory_.save());
    EXPECT_EQ(log_.kept.at("alice").usedMs, kLeaseNow + 100 * kDay);
}

}  // namespace
}  // namespace netchat::serve
