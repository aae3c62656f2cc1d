// What one event after another makes of the state, without a screen: above all the second time.

#include "modes/connect/screen/event_reducer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace netchat::connect {
namespace {

namespace event = client::event;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Connection = ScreenState::Connection;

class EventReducerTest : public ::testing::Test {
  protected:
    EventReducerTest() {
        state_.rooms.open(RoomView::Kind::Public, "lobby");
        take(event::Connected{.nick = "bob", .user = 2});
        joins("lobby", 0);
    }
    void take(const client::Event& event) { reducer_.take(event, now_); }
    void give(Delivery delivery) { reducer_.take(delivery, now_); }
    void joins(std::string_view room, uint64_t seq) {
        const std::vector<v2::Member> members{{.nick = "alice", .user = 9},
                                              {.nick = "bob", .user = 2}};
        take(event::Joined{.room = room, .seq = seq, .members = members.size(), .roster = members});
    }
    void says(std::string_view from, std::string_view text, uint64_t seq,
              std::string_view room = "lobby") {
        take(event::Message{
            .room = room, .from = from, .text = text, .user = 9, .seq = seq, .time = 1});
    }
    RoomView& room(std::string_view name = "lobby", RoomView::Kind kind = RoomView::Kind::Public) {
        RoomView* const found = state_.rooms.find(kind, name);
        EXPECT_NE(found, nullptr) << name;
        return *found;
    }
    // Those of this kind, the oldest first.
    std::vector<std::string> texts(Line::Kind kind, std::string_view name = "lobby") {
        std::vector<std::string> all;
        const RoomView& of = room(name);
        for (size_t i = 0; i < of.lines.size(); ++i) {
            if (of.lines.at(i).kind == kind) all.push_back(of.lines.at(i).text.str());
        }
        return all;
    }
    std::vector<std::string> people(std::string_view name = "lobby") {
        std::vector<std::string> nicks;
        for (const Person& person : room(name).people) nicks.push_back(person.nick);
        return nicks;
    }
    size_t holes() { return texts(Line::Kind::Hole).size(); }
    void isLost(int attempt) {
        take(event::Reconnecting{
            .code = "lost", .attempt = static_cast<uint64_t>(attempt), .retryMs = 700});
    }

