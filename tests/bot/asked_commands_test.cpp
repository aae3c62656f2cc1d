#include "modes/bot/asked_commands.h"

#include <gmock/gmock.h>

#include "modes/bot/told_entries.h"

namespace netchat::bot {
namespace {

using client::Event;
namespace event = client::event;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = AskedCommand::Kind;

class AskedCommandsTest : public testing::Test {
  protected:
    void ask(Kind kind, std::string about, std::string ref) {
        asked.add({kind, std::move(about), std::move(ref)});
    }
    void ack(uint64_t seq, std::string room = "lobby") {
        asked.add({Kind::Ack, std::move(room), {}, seq});
    }
    std::vector<uint64_t> due() {
        std::vector<uint64_t> seqs;
        for (const AskedCommand& command : asked.takeDueAcks()) seqs.push_back(command.seq);
        return seqs;
    }
    std::string own(std::string_view id) {
        return asked.refOf(event::Message{.room = "lobby", .id = id, .own = true});
    }
    AskedCommands asked;
};

TEST_F(AskedCommandsTest, AnEntryAnswersWhatWasSaidWithItsId) {
    ask(Kind::Say, "1", "\"a\"");
    ask(Kind::Say, "2", "\"b\"");
    EXPECT_EQ(own("3"), "");
    EXPECT_EQ(asked.refOf(event::Message{.id = "2"}), "") << "somebody else's";
    EXPECT_EQ(own("2"), "\"b\"");
    EXPECT_EQ(own("2"), "") << "it is answered";
    EXPECT_EQ(asked.refOf(event::Confirmed{.id = "1"}), "\"a\"");
}

TEST_F(AskedCommandsTest, ARefusalAnswersByIdOrByWhatItIsAbout) {
    ask(Kind::Say, "1", "1");
    ask(Kind::Join, "dev", "2");
    ask(Kind::Join, "ops", "3");
    ask(Kind::Nick, "x", "4");
    ask(Kind::Get, "abc", "5");
    EXPECT_EQ(asked.refOf(event::Refused{.room = "ops", .re = "join"}), "3");
    EXPECT_EQ(asked.refOf(event::Refused{.nick = "x", .re = "nick"}), "4");
    EXPECT_EQ(asked.refOf(event::Refused{.sha256 = "abc", .re = "get"}), "5");
    EXPECT_EQ(asked.refOf(event::Refused{.room = "dev", .id = "1", .re = "say"}), "1");
    EXPECT_EQ(asked.refOf(event::Joined{.room = "dev"}), "2");
}

TEST_F(AskedCommandsTest, AnAnswerOfSeveralPartsHasItsRefInEach) {
    ask(Kind::Who, "", "1");
    EXPECT_EQ(asked.refOf(event::Roster{.more = true}), "1");
    EXPECT_EQ(asked.refOf(event::Roster{}), "1");
    EXPECT_EQ(asked.refOf(event::Roster{}), "");
    ask(Kind::History, "lobby", "2");
    const event::Message entry{.room = "lobby", .seq = 4, .history = true};
    EXPECT_EQ(asked.refOf(entry), "") << "what was missed is of no page";
    EXPECT_EQ(asked.refOf(event::HistoryPage{.room = "lobby"}), "2");
    EXPECT_TRUE(asked.inPage());
    EXPECT_EQ(asked.refOf(entry), "2");
    EXPECT_EQ(asked.refOf(event::HistoryEnd{.room = "lobby"}), "2");
    EXPECT_EQ(asked.refOf(entry), "");
    EXPECT_FALSE(asked.inPage());
}

// The page that shows it is all that its saying is answered with where the log had it already.
TEST_F(AskedCommandsTest, AnOwnEntryInAPageAnswersItsSaying) {
    ask(Kind::Say, "1", "7");
    ack(3);
    asked.refOf(event::SearchPage{.room = "lobby"});
    EXPECT_EQ(own("1"), "");
    EXPECT_THAT(due(), ElementsAre(3));
}

TEST_F(AskedCommandsTest, EachJoinAndLeaveOfARoomIsAnsweredInTurn) {
    ask(Kind::Leave, "dev", "1");
    ask(Kind::Join, "dev", "2");
    ask(Kind::Leave, "dev", "3");
    EXPECT_EQ(asked.refOf(event::Left{.room = "dev"}), "1");
    EXPECT_EQ(asked.refOf(event::Joined{.room = "dev"}), "2");
    EXPECT_EQ(asked.refOf(event::Left{.room = "dev"}), "3");
}

TEST_F(AskedCommandsTest, ARefusalIsOfTheNickOrRoomThatItNames) {
    ask(Kind::Nick, "good", "1");
    ask(Kind::Nick, "two words", "2");
    EXPECT_EQ(asked.refOf(event::Refused{.nick = "two words", .re = "nick"}), "2");
    EXPECT_EQ(asked.refOf(event::Named{.nick = "good"}), "1");
    ask(Kind::Join, "dev", "3");
    ask(Kind::Join, "", "4");
    EXPECT_EQ(asked.refOf(event::Refused{.room = "", .re = "join"}), "4");
    EXPECT_EQ(asked.refOf(event::Refused{.room = "ops", .re = "join"}), "");
    EXPECT_EQ(asked.refOf(event::Joined{.room = "dev"}), "3");
}

// As the classic dialect refuses it.
TEST_F(AskedCommandsTest, ARefusalWithoutANameIsOfTheFirstOfItsKind) {
    ask(Kind::Leave, "dev", "1");
    ask(Kind::Nick, "al", "2");
    EXPECT_EQ(asked.refOf(event::Refused{.re = "leave"}), "1");
    EXPECT_EQ(asked.refOf(event::Refused{.re = "nick"}), "2");
}

// Who has nothing more to say stays until these are answered.
TEST_F(AskedCommandsTest, QuestionsAwaitTheirAnswers) {
    for (const auto& [kind, verb] : {std::pair{Kind::Who, "who"},
                                     {Kind::History, "history"},
                                     {Kind::Search, "search"},
                                     {Kind::Rooms, "rooms"},
                                     {Kind::Nick, "nick"},
                                     {Kind::Op, "op"}}) {
        ask(kind, "", "1");
        EXPECT_TRUE(asked.awaitsAnswers()) << verb;
        EXPECT_EQ(asked.refOf(event::Refused{.re = verb}), "1");
        EXPECT_FALSE(asked.awaitsAnswers()) << verb;
    }
    for (const Kind kind : {Kind::Say, Kind::Ack, Kind::Join, Kind::Leave, Kind::Get}) {
        ask(kind, "dev", "2");
    }
    EXPECT_FALSE(asked.awaitsAnswers());
}

TEST_F(AskedCommandsTest, AnAcknowledgementWaitsForAllThatWasSaidBeforeIt) {
    ack(1);
    EXPECT_THAT(due(), ElementsAre(1)) << "nothing was said";
    ask(Kind::Say, "1", "");
    ask(Kind::Who, "", "");
    ack(2);
    ask(Kind::Say, "2", "");
    ack(3);
    EXPECT_THAT(due(), IsEmpty());
    own("2");
    EXPECT_THAT(due(), IsEmpty()) << "1 is not there";
    own("1");
    EXPECT_THAT(due(), ElementsAre(2, 3)) << "a roster that is due holds up nothing";
    EXPECT_EQ(asked.acks(), 0u);
}

TEST_F(AskedCommandsTest, NothingPassesOverWhatWasRefused) {
    const auto spoilt = [&] {
        std::string marks;
        for (const AskedCommand& ack : asked.takeDueAcks()) marks += ack.spoilt ? 'x' : '.';
        return marks;
    };
    const auto refuse = [&](std::string_view id, std::string_view code) {
        asked.refOf(event::Refused{.id = id, .code = code, .re = "say"});
    };
    ask(Kind::Say, "1", "");
    ack(1);
    ask(Kind::Say, "2", "");
    ack(2);
    refuse("2", "muted");
    own("1");
    EXPECT_EQ(spoilt(), ".x") << "only what comes behind it";
    ack(3);
    EXPECT_EQ(spoilt(), "x");
    asked.add({Kind::Ack, "lobby", {}, 3, true});
    ack(4);
    EXPECT_EQ(spoilt(), "..") << "the program knows";
    ask(Kind::Say, "3", "");
    asked.add({Kind::Ack, "lobby", {}, 5, true});
    ack(6);
    refuse("3", "muted");
    EXPECT_EQ(spoilt(), "..") << "what was said before it was passed over anyway";
    asked.add({Kind::Ack, "lobby", {}, 6, true});
    ask(Kind::Say, "4", "");
    ack(7);
    refuse("4", "cancelled");
    EXPECT_EQ(spoilt(), "..");
    asked.spoil();
    ack(8);
    EXPECT_EQ(spoilt(), "x");
}

TEST_F(AskedCommandsTest, WhatALogHasNoMoreIsNotAcknowledged) {
    ask(Kind::Say, "1", "");
    ack(2);
    ack(3);
    ack(9, "dev");
    EXPECT_EQ(asked.takeAcksBeyond("lobby", 2).size(), 1u);
    own("1");
    EXPECT_THAT(due(), ElementsAre(2, 9));
}

TEST_F(AskedCommandsTest, OfTooManyRequestsTheOldestHasNoRef) {
    ask(Kind::Say, "1", "\"kept\"");
    for (size_t i = 0; i <= AskedCommands::kRequestsMax; ++i) {
        ask(Kind::Get, std::to_string(i), std::to_string(i));
    }
    EXPECT_EQ(asked.refOf(event::FileReceived{.sha256 = "0"}), "");
    EXPECT_EQ(asked.refOf(event::FileReceived{.sha256 = "1"}), "1");
    EXPECT_EQ(own("1"), "\"kept\"");
}

// ---- what may be acknowledged

class ToldEntriesTest : public testing::Test {
  protected:
    void entry(uint64_t seq, std::string_view id, bool inPage = false) {
        told.follow(event::Message{.room = "lobby", .id = id, .seq = seq}, inPage);
    }
    ToldEntries told;
};

TEST_F(ToldEntriesTest, OnlyWhatWasToldCanBeAcknowledged) {
    EXPECT_FALSE(told.check("lobby", 1, ""));
    entry(7, "a");
    EXPECT_TRUE(told.check("lobby", 7, ""));
    EXPECT_TRUE(told.check("lobby", 3, "")) << "all before it with it";
    EXPECT_FALSE(told.check("lobby", 8, ""));
    EXPECT_FALSE(told.check("dev", 1, ""));
    entry(9, "old", true);
    EXPECT_FALSE(told.check("lobby", 9, "")) << "of a page";
    told.follow(event::Gap{.room = "lobby", .first = 8, .last = 9}, false);
    EXPECT_TRUE(told.check("lobby", 9, ""));
}

TEST_F(ToldEntriesTest, TheIdIsTheEntrysWhereItIsKnown) {
    entry(7, "a");
    EXPECT_TRUE(told.check("lobby", 7, "a"));
    EXPECT_FALSE(told.check("lobby", 7, "b"));
    EXPECT_TRUE(told.check("lobby", 6, "b"));
    for (uint64_t seq = 8; seq < 8 + ToldEntries::kIdsMax; ++seq) entry(seq, "x");
    EXPECT_TRUE(told.check("lobby", 7, "b")) << "too long ago";
}

TEST_F(ToldEntriesTest, ALogThatWasRestoredIsToldAgain) {
    entry(7, "a");
    entry(8, "b");
    told.follow(event::LogChanged{.room = "lobby", .common = 7, .last = 8}, false);
    EXPECT_FALSE(told.check("lobby", 8, ""));
    entry(8, "c");
    EXPECT_FALSE(told.check("lobby", 8, "b"));
    EXPECT_TRUE(told.check("lobby", 8, "c"));
}

}  // namespace
}  // namespace netchat::bot
