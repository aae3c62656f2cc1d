// What operators rule, without a hub: who is meant, what is kept, and what is done to whom.

#include "modes/serve/moderation/moderation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

namespace netchat::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keeps what it is told to, and fails when told to.
class FakeStore : public store::SanctionStore {
  public:
    Result<std::vector<store::Sanction>> all() override { return std::vector<store::Sanction>(); }
    Status put(const store::Sanction& sanction) override {
        if (fails) return Error{ErrorCode::NoRoom, "the disk is full"};
        kept.push_back(sanction.target);
        return Ok{};
    }
    Status drop(store::Sanction::Kind, const std::string& target) override {
        if (fails) return Error{ErrorCode::NoRoom, "the disk is full"};
        std::erase(kept, target);
        return Ok{};
    }
    std::vector<std::string> kept;
    bool fails = false;
};

AddressKey addressOf(const std::string& text) {
    return addressKey(Poco::Net::IPAddress(text));
}

// Users without rooms or connections; writes down what is done to them.
struct FakeHost : ModerationHost {
    User& add(const std::string& nick, const std::string& address, Dialect dialect = Dialect::V2) {
        auto user = std::make_unique<User>();
        user->number = users.size() + 1;
        user->nick = nick;
        user->key[0] = static_cast<unsigned char>(user->number);
        user->session = user->number * 10;
        user->host = addressOf(address);
        user->dialect = dialect;
        here.push_back(user.get());
        users.push_back(std::move(user));
        return *users.back();
    }

    const std::vector<User*>& present() const override { return here; }
    NickOwner ownerOf(std::string_view nick) const override {
        for (const auto& user : users) {
            if (user->nick == nick) return {user->number, user->proof()};
        }
        return {};
    }
    void expel(User& user, ErrorCode code, const std::string& why) override {
        done.push_back(std::string(errorName(code)) + " " + user.nick + ": " + why);
        here.erase(std::find(here.begin(), here.end(), &user));
    }
    void expelFrom(const std::shared_ptr<const AddressBan>& ban) override {
        done.push_back("from " + ban->network.text());
    }
    void notify(SessionId session, std::string text) override {
        done.push_back(std::to_string(session) + " told: " + text);
    }
    void emptyRoom(std::string name, const std::string& why) override {
        done.push_back("emptied " + name + ": " + why);
    }

    std::vector<std::unique_ptr<User>> users;
    std::vector<User*> here;
    std::vector<std::string> done;
};

