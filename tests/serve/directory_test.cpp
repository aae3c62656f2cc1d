#include "modes/serve/hub/directory.h"

#include <gmock/gmock.h>

#include <set>

#include "protocol/limits.h"

namespace netchat::serve {
namespace {

class DirectoryTest : public ::testing::Test {
  protected:
    User& enter(std::string_view nick, std::string_view secret = {}) {
        const auto user = directory_.enter(++session_, nick, secret);
        EXPECT_TRUE(user) << user.error().text;
        return **user;
    }
    User& enterClassic(std::string_view name) {
        const auto user = directory_.enterClassic(++session_, name);
        EXPECT_TRUE(user) << user.error().text;
        return **user;
    }
    ErrorCode refusalOf(std::string_view nick) {
        const auto user = directory_.enter(++session_, nick, {});
        EXPECT_FALSE(user);
        return user ? ErrorCode::Internal : user.error().code;
    }

    unsigned char secrets_ = 0;
    SessionId session_ = 0;
    Directory directory_{[this] { return Key{++secrets_}; }};
};

TEST_F(DirectoryTest, GivesEachUserANumberAndASecret) {
    const User& alice = enter("alice");
    const User& bob = enter("bob");
    EXPECT_EQ(alice.nick, "alice");
    EXPECT_NE(alice.number, bob.number);
    EXPECT_NE(alice.secret(), bob.secret());
    EXPECT_EQ(directory_.bySession(1), &alice);
    EXPECT_EQ(*directory_.byNick("bob"), &bob);
    EXPECT_EQ(directory_.present().size(), 2u);
}

TEST_F(DirectoryTest, ASessionIsNotTheEarlierOneOfItsSlot) {
    const SessionId first = makeSessionId(1, 1, 5), second = makeSessionId(1, 2, 5);
    User& alice = **directory_.enter(first, "alice", {});
    EXPECT_EQ(directory_.bySession(first), &alice);
    EXPECT_EQ(directory_.bySession(second), nullptr);
    directory_.leave(alice);
    EXPECT_EQ(directory_.bySession(first), nullptr);
    User& bob = **directory_.enter(second, "bob", {});
    EXPECT_EQ(directory_.bySession(second), &bob);
    EXPECT_EQ(directory_.bySession(first), nullptr);
    EXPECT_EQ(directory_.bySession(makeSessionId(1, 2, 6)), nullptr);
    EXPECT_EQ(directory_.bySession(makeSessionId(2, 2, 5)), nullptr);
}

TEST_F(DirectoryTest, RefusesBadAndTakenNicks) {
    enter("alice");
    EXPECT_EQ(refusalOf("alice"), ErrorCode::NickInUse);
    EXPECT_EQ(refusalOf("netchat"), ErrorCode::NickInUse);
    EXPECT_EQ(refusalOf(""), ErrorCode::BadNick);
    EXPECT_EQ(refusalOf("a b"), ErrorCode::BadNick);
    EXPECT_EQ(refusalOf(std::string(65, 'a')), ErrorCode::BadNick);
    EXPECT_EQ(refusalOf("\xFF"), ErrorCode::BadNick);
    enterClassic("old");
    EXPECT_EQ(refusalOf("old"), ErrorCode::NickInUse);
}

TEST_F(DirectoryTest, RefusesNicksThatLookLikeThoseOfPresentUsers) {
    User& alice = enter("alice");
    EXPECT_EQ(refusalOf("Alice"), ErrorCode::NickInUse);
    EXPECT_EQ(refusalOf("\u0430lice"), ErrorCode::NickInUse);
    EXPECT_EQ(refusalOf("NetChat"), ErrorCode::NickInUse);
    EXPECT_EQ(refusalOf("netch\u0430t"), ErrorCode::NickInUse);
    const auto refused = directory_.enter(++session_, "ALICE", {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, ::testing::HasSubstr("looks like 'alice', who is here"));
    EXPECT_EQ(enterClassic("Alice").nick, "Alice_2");
    EXPECT_EQ(enterClassic("Netchat").nick, "Netchat_2");
    // It is one's own to write otherwise, and free when nobody has it.
    EXPECT_TRUE(directory_.rename(alice, "Alice"));
    EXPECT_TRUE(directory_.rename(alice, "carol"));
    EXPECT_EQ(enter("alice").nick, "alice");
}

// What was accepted beside 'alice' and in place of the server, in both dialects.
TEST_F(DirectoryTest, NobodyPassesForSomebodyElse) {
    enter("alice");
    for (const char* nick :
         {"alice\u2800", "alice\U00016FE4", "alice\U0001D159", "alice\uFFFC", "alice\uE000",
          "\u2800", "netchat\u2800", "netchat ", "\u00A0netchat", "\u202Enetchat", "al\u034Fice",
          "alice\uFE0F", "alice\U000E0100", "\u3164alice", "alice\u17D2"}) {
        EXPECT_EQ(refusalOf(nick), ErrorCode::BadNick) << nick;
        const auto classic = directory_.enterClassic(++session_, nick);
        if (!classic) {
            EXPECT_EQ(classic.error().code, ErrorCode::BadNick) << nick;
            continue;
        }
        EXPECT_TRUE((*classic)->nick == "alice_2" || (*classic)->nick == "netchat_2")
            << nick << " is " << (*classic)->nick;
        directory_.leave(**classic);
    }
    for (const char* nick :
         {"ALlCE", "A1ICE", "\u0410LICE", "alic\u0435", "NETCHAT", "netch\u0430t", "nEtChAt"}) {
        const auto v2 = directory_.enter(++session_, nick, {});
        const auto classic = directory_.enterClassic(++session_, nick);
        ASSERT_FALSE(v2) << nick;
        EXPECT_EQ(v2.error().code, ErrorCode::NickInUse) << nick;
        ASSERT_TRUE(classic) << nick;
        EXPECT_TRUE((*classic)->nick.ends_with("_2")) << (*classic)->nick;
        directory_.leave(**classic);
    }
    User& carol = enter("carol");
    EXPECT_EQ(directory_.rename(carol, "ALlCE").error().code, ErrorCode::NickInUse);
    EXPECT_EQ(directory_.rename(carol, "NETCHAT").error().code, ErrorCode::NickInUse);
    EXPECT_EQ(directory_.rename(carol, "carol\u2800").error().code, ErrorCode::BadNick);
}

TEST_F(DirectoryTest, PeopleOfSimilarNamesAreHereTogether) {
    for (const char* nick : {"Ame", "Arne", "modern", "modem", "Neil", "Nell", "bob1", "bob2"}) {
        EXPECT_EQ(enter(nick).nick, nick);
    }
}

TEST_F(DirectoryTest, ANickIsShownComposedAndOfUsualWidth) {
    const User& jose = enter("Jose\u0301");
    EXPECT_EQ(jose.nick, "Jos\u00E9");
    EXPECT_EQ(*directory_.byNick("Jose\u0301"), &jose);
    EXPECT_EQ(enter("\uFF22ob").nick, "Bob");
    EXPECT_EQ(enterClassic(" Anna  Maria ").nick, "Anna Maria");
}

TEST_F(DirectoryTest, ClassicUsersShareNamesAmongThemselves) {
    const User& one = enterClassic("old");
    const User& two = enterClassic("old");
    EXPECT_EQ(one.nick, "old");
    EXPECT_EQ(two.nick, "old");
    EXPECT_EQ(one.secret(), "");
    EXPECT_EQ(directory_.byNick("old").error().code, ErrorCode::NoSuchNick);
}

TEST_F(DirectoryTest, AClassicNameThatAV2UserHasGetsANumber) {
    enter("alice");
    enter("alice_2");
    EXPECT_EQ(enterClassic("alice").nick, "alice_3");
    EXPECT_EQ(enterClassic("netchat").nick, "netchat_2");
}

TEST_F(DirectoryTest, ASecretBringsAnAbsentUserBack) {
    User& alice = enter("alice");
    const UserId number = alice.number;
    const std::string secret = alice.secret();
    directory_.leave(alice);
    EXPECT_EQ(directory_.bySession(1), nullptr);
    EXPECT_FALSE(directory_.byNick("alice"));
    const User& again = enter("alicia", secret);
    EXPECT_EQ(again.number, number);
    EXPECT_EQ(again.secret(), secret);
    EXPECT_EQ(again.nick, "alicia");
    EXPECT_EQ(again.session, 2u);
}

TEST_F(DirectoryTest, AWrongSecretMakesANewUser) {
    User& alice = enter("alice");
    const UserId number = alice.number;
    const std::string secret = alice.secret();
    directory_.leave(alice);
    EXPECT_NE(enter("a1", secret + "x").number, number);
    EXPECT_NE(enter("a2", secret.substr(0, secret.size() - 1)).number, number);
    EXPECT_NE(enter("a3", std::to_string(number)).number, number);
    EXPECT_NE(enter("a4", "no number").number, number);
    EXPECT_EQ(directory_.bySecret(""), nullptr);
}

TEST_F(DirectoryTest, ANickIsFreeWhenItsUserHasLeft) {
    directory_.leave(enter("alice"));
    EXPECT_EQ(enter("alice").nick, "alice");
}

TEST_F(DirectoryTest, RenamesByTheSameRules) {
    User& alice = enter("alice");
    enter("bob");
    EXPECT_EQ(directory_.rename(alice, "bob").error().code, ErrorCode::NickInUse);
    EXPECT_EQ(directory_.rename(alice, "netchat").error().code, ErrorCode::NickInUse);
    EXPECT_EQ(directory_.rename(alice, "").error().code, ErrorCode::BadNick);
    EXPECT_TRUE(directory_.rename(alice, "alice"));
    EXPECT_TRUE(directory_.rename(alice, "carol"));
    EXPECT_EQ(*directory_.byNick("carol"), &alice);
    EXPECT_FALSE(directory_.byNick("alice"));
}

TEST_F(DirectoryTest, PresentUsersAreInTheOrderOfTheirNumbers) {
    User& first = enter("a");
    const std::string secret = first.secret();
    enter("b");
    directory_.leave(first);
    const User& again = enter("a", secret);
    EXPECT_EQ(directory_.present().front(), &again);
}

TEST_F(DirectoryTest, ForgetsTheLongestAbsentBeyondTheLimit) {
    User& first = enter("first");
    const std::string forgotten = first.secret();
    directory_.leave(first);
    User& second = enter("second");
    const std::string kept = second.secret();
    directory_.leave(second);
    for (size_t i = 1; i < limits::kAbsentUsersMax; ++i) directory_.leave(enter("x"));
    EXPECT_EQ(directory_.bySecret(forgotten), nullptr);
    EXPECT_NE(directory_.bySecret(kept), nullptr);
}

TEST_F(DirectoryTest, WhoComesAndGoesOftenIsNotForgottenForThat) {
    const std::string secret = enter("alice").secret();
    directory_.leave(*directory_.bySecret(secret));
    for (size_t i = 0; i <= limits::kAbsentUsersMax; ++i) {
        ASSERT_NE(directory_.bySecret(secret), nullptr) << i;
        directory_.leave(enter("alice", secret));
    }
}

// A log of users that keeps them, and counts.
class KeptUsers : public store::UserLog {
  public:
    Result<uint64_t> reserve(uint64_t count) override { return (given_ += count) - count + 1; }
    Status add(std::span<const store::UserRecord> users) override {
        if (full) return Error{ErrorCode::NoRoom, "full"};
        records.insert(records.end(), users.begin(), users.end());
        return Ok{};
    }
    std::optional<store::UserRecord> find(uint64_t number, const std::string& secret) override {
        for (const auto& record : records) {
            if (record.number == number && record.secret == secret) return record;
        }
        return {};
    }
    uint64_t given() const { return given_; }

    std::vector<store::UserRecord> records;
    bool full = false;

  private:
    uint64_t given_ = 0;
};

TEST(DirectoryWithALog, KeepsAUserWhoIsGoneBeforeItWasSaved) {
    KeptUsers log;
    Directory directory([] { return Key{1}; }, &log);
    User& alice = **directory.enter(1, "alice", "");
    const std::string secret = alice.secret();
    const UserId number = alice.number;
    directory.leave(alice);
    ASSERT_TRUE(directory.save());
    ASSERT_EQ(log.records.size(), 1u);
    const auto again = directory.enter(2, "alice", secret);
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->number, number);
    EXPECT_EQ((*again)->secret(), secret);
}

// As many as a run takes from the log at once, and more; the next run begins behind them.
TEST(DirectoryWithALog, GivesEveryNumberOnceAndNoneThatItHasNotTaken) {
    KeptUsers log;
    std::set<UserId> given;
    for (int run = 0; run < 2; ++run) {
        Directory directory([] { return Key{1}; }, &log);
        for (SessionId session = 1; session <= 1025; ++session) {
            const auto user = directory.enterClassic(session, "old");
            ASSERT_TRUE(user);
            EXPECT_TRUE(given.insert((*user)->number).second) << (*user)->number;
            EXPECT_LE((*user)->number, log.given());
        }
    }
}

// Nicks that new users may not have any more.
TEST(DirectoryWithALog, AUserKeepsTheNickThatItHas) {
    KeptUsers log;
    const std::string smile = "\U0001F600", secret = "7-" + std::string(32, 'a');
    log.records.push_back({7, smile, secret});
    Directory directory([] { return Key{1}; }, &log);
    const auto back = directory.enter(1, smile, secret);
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_EQ((*back)->nick, smile);
    EXPECT_EQ(*directory.byNick(smile), *back);
    EXPECT_FALSE(directory.enter(2, smile + "x", ""));
    ASSERT_TRUE(directory.rename(**back, "smile"));
    EXPECT_FALSE(directory.rename(**back, smile));
    directory.leave(**back);
    EXPECT_FALSE(directory.enter(3, smile, ""));
}

TEST(DirectoryWithALog, SavesLaterWhomItCouldNotSaveNow) {
    KeptUsers log;
    log.full = true;
    Directory directory([] { return Key{1}; }, &log);
    ASSERT_TRUE(directory.enter(1, "alice", ""));
    EXPECT_FALSE(directory.save());
    EXPECT_FALSE(directory.save());
    log.full = false;
    EXPECT_TRUE(directory.save());
    EXPECT_EQ(log.records.size(), 1u);
    EXPECT_TRUE(directory.save());
    EXPECT_EQ(log.records.size(), 1u);
}

TEST(DirectoryWithALog, RemembersTheIdsOfPrivateMessagesOverAReconnect) {
    KeptUsers log;
    Directory directory([] { return Key{1}; }, &log);
    User& alice = **directory.enter(1, "alice", "");
    const std::string secret = alice.secret();
    alice.speaks(0, 1);
    alice.spoken->toldIds = std::make_unique<std::deque<std::string>>(1, "7");
    directory.leave(alice);
    ASSERT_TRUE(directory.enter(2, "bob", ""));
    ASSERT_FALSE(directory.enter(3, "bob", secret));
    const auto again = directory.enter(4, "alice", secret);
    ASSERT_TRUE(again);
    EXPECT_EQ(*(*again)->spoken->toldIds, std::deque<std::string>{"7"});
}

TEST(DirectoryWithALog, ARefusedResumeLeavesThePresentUserAsItIs) {
    KeptUsers log;
    Directory directory([] { return Key{1}; }, &log);
    const std::string secret = (**directory.enter(1, "alice", "")).secret();
    ASSERT_TRUE(directory.enter(2, "bob", ""));
    EXPECT_FALSE(directory.enter(3, "bob", secret));
    ASSERT_NE(directory.bySession(1), nullptr);
    EXPECT_EQ(directory.bySession(1)->nick, "alice");
}

}  // namespace
}  // namespace netchat::serve