    Moment now_{1'795'444'560'000, 5000};
    ScreenState state_{{.server = "127.0.0.1:6121", .nick = "bob", .home = "/home/bob"}};
    EventReducer reducer_{state_};
};

TEST_F(EventReducerTest, EachLossIsToldOnceHoweverOftenItIsTried) {
    for (size_t loss = 1; loss <= 2; ++loss) {
        for (const int attempt : {1, 2, 3}) isLost(attempt);
        EXPECT_EQ(texts(Line::Kind::Trouble).size(), loss);
        EXPECT_EQ(state_.connection, Connection::Away);
        EXPECT_EQ(state_.retryAtMs, 5700);
        take(event::Connected{.nick = "bob", .user = 2});
        EXPECT_EQ(state_.connection, Connection::Connected);
        EXPECT_EQ(state_.why.str(), "");
        EXPECT_EQ(texts(Line::Kind::Note).size(), loss);
        EXPECT_EQ(texts(Line::Kind::Note).back(), "connected again as bob");
    }
}

TEST_F(EventReducerTest, WhoeverLeavesIsNeitherAwayNorConnectedMeanwhile) {
    state_.connection = Connection::Leaving;
    isLost(1);
    EXPECT_EQ(state_.connection, Connection::Leaving);
    take(event::Connected{.nick = "bob", .user = 2});
    EXPECT_EQ(state_.connection, Connection::Leaving);
    take(event::Disconnected{});
    EXPECT_EQ(state_.connection, Connection::Left);
    EXPECT_TRUE(state_.effects.quit);
    EXPECT_EQ(state_.effects.last, "");
}

TEST_F(EventReducerTest, ALossThatIsForGoodKeepsTheScreen) {
    take(event::Disconnected{.code = "kicked"});
    EXPECT_EQ(state_.connection, Connection::Ended);
    EXPECT_FALSE(state_.effects.quit);
    ASSERT_EQ(texts(Line::Kind::Trouble).size(), 1u);
    EXPECT_THAT(texts(Line::Kind::Trouble)[0], HasSubstr("!reconnect"));
}

TEST_F(EventReducerTest, APageThatALossCutOffIsAskedForAgain) {
    for (int time = 0; time < 2; ++time) {
        room().asked = RoomView::Asked{.before = 5, .count = 4};
        take(event::HistoryPage{.room = "lobby", .first = 1, .last = 4});
        isLost(1);
        EXPECT_FALSE(room().asked);
        // What follows is no part of it any more.
        take(event::HistoryEnd{.room = "lobby"});
        EXPECT_THAT(texts(Line::Kind::Message), IsEmpty());
    }
}

TEST_F(EventReducerTest, AJoinOfTheSameLogAddsNothingAndOfANewOneSaysSo) {
    says("alice", "one", 1);
    says("alice", "two", 2);
    joins("lobby", 2);
    EXPECT_THAT(texts(Line::Kind::Message), ElementsAre("one", "two"));
    EXPECT_THAT(texts(Line::Kind::Trouble), IsEmpty());
    joins("lobby", 1);
    ASSERT_EQ(texts(Line::Kind::Trouble).size(), 1u);
    EXPECT_THAT(texts(Line::Kind::Trouble)[0], StartsWith("the room started again"));
    says("alice", "three", 2);
    EXPECT_THAT(texts(Line::Kind::Message), ElementsAre("one", "two", "three"));
}

TEST_F(EventReducerTest, AServerThatForgotAllBeginsEveryRoomAnewOnce) {
    state_.rooms.open(RoomView::Kind::Public, "dev");
    joins("dev", 7);
    take(event::Connected{.nick = "bob", .user = 3, .anew = true});
    for (int time = 0; time < 2; ++time) {
        for (const char* name : {"lobby", "dev"}) {
            joins(name, 7);
            EXPECT_EQ(texts(Line::Kind::Trouble, name).size(), 1u) << name;
        }
    }
}

TEST_F(EventReducerTest, WhatIsNewOfAnEarlierLogIsForgottenAndOfThisOneKept) {
    says("alice", "one", 1);
    room().newFromSeq = 2;
    joins("lobby", 1);
    EXPECT_EQ(room().newFromSeq, 2u) << "the next to come";
    room().newFromSeq = 3;
    joins("lobby", 1);
    EXPECT_EQ(room().newFromSeq, 0u);
}

TEST_F(EventReducerTest, AnotherLogKeepsWhatBothHave) {
    for (uint64_t seq = 1; seq <= 4; ++seq) says("alice", "m" + std::to_string(seq), seq);
    room().newFromSeq = 4;
    take(event::LogChanged{.room = "lobby", .text = "changed", .common = 2});
    EXPECT_THAT(texts(Line::Kind::Message), ElementsAre("m1", "m2"));
    EXPECT_EQ(room().newFromSeq, 3u);
    EXPECT_THAT(texts(Line::Kind::Trouble), ElementsAre("changed"));
    take(event::LogChanged{.room = "nowhere", .text = "changed", .common = 1});
    EXPECT_THAT(texts(Line::Kind::Message), ElementsAre("m1", "m2"));
}

TEST_F(EventReducerTest, ARoomThatWasAskedToBeLeftGoesAndOneThatTurnsOutStays) {
    state_.rooms.open(RoomView::Kind::Public, "dev").state = RoomView::State::Leaving;
    take(event::Left{.room = "dev"});
    EXPECT_EQ(state_.rooms.find(RoomView::Kind::Public, "dev"), nullptr);
    state_.rooms.open(RoomView::Kind::Public, "dev");
    joins("dev", 0);
    take(event::Left{.room = "dev", .text = "kicked"});
    EXPECT_EQ(room("dev").state, RoomView::State::Left);
    EXPECT_THAT(people("dev"), IsEmpty());
    // The last of all stays, too.
    state_.rooms.close(room("dev"));
    room().state = RoomView::State::Leaving;
    take(event::Left{.room = "lobby"});
    EXPECT_EQ(room().state, RoomView::State::Left);
}

TEST_F(EventReducerTest, WhatWasSaidIsPendingUntilItsOwnIdComesBack) {
    const uint64_t one = reducer_.addPending(room(), "one", now_);
    const uint64_t two = reducer_.addPending(room(), "two", now_);
    EXPECT_NE(one, two);
    give(Numbered{one, "a"});
    give(Numbered{two, "b"});
    EXPECT_EQ(reducer_.pending(), 2u);
    const auto comesBack = [&](std::string_view id, std::string_view text, uint64_t seq) {
        take(event::Message{
            .room = "lobby", .from = "bob", .id = id, .text = text, .seq = seq, .own = true});
    };
    comesBack("b", "two", 1);
    EXPECT_EQ(reducer_.pending(), 1u);
    comesBack("b", "two", 1);
    EXPECT_EQ(reducer_.pending(), 1u) << "told again";
    comesBack("a", "one", 2);
    EXPECT_EQ(reducer_.pending(), 0u);
    EXPECT_THAT(texts(Line::Kind::Message), ElementsAre("two", "one"));
}

// Somebody else may have chosen the same id.
TEST_F(EventReducerTest, AnothersIdAcknowledgesNothing) {
    give(Numbered{reducer_.addPending(room(), "one", now_), "a"});
    take(event::Message{.room = "lobby", .from = "alice", .id = "a", .text = "hers", .seq = 1});
    EXPECT_EQ(reducer_.pending(), 1u);
}

TEST_F(EventReducerTest, WhatPendsInARoomThatTurnsOneOutStaysThereAndThatOfOthersPends) {
    RoomView& dev = state_.rooms.open(RoomView::Kind::Public, "dev");
    joins("dev", 0);
    reducer_.addPending(dev, "there", now_);
    reducer_.addPending(room(), "here", now_);
    take(event::Left{.room = "dev", .text = "kicked"});
    EXPECT_EQ(reducer_.pending(), 1u);
    EXPECT_THAT(texts(Line::Kind::Message, "dev"), ElementsAre("there"));
    EXPECT_NE(room("dev").lines.at(0).state, Line::State::Pending);
}

TEST_F(EventReducerTest, CountsWhatComesWhereNobodyLooks) {
    state_.rooms.open(RoomView::Kind::Public, "dev");
    joins("dev", 0);
    says("alice", "here", 1);
    EXPECT_EQ(room().unread, 0u);
    state_.effects.save = false;
    says("alice", "one", 1, "dev");
    EXPECT_TRUE(state_.effects.save) << "what a count began with";
    state_.effects.save = false;
    says("alice", "two", 2, "dev");
    EXPECT_FALSE(state_.effects.save);
    says("alice", "bob: three", 3, "dev");
    EXPECT_TRUE(state_.effects.save);
    EXPECT_EQ(room("dev").unread, 3u);
    EXPECT_EQ(room("dev").mentions, 1u);
    says("alice", "bob: three", 3, "dev");
    EXPECT_EQ(room("dev").unread, 3u) << "it is there already";
    // The window is behind others.
    state_.focused = false;
    says("alice", "unseen", 2);
    EXPECT_EQ(room().unread, 1u);
}

TEST_F(EventReducerTest, CountsWhatIsBelowWhereSomebodyLooksAtWhatWasBefore) {
    says("alice", "one", 1);
    room().anchor = RoomView::Anchor{.line = room().lines.at(0).id, .seq = 1};
    says("alice", "two", 2);
    says("alice", "bob: three", 3);
    EXPECT_EQ(room().below.lines, 2u);
    EXPECT_EQ(room().below.mentions, 1u);
    EXPECT_EQ(room().below.fromSeq, 2u);
    EXPECT_EQ(room().unread, 0u) << "the room is looked at";
}

TEST_F(EventReducerTest, WhatAnIgnoredOneSaysIsNoHole) {
    state_.ignored.emplace("alice");
    says("alice", "one", 1);
    says("carol", "two", 2);
    EXPECT_THAT(texts(Line::Kind::Message), ElementsAre("two"));
    EXPECT_EQ(holes(), 0u);
    take(event::Private{.from = "alice", .to = "bob", .text = "psst"});
    EXPECT_EQ(state_.rooms.find(RoomView::Kind::Private, "alice"), nullptr);
}

TEST_F(EventReducerTest, AnIgnoredOneStaysSoUnderAnotherNick) {
    state_.ignored.emplace("alice");
    for (int time = 0; time < 2; ++time) {
        take(event::Presence{
            .room = "lobby", .nick = "eve", .was = "alice", .state = "renamed", .user = 9});
    }
    EXPECT_EQ(state_.ignored.count("eve"), 1u);
    EXPECT_EQ(state_.orders.size(), 1u) << "the client is told once";
    EXPECT_THAT(people(), ElementsAre("bob", "eve"));
}

TEST_F(EventReducerTest, ATalkFollowsTheOtherToAnotherNickWithWhatPends) {
    RoomView& talk = state_.rooms.open(RoomView::Kind::Private, "alice");
    reducer_.addPending(talk, "psst", now_);
    take(event::Presence{
        .room = "lobby", .nick = "eve", .was = "alice", .state = "renamed", .user = 9});
    EXPECT_EQ(talk.name, "eve");
    EXPECT_EQ(talk.shown.str(), "@eve");
    give(Written{1});
    EXPECT_EQ(reducer_.pending(), 0u);
    EXPECT_NE(talk.lines.at(0).state, Line::State::Pending);
}

TEST_F(EventReducerTest, ARosterOfSeveralPartsIsOneList) {
    room().whoAsked.push_back(false);
    const std::vector<v2::Member> first{{.nick = "ann", .user = 1}, {.nick = "bea", .user = 4}};
    const std::vector<v2::Member> last{{.nick = "cay", .user = 5}};
    for (int time = 0; time < 2; ++time) {
        take(event::Roster{.room = "lobby", .members = 3, .more = true, .roster = first});
        take(event::Roster{.room = "lobby", .members = 3, .roster = last});
        EXPECT_THAT(people(), ElementsAre("ann", "bea", "cay"));
        EXPECT_EQ(room().members, 3u);
        EXPECT_THAT(room().whoAsked, IsEmpty());
    }
}

TEST_F(EventReducerTest, AListThatIsShorterThanTheRoomLeavesItsCount) {
    const std::vector<v2::Member> some{{.nick = "ann", .user = 1}};
    take(event::Roster{.room = "lobby", .members = 900, .roster = some});
    EXPECT_EQ(room().members, 900u);
    // One that says less than it lists is not believed.
    take(event::Roster{.room = "lobby", .members = 0, .roster = some});
    EXPECT_EQ(room().members, 1u);
}

TEST_F(EventReducerTest, AFirstRoomThatIsRefusedIsTheEndAndASecondIsNot) {
    state_.rooms.open(RoomView::Kind::Public, "vault");
    take(event::Refused{.room = "vault", .code = "no-such-room", .re = "join"});
    EXPECT_FALSE(state_.effects.quit);
    EXPECT_EQ(state_.rooms.find(RoomView::Kind::Public, "vault"), nullptr);
    EXPECT_EQ(texts(Line::Kind::Trouble).size(), 1u);

    ScreenState other{{.server = "127.0.0.1:6121", .nick = "bob", .home = "/home/bob"}};
    EventReducer first(other);
    other.rooms.open(RoomView::Kind::Public, "vault");
    first.take(event::Refused{.room = "vault", .code = "closed", .re = "join"}, now_);
    EXPECT_TRUE(other.effects.quit);
    EXPECT_NE(other.effects.last, "");
}

TEST_F(EventReducerTest, APageThatIsRefusedIsAskedForAgainButNotAtOnce) {
    room().asked = RoomView::Asked{.before = 5, .count = 4};
    take(event::Refused{.room = "lobby", .code = "too-fast", .re = "history"});
    EXPECT_FALSE(room().asked);
    EXPECT_EQ(room().askAfterMs, now_.monoMs + 2000);
    EXPECT_EQ(room().state, RoomView::State::Joined);
    room().asked = RoomView::Asked{.before = 5, .count = 4};
    take(event::Refused{.room = "lobby", .code = "not-in-room", .re = "history"});
    EXPECT_EQ(room().state, RoomView::State::Left);
}

// A server that answers well-formedly what was not asked.
TEST_F(EventReducerTest, APageBeyondWhatWasAskedForFillsNothing) {
    room().lines.reach(4);
    room().asked = RoomView::Asked{.before = 3, .count = 2};
    take(event::HistoryPage{.room = "lobby", .first = 1, .last = 4});
    take(event::HistoryEnd{.room = "lobby"});
    EXPECT_EQ(holes(), 1u);
    EXPECT_EQ(room().askAfterMs, now_.monoMs + 2000);
    EXPECT_FALSE(room().asked);
}

}  // namespace
}  // namespace netchat::connect