class ModerationTest : public ::testing::Test {
  protected:
    ModerationTest() {
        Moderation::Kept kept;
        kept.cloakKey = "key";
        kept.store = &store;
        kept.publishBans = [this](auto bans) { published = std::move(bans); };
        moderation.load(std::move(kept));
        moderation.setNow(1'000);
    }
    std::string answer(AdminCommand order) {
        const auto done = moderation.carryOut(order, "somebody");
        return done ? *done : std::string(errorName(done.error().code)) + ": " + done.error().text;
    }
    std::string answer(AdminAction act, const std::string& target, int64_t forMs = 0) {
        AdminCommand order;
        order.act = act;
        order.target = target;
        order.forMs = forMs;
        return answer(order);
    }
    std::vector<std::string> done() { return std::exchange(host.done, {}); }
    void expectBanned(const std::string& nick, const User* user, const std::string& address,
                      const std::string& what) {
        const auto banned = moderation.bannedError(nick, user, addressOf(address));
        EXPECT_EQ(banned ? banned->text : "", what) << nick << " from " << address;
    }

    FakeStore store;
    FakeHost host;
    std::shared_ptr<const AddressBans> published;
    Moderation moderation{host};
};

TEST_F(ModerationTest, ABanOfANickIsOneOfItsUserAndOfWhatLooksLikeIt) {
    User& bob = host.add("bob", "192.0.2.1");
    host.add("b0b", "192.0.2.2");
    host.add("carol", "192.0.2.3");
    EXPECT_EQ(answer(AdminAction::Ban, "bob"), "the nick 'bob' with user #1 is banned");
    EXPECT_THAT(done(), ElementsAre(HasSubstr("banned bob: "), HasSubstr("banned b0b: ")));
    expectBanned("eve", &bob, "192.0.2.1", "an operator has banned you");
    expectBanned("BOB", nullptr, "192.0.2.9", "an operator has banned the nick 'BOB'");
    expectBanned("eve", nullptr, "192.0.2.1", "");
    EXPECT_THAT(store.kept, ElementsAre("nick:bob"));
    EXPECT_EQ(answer(AdminAction::Unban, "#1"), "#1 is no longer banned");
    expectBanned("bob", &bob, "192.0.2.1", "");
    EXPECT_THAT(store.kept, IsEmpty());
}

TEST_F(ModerationTest, ABanOfANetworkEndsItsConnectionsAndIsPublished) {
    host.add("bob", "192.0.2.1");
    host.add("carol", "198.51.100.1");
    EXPECT_EQ(answer(AdminAction::Ban, "192.0.2.0/24"), "192.0.2.0/24 is banned");
    EXPECT_THAT(done(), ElementsAre("from 192.0.2.0/24")) << "their connections are the loops'";
    ASSERT_EQ(published->size(), 1u);
    EXPECT_EQ(published->front().network.text(), "192.0.2.0/24");
    EXPECT_EQ(answer(AdminAction::Unban, "192.0.2.0/24"), "192.0.2.0/24 is no longer banned");
    EXPECT_TRUE(published == nullptr || published->empty());
}

TEST_F(ModerationTest, WhatCannotBeKeptDoesNotHold) {
    User& bob = host.add("bob", "192.0.2.1");
    store.fails = true;
    for (const AdminAction act : {AdminAction::Ban, AdminAction::Mute, AdminAction::Op}) {
        EXPECT_EQ(answer(act, "bob"), "no-room: the disk is full");
    }
    EXPECT_EQ(answer(AdminAction::CloseRoom, "den"), "no-room: the disk is full");
    EXPECT_THAT(done(), IsEmpty());
    expectBanned("bob", &bob, "192.0.2.1", "");
    EXPECT_FALSE(moderation.isMuted(bob));
    EXPECT_FALSE(moderation.isOperator(bob));
    EXPECT_FALSE(moderation.closedError("den"));
}

TEST_F(ModerationTest, ABanEndsWhenItsTimeIsOver) {
    User& bob = host.add("bob", "192.0.2.1");
    answer(AdminAction::Ban, "bob", 5'000);
    moderation.setNow(5'999);
    EXPECT_TRUE(moderation.bannedError("bob", &bob, bob.host));
    moderation.setNow(6'001);
    EXPECT_FALSE(moderation.bannedError("bob", &bob, bob.host));
}

TEST_F(ModerationTest, WhenTheClockIsBelievedLaterABanLastsAsLongAsWasSaid) {
    User& bob = host.add("bob", "192.0.2.1");
    answer(AdminAction::Ban, "bob", 5'000);
    moderation.setNow(1'000'000);
    moderation.timeBelieved(500, 998'000);
    EXPECT_TRUE(moderation.bannedError("bob", &bob, bob.host));
    moderation.setNow(1'004'001);
    EXPECT_FALSE(moderation.bannedError("bob", &bob, bob.host));
}

TEST_F(ModerationTest, WhoIsMutedStaysSoUnderAnotherNickUntilUnmuted) {
    User& bob = host.add("bob", "192.0.2.1");
    EXPECT_EQ(answer(AdminAction::Mute, "bob"), "bob is muted");
    EXPECT_THAT(done(), ElementsAre("10 told: an operator has muted you"));
    EXPECT_TRUE(bob.muted);
    bob.nick = "robert";
    EXPECT_TRUE(moderation.isMuted(bob));
    EXPECT_EQ(answer(AdminAction::Unmute, "robert"), "robert is no longer muted");
    EXPECT_THAT(done(), ElementsAre("10 told: an operator has unmuted you"));
    EXPECT_FALSE(bob.muted);
    EXPECT_EQ(answer(AdminAction::Unmute, "robert"), "bad-text: 'robert' is not muted");
}

TEST_F(ModerationTest, ACloakStandsForAnAddressAndSaysSoWhereItIsTakenForANick) {
    User& bob = host.add("bob", "192.0.2.1");
    const std::string cloak = moderation.cloakOf(bob.host);
    EXPECT_THAT(answer(AdminAction::Ban, cloak), HasSubstr("is the cloak of somebody here"));
    EXPECT_EQ(answer(AdminAction::Ban, "cloak:" + cloak), "cloak:" + cloak + " is banned");
    EXPECT_THAT(done(), ElementsAre(HasSubstr("banned bob: ")));
    expectBanned("eve", nullptr, "192.0.2.1", "an operator has banned your address");
    expectBanned("eve", nullptr, "192.0.2.2", "");
}

TEST_F(ModerationTest, ASlipAsksForForce) {
    User& boss = host.add("boss", "192.0.2.1");
    answer(AdminAction::Op, "boss");
    EXPECT_TRUE(moderation.isOperator(boss));
    done();
    AdminCommand order;
    order.act = AdminAction::Ban;
    for (const auto& [target, why] :
         std::map<std::string, std::string>{{"boss", "the operator 'boss'"},
                                            {"192.0.2.0/24", "the address of the operator 'boss'"},
                                            {"0.0.0.0/1", "wider than /8"}}) {
        order.target = target;
        order.force = false;
        EXPECT_THAT(answer(order), HasSubstr(why)) << target;
        EXPECT_THAT(done(), IsEmpty());
    }
    order.force = true;
    order.target = "boss";
    EXPECT_THAT(answer(order), HasSubstr("is banned"));
}

TEST_F(ModerationTest, AClosedRoomIsAlsoTheOneThatLooksLikeIt) {
    EXPECT_EQ(answer(AdminAction::CloseRoom, "den"), "the room 'den' is closed");
    EXPECT_THAT(done(), ElementsAre("emptied den: an operator has closed the room"));
    EXPECT_TRUE(moderation.closedError("den"));
    EXPECT_FALSE(moderation.closedError("DEN"));
    EXPECT_TRUE(moderation.closedLikeError("DEN"));
    EXPECT_EQ(answer(AdminAction::OpenRoom, "den"), "the room 'den' is open again");
    EXPECT_FALSE(moderation.closedLikeError("DEN"));
    EXPECT_EQ(answer(AdminAction::OpenRoom, "den"), "bad-text: the room 'den' is not closed");
}

TEST_F(ModerationTest, OnlyWhoCanBeKnownAgainIsMadeAnOperator) {
    host.add("old", "192.0.2.1", Dialect::Classic);
    EXPECT_THAT(answer(AdminAction::Op, "old"), HasSubstr("uses the classic protocol"));
    EXPECT_EQ(answer(AdminAction::Op, "nobody"), "no-such-nick: nobody here is called 'nobody'");
    EXPECT_THAT(answer(AdminAction::Deop, "old"), HasSubstr("is not an operator"));
    EXPECT_THAT(done(), IsEmpty());
}

TEST_F(ModerationTest, TheMessageOfTheDayIsToldToThoseWhoHaveNotSeenIt) {
    AdminCommand order;
    order.act = AdminAction::Motd;
    order.text = "soup today";
    answer(order);
    EXPECT_THAT(done(), ElementsAre("0 told: soup today"));
    ASSERT_TRUE(moderation.motdSince(0));
    EXPECT_EQ(*moderation.motdSince(1'000), "soup today");
    EXPECT_EQ(moderation.motdSince(1'001), nullptr);
    order.text = "";
    EXPECT_EQ(answer(order), "the message of the day is removed");
    EXPECT_EQ(moderation.motdSince(0), nullptr);
}

TEST_F(ModerationTest, WhatIsNoMatterOfItIsRefused) {
    EXPECT_THAT(answer(AdminAction::PurgeRoom, "den"), HasSubstr("internal: "));
    EXPECT_THAT(done(), IsEmpty());
}

}  // namespace
}  // namespace netchat::serve
