// Answers, and what was refused, are seen where somebody is.

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

class ToldHereTest : public ScreenTest {
  protected:
    void isInTwoRooms() {
        connects();
        joins("lobby", 0, {"alice"});
        joins("dev", 0, {});
        orders();
    }
    void refusesWhatWasTold(std::string_view nick) {
        const ClientCommand told = onlyOrder(Kind::Tell);
        EXPECT_EQ(told.where, nick);
        number(told.tag, "7");
        take(event::Refused{.nick = nick,
                            .id = "7",
                            .text = "there is nobody called so",
                            .code = "no-such-nick",
                            .re = "tell"});
    }
};

TEST_F(ToldHereTest, AMistypedNickIsSaidHereAndLeavesNoTalk) {
    isInTwoRooms();
    types("!msg nosuch x\r");
    refusesWhatWasTold("nosuch");
    EXPECT_THAT(screen(), HasSubstr("!! │ not sent to @nosuch: there is nobody called so"));
    EXPECT_EQ(row(0), " 1 lobby  2 dev");
    EXPECT_THAT(rememberedText(model_->state()), Not(HasSubstr("\"talk\"")));
}

TEST_F(ToldHereTest, WhoIsInTheTalkKeepsItForThisRun) {
    isInTwoRooms();
    types("/query nosuch x\r");
    refusesWhatWasTold("nosuch");
    EXPECT_THAT(screen(), HasSubstr("bob │ x"));
    EXPECT_THAT(screen(), HasSubstr("!! │ not sent: there is nobody called so"));
    EXPECT_THAT(rememberedText(model_->state()), Not(HasSubstr("\"talk\"")));
}

TEST_F(ToldHereTest, ATalkInWhichSomethingWasSaidStays) {
    isInTwoRooms();
    take(event::Private{.from = "carol", .to = "bob", .text = "psst", .user = 9});
    types("!msg carol x\r");
    refusesWhatWasTold("carol");
    EXPECT_THAT(screen(), HasSubstr("!! │ @carol: not sent: there is nobody called so"));
    EXPECT_EQ(row(0), " 1 lobby  2 dev  3 @carol 1!") << "it is told here, so no mark is needed";
    types(
        "\x1b"
        "3");
    EXPECT_THAT(screen(), HasSubstr("bob │ x"));
    EXPECT_THAT(rememberedText(model_->state()), HasSubstr("\"talk\":\"carol\""));
}

TEST_F(ToldHereTest, WhoIsInAnotherRoomIsSaidHere) {
    isInTwoRooms();
    types("/names lobby\r");
    EXPECT_EQ(onlyOrder(Kind::Who).where, "lobby");
    const std::vector<v2::Member> members{{.nick = "alice", .user = 9}, {.nick = "bob", .user = 2}};
    take(event::Roster{.room = "lobby", .members = 2, .roster = members});
    EXPECT_THAT(screen(), HasSubstr("2 in lobby: alice, bob"));
    EXPECT_THAT(row(0), Not(HasSubstr("*")));
    types(
        "\x1b"
        "1");
    EXPECT_THAT(screen(), Not(HasSubstr("2 in lobby"))) << "nobody asked there";
}

TEST_F(ToldHereTest, WhatIsRefusedOfAnotherRoomIsSaidHereWithItsName) {
    isInTwoRooms();
    take(event::Refused{.room = "lobby",
                        .text = "no such file is kept",
                        .name = "photo.jpg",
                        .code = "no-file",
                        .re = "get"});
    EXPECT_THAT(screen(), HasSubstr("lobby: photo.jpg was refused: no such file is kept"));
    take(event::FileFailed{
        .room = "lobby", .text = "the disk is full", .name = "other.jpg", .code = "disk"});
    EXPECT_THAT(screen(), HasSubstr("lobby: other.jpg was not received: the disk is full"));
}

TEST_F(ToldHereTest, ARefusedRoomIsGoneAndOneIsWhereOneWas) {
    isInTwoRooms();
    types(
        "\x1b"
        "1!join LOBBY\r");
    take(event::Refused{.room = "LOBBY",
                        .text = "there is a room 'lobby', which looks like 'LOBBY': join that one",
                        .code = "bad-room",
                        .re = "join"});
    EXPECT_EQ(row(0), " 1 lobby  2 dev");
    EXPECT_THAT(screen(), HasSubstr("!! │ cannot join the room 'LOBBY': there is a room 'lobby'"));
    types("hello\r");
    EXPECT_EQ(onlyOrder(Kind::Say).where, "lobby");
}

TEST_F(ToldHereTest, ARefusedRoomStaysWithWhatWasTypedForIt) {
    isInTwoRooms();
    types("!join ops\rhello o");
    take(event::Refused{
        .room = "ops", .text = "the room is closed", .code = "closed", .re = "join"});
    EXPECT_EQ(row(0), " 1 lobby  2 dev  3 ops");
    EXPECT_EQ(row(11), "> hello o");
    EXPECT_THAT(screen(), HasSubstr("the room is closed"));
}

}  // namespace
}  // namespace netchat::connect
