// Private talks: how they are opened, and what must not be taken for one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "modes/connect/screen/remembered.h"
#include "tests/connect/screen/screen_fixture.h"

namespace netchat::connect {
namespace {

namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using Kind = ClientCommand::Kind;

class TalksTest : public ScreenTest {
  protected:
    void isInTheLobby() {
        connects();
        joins("lobby", 0, {"carol"});
        orders();
    }
    bool asksToJoin() {
        for (const ClientCommand& order : orders()) {
            if (order.kind == Kind::Join) return true;
        }
        return false;
    }
};

TEST_F(TalksTest, ToJoinWhatLooksLikeATalkIsToOpenIt) {
    for (const char* line : {"/join @carol\r", "!join @carol\r", "/j @carol\r"}) {
        model_.emplace(ScreenState::Options{.server = "x", .nick = "bob", .home = ""}, "lobby",
                       folders_);
        resize(80, 12);
        isInTheLobby();
        types(line);
        EXPECT_FALSE(asksToJoin()) << line;
        EXPECT_EQ(row(0), " 1 lobby  2 @carol") << line;
        types("a secret\r");
        const ClientCommand told = onlyOrder(Kind::Tell);
        EXPECT_EQ(told.where, "carol") << line;
        EXPECT_EQ(told.text, "a secret") << line;
    }
}

TEST_F(TalksTest, ARoomThatIsCalledLikeATalkIsShownAsARoom) {
    isInTheLobby();
    types("!join #@carol\r");
    EXPECT_EQ(onlyOrder(Kind::Join).where, "@carol");
    take(event::Joined{.room = "@carol", .seq = 3});
    EXPECT_EQ(row(0), " 1 lobby  2 #@carol");
    types("!who #@carol\r");
    EXPECT_EQ(onlyOrder(Kind::Who).where, "@carol");
    types("/leave #@carol\r");
    EXPECT_EQ(onlyOrder(Kind::Leave).where, "@carol");
}

TEST_F(TalksTest, WithoutATextTheTalkIsOpenedAndLookedAt) {
    for (const char* line : {"/query carol\r", "!msg carol\r", "/query @carol\r"}) {
        isInTheLobby();
        types(line);
        types("psst\r");
        const ClientCommand told = onlyOrder(Kind::Tell);
        EXPECT_EQ(told.where, "carol") << line;
        EXPECT_EQ(told.text, "psst") << line;
        types("!close\r");
        EXPECT_EQ(row(0), " 1 lobby") << line;
    }
}

TEST_F(TalksTest, QueryGoesThereAndMsgDoesNot) {
    isInTheLobby();
    types("/msg @carol hi\r");
    EXPECT_EQ(onlyOrder(Kind::Tell).where, "carol");
    EXPECT_THAT(screen(), Not(HasSubstr("bob │ hi"))) << "the lobby is looked at still";
    types("/query carol hello\r");
    EXPECT_EQ(onlyOrder(Kind::Tell).text, "hello");
    EXPECT_THAT(screen(), HasSubstr("bob │ hi\n"));
    EXPECT_THAT(screen(), HasSubstr("bob │ hello\n"));
}

TEST_F(TalksTest, WhoIsReallyCalledWithASignIsMeant) {
    isInTheLobby();
    take(event::Presence{.room = "lobby", .nick = "@dora", .state = "joined"});
    types("!msg @dora hi\r");
    EXPECT_EQ(onlyOrder(Kind::Tell).where, "@dora");
}

TEST_F(TalksTest, ARoomIsNoPerson) {
    isInTheLobby();
    types("/msg #lobby hi\r");
    EXPECT_THAT(screen(), HasSubstr("not sent: '#lobby' is a room, not a person"));
    EXPECT_EQ(row(0), " 1 lobby");
    EXPECT_TRUE(orders().empty());
}

TEST_F(TalksTest, ATalkInWhichNothingWasSaidIsNotRemembered) {
    isInTheLobby();
    types("/query carol\r");
    EXPECT_THAT(rememberedText(model_->state()), Not(HasSubstr("\"talk\"")));
    const Remembered old = parseRemembered("{\"talk\":\"nosuch\",\"lines\":[],\"typed\":[\"x\"]}");
    model_.emplace(ScreenState::Options{.server = "x", .nick = "bob", .home = ""}, "lobby",
                   folders_, Settings{}, old);
    EXPECT_EQ(row(0), " 1 lobby") << "nor what an earlier run has left of one";
}

TEST_F(TalksTest, WhoEndsInATalkThatIsNotRememberedIsWhereTheyWereBefore) {
    isInTheLobby();
    joins("other", 0, {});
    types("/query carol\r");
    EXPECT_EQ(parseRemembered(rememberedText(model_->state())).firstRoom(), "other");
}

TEST_F(TalksTest, WhatTheNextRunNeedsIsKeptAtOnce) {
    isInTheLobby();
    EXPECT_TRUE(model_->takeEffects().save) << "a room was entered";
    joins("other", 0, {});
    model_->takeEffects();
    says("carol", "the first that is unread", 1);
    EXPECT_TRUE(model_->takeEffects().save);
    says("carol", "and another", 2);
    EXPECT_FALSE(model_->takeEffects().save) << "that can wait";
    says("carol", "bob: are you there?", 3);
    EXPECT_TRUE(model_->takeEffects().save);
}

TEST_F(TalksTest, WhatIsSaidInPrivateIsKeptAtOnce) {
    isInTheLobby();
    model_->takeEffects();
    says("carol", "hello", 1);
    EXPECT_FALSE(model_->takeEffects().save) << "the log has it";
    take(event::Private{.from = "carol", .to = "bob", .text = "psst", .user = 9});
    EXPECT_TRUE(model_->takeEffects().save);
    take(event::Private{.from = "bob", .to = "carol", .text = "what?", .user = 2, .own = true});
    EXPECT_TRUE(model_->takeEffects().save);
}

}  // namespace
}  // namespace netchat::connect
