// A server that lost its memory, is wrong, or answers late; and whoever types meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/connect/screen/screen_fixture.h"

namespace netchat::connect {
namespace {

namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using Kind = ClientCommand::Kind;

class OddServer : public ScreenTest {
  protected:
    void isLost() {
        take(event::Reconnecting{
            .text = "the connection was lost", .code = "lost", .attempt = 1, .retryMs = 1000});
    }
    void isBack(bool anew = false) {
        take(event::Connected{.nick = "bob", .user = 2, .again = true, .anew = anew});
    }
};

// The text of a narrow row begins with the nick, and some widths of text are those of wide rows.
TEST_F(OddServer, AnyTwoSizesAfterEachOtherShowTheWholeText) {
    const std::string text = "one two three four five six seven eight nine ten eleven twelve";
    connects();
    joins("lobby", 0, {});
    says("averylongnickindeed", text, 1);
    for (const int first : {22, 30, 39, 40, 48, 57, 60, 80, 23, 120}) {
        for (int second = 20; second < 125; ++second) {
            for (const int width : {first, second}) {
                resize(width, 20);
                const std::string seen = screen();
                ASSERT_THAT(seen, HasSubstr("twelve")) << first << " then " << second << seen;
                ASSERT_THAT(seen, HasSubstr("one")) << first << " then " << second << seen;
            }
        }
    }
}

TEST_F(OddServer, WhatIsSaidInALogThatCameBackShorterIsShown) {
    connects();
    joins("lobby", 0, {});
    for (uint64_t seq = 1; seq <= 10; ++seq) says("alice", "old", seq);
    isLost();
    isBack();
    take(event::LogChanged{.room = "lobby", .text = "it is another", .common = 7, .last = 10});
    joins("lobby", 7, {});
    types("mine\r");
    number(onlyOrder(Kind::Say).tag, "1");
    says("alice", "NEW8", 8);
    acknowledges("1", "mine", 9);
    EXPECT_THAT(screen(), HasSubstr("NEW8"));
    EXPECT_THAT(screen(), HasSubstr("14:36       bob │ mine"));
}

TEST_F(OddServer, AServerThatForgotAllAndHasGrownPastItIsReadFromItsBeginning) {
    connects();
    joins("lobby", 0, {});
    for (uint64_t seq = 1; seq <= 5; ++seq) says("alice", "old" + std::to_string(seq), seq);
    isLost();
    isBack(true);
    joins("lobby", 8, {});
    for (uint64_t seq = 1; seq <= 8; ++seq) says("alice", "NEW" + std::to_string(seq), seq);
    resize(80, 40);
    for (uint64_t seq = 1; seq <= 8; ++seq) {
        EXPECT_THAT(screen(), HasSubstr("NEW" + std::to_string(seq)));
    }
}

TEST_F(OddServer, APageOfAnEarlierLogHidesNothingOfTheNewOne) {
    connects();
    joins("lobby", 500, {});
    const ClientCommand page = onlyOrder(Kind::History);
    isLost();
    isBack(true);
    joins("lobby", 2, {});
    take(event::HistoryPage{.room = "lobby", .first = 1, .last = 2});
    for (uint64_t seq = 1; seq <= 2; ++seq) {
        take(event::Message{.room = "lobby",
                            .from = "alice",
                            .text = "first",
                            .seq = seq,
                            .time = kNoonMs,
                            .history = true});
    }
    take(event::HistoryEnd{.room = "lobby"});
    says("alice", "NEW3", 3);
    EXPECT_THAT(screen(), HasSubstr("NEW3"));
}

TEST_F(OddServer, APageThatNeverEndedIsAskedForAgain) {
    connects();
    joins("lobby", 500, {});
    onlyOrder(Kind::History);
    take(event::HistoryPage{.room = "lobby", .first = 450, .last = 500, .more = true});
    take(event::Disconnected{.text = "protocol error by the server", .code = "bad"});
    types("!reconnect\r");
    isBack();
    joins("lobby", 500, {});
    EXPECT_EQ(onlyOrder(Kind::History).number, 501u);
}

TEST_F(OddServer, APageOfNoUseIsNotAskedForAtOnceAgain) {
    connects();
    joins("lobby", 500, {});
    onlyOrder(Kind::History);
    take(event::HistoryPage{.room = "lobby", .first = 900, .last = 990, .more = true});
    take(event::HistoryEnd{.room = "lobby"});
    EXPECT_TRUE(orders().empty());
    passes(5000);
    EXPECT_EQ(orders().size(), 1u);
}

TEST_F(OddServer, ALiveMessageInTheMiddleOfAPageIsNoPartOfIt) {
    connects();
    joins("lobby", 500, {});
    onlyOrder(Kind::History);
    take(event::HistoryPage{.room = "lobby", .first = 451, .last = 500, .more = true});
    says("alice", "live", 501);
    EXPECT_THAT(screen(), HasSubstr("live"));
}

TEST_F(OddServer, LastWordsInARoomAreNotWaitedForWhenItIsLeft) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    types("last words\r!leave\r");
    for (const ClientCommand& order : orders()) {
        if (order.kind == Kind::Say) number(order.tag, "1");
    }
    take(event::Left{.room = "dev"});
    EXPECT_EQ(row(0), " 1 lobby");
    EXPECT_THAT(row(10), Not(HasSubstr("waiting")));
}

TEST_F(OddServer, WhatIsTypedBeforeARoomAnswersIsForThatRoom) {
    connects();
    joins("lobby", 0, {});
    types("!join dev\rhello dev");
    EXPECT_EQ(onlyOrder(Kind::Join).where, "dev");
    joins("dev", 0, {});
    types(" team\r");
    const ClientCommand said = onlyOrder(Kind::Say);
    EXPECT_EQ(said.where, "dev");
    EXPECT_EQ(said.text, "hello dev team");
}

TEST_F(OddServer, ARoomThatIsRefusedSaysSoAndCanBeClosed) {
    connects();
    joins("lobby", 0, {});
    types("!join dev\rhello?");
    take(event::Refused{
        .room = "dev", .text = "the room is closed", .code = "closed", .re = "join"});
    EXPECT_THAT(screen(), HasSubstr("the room is closed"));
    EXPECT_EQ(row(11), "> hello?") << "it is kept";
    types("\r");
    EXPECT_EQ(row(11), "> hello?") << "it is not said, and kept";
    types("\x03!close\r");
    EXPECT_EQ(row(0), " 1 lobby");
}

TEST_F(OddServer, BeingSentOutKeepsTheRoomAndWhatIsTyped) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    types("half a thought");
    take(event::Left{.room = "dev"});
    EXPECT_EQ(row(11), "> half a thought");
    EXPECT_EQ(row(0), " 1 lobby  2 dev");
}

TEST_F(OddServer, ARefusedReturnIsNotAskedForHistory) {
    connects();
    joins("lobby", 500, {});
    orders();
    isLost();
    isBack();
    take(event::Refused{.room = "lobby", .text = "full", .code = "x", .re = "join"});
    passes(60'000);
    EXPECT_TRUE(orders().empty());
}

TEST_F(OddServer, FiftyThousandPeopleAreCountedAndSomeAreListed) {
    connects();
    joins("lobby", 0, {});
    std::vector<std::string> names;
    for (int i = 0; i < 50'000; ++i) names.push_back("n" + std::to_string(i * 7919 % 50'000));
    for (size_t part = 0; part < 50; ++part) {
        std::vector<v2::Member> members;
        for (size_t i = 0; i < 1000; ++i) members.push_back({.nick = names[part * 1000 + i]});
        take(event::Roster{
            .room = "lobby", .members = 50'000, .more = part < 49, .roster = members});
    }
    resize(100, 12);
    EXPECT_THAT(screen(), HasSubstr("50000 here"));
    EXPECT_LE(model_->state().rooms.at(0).people.size(), RoomView::kPeopleMax);
}

TEST_F(OddServer, ANumberThatWasListedStaysThatTransfer) {
    connects();
    joins("lobby", 0, {});
    const auto under = [&](const std::vector<std::string>& ids) {
        std::vector<client::Transfer> all;
        for (const std::string& id : ids) {
            client::Transfer transfer;
            transfer.upload = true;
            transfer.id = id;
            transfer.name = id + ".bin";
            transfer.size = 1 << 20;
            transfer.state = client::Transfer::State::Moving;
            all.push_back(transfer);
        }
        Delivery now = TransfersNow{all};
        model_->take(now, now_);
    };
    under({"a", "b", "c"});
    under({"b", "c"});
    types("!cancel 2\r");
    EXPECT_EQ(onlyOrder(Kind::Cancel).text, "b");
}

}  // namespace
}  // namespace netchat::connect
