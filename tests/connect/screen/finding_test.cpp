// Words that are looked for in a room, and where that leads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/connect/screen/screen_fixture.h"

namespace netchat::connect {
namespace {

namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using Kind = ClientCommand::Kind;

class FindingTest : public ScreenTest {
  protected:
    void chats(unsigned lines) {
        connects();
        joins("lobby", 0, {"alice"});
        for (unsigned i = 1; i <= lines; ++i) {
            says("alice", i % 40 == 5 ? "Suspended no. " + std::to_string(i) : "nothing", i);
        }
    }
    // What the server finds; 0: nothing, though `first` says how far it looked.
    void answers(const ClientCommand& search, uint64_t seq, uint64_t first, bool more) {
        take(event::SearchPage{
            .room = search.where, .text = search.text, .first = first, .last = seq, .more = more});
        if (seq != 0) {
            take(event::Message{.room = search.where,
                                .from = "alice",
                                .text = "m" + std::to_string(seq),
                                .user = 9,
                                .seq = seq,
                                .time = kNoonMs,
                                .history = true});
        }
        take(event::SearchEnd{.room = search.where, .more = more});
    }
    std::string status() { return row(10); }
    // The text that is drawn as what was found.
    std::string marked() {
        const Grid shown = grid();
        const Style style = Theme(false).chosen;
        std::string text;
        for (int y = 1; y < 10; ++y) {
            for (int x = 18; x < 60; ++x) {
                if (shown.at(x, y).style == style) text += shown.at(x, y).text;
            }
        }
        return text;
    }
};

TEST_F(FindingTest, GoesToThePartOfAWordAsItIsTyped) {
    chats(100);
    types("\x13susp");
    EXPECT_THAT(screen(), HasSubstr("Suspended no. 85"));
    EXPECT_EQ(marked(), "Susp");
    EXPECT_THAT(status(), HasSubstr("search 'susp'"));
    types("\x13");
    EXPECT_THAT(screen(), HasSubstr("Suspended no. 45"));
    types("\x12");
    EXPECT_THAT(screen(), HasSubstr("Suspended no. 85"));
    types("\r\x13");
    EXPECT_THAT(screen(), HasSubstr("Suspended no. 45"));
    EXPECT_THAT(status(), HasSubstr("C-s older"));
    EXPECT_EQ(row(11), ">") << "nothing of it was typed into the line";
}

TEST_F(FindingTest, EscapeGoesBackToWhereOneWas) {
    chats(100);
    const std::string before = screen();
    types("\x13susp");
    EXPECT_NE(screen(), before);
    types("\x1b");
    EXPECT_EQ(screen(), before);
    types("\x13\x13");
    EXPECT_THAT(screen(), HasSubstr("Suspended no. 85")) << "as the last time";
}

TEST_F(FindingTest, WhatFollowsChangesWhatIsFound) {
    chats(100);
    types("\x13no. 45");
    EXPECT_THAT(screen(), HasSubstr("Suspended no. 45"));
    types(
        "\x7f\x7f"
        "85");
    EXPECT_THAT(screen(), HasSubstr("Suspended no. 85"));
    types("zz");
    EXPECT_THAT(status(), HasSubstr("not here"));
}

TEST_F(FindingTest, AsksTheServerWhereTheLogGoesOnAndShowsItsContext) {
    connects();
    joins("lobby", 5000, {"alice"});
    sendsPage(onlyOrder(Kind::History));
    types("!search m1234\r");
    const ClientCommand search = onlyOrder(Kind::Search);
    EXPECT_EQ(search.text, "m1234");
    EXPECT_EQ(search.number, 4951u) << "what is here was looked through";
    EXPECT_THAT(status(), HasSubstr("looking further back"));
    answers(search, 1234, 1234, false);
    const ClientCommand page = onlyOrder(Kind::History);
    EXPECT_GT(page.number, 1234u);
    EXPECT_LT(page.number - page.count, 1234u);
    sendsPage(page);
    EXPECT_THAT(screen(), HasSubstr("alice │ m1234\n"));
    EXPECT_THAT(screen(), HasSubstr("alice │ m1233\n"));
    EXPECT_THAT(screen(), HasSubstr("alice │ m1235\n"));
    EXPECT_EQ(marked(), "m1234");
    types("\x13");
    const ClientCommand older = onlyOrder(Kind::Search);
    EXPECT_EQ(older.number, page.number - page.count) << "below what is here now";
    answers(older, 0, 0, false);
    EXPECT_THAT(screen(), HasSubstr("nothing older has 'm1234'"));
}

TEST_F(FindingTest, GoesOnWhereTheServerLookedAtAPartOnly) {
    connects();
    joins("lobby", 5000, {"alice"});
    sendsPage(onlyOrder(Kind::History));
    types("!search needle\r");
    answers(onlyOrder(Kind::Search), 0, 3000, true);
    const ClientCommand further = onlyOrder(Kind::Search);
    EXPECT_EQ(further.number, 3000u);
    answers(further, 0, 0, false);
    EXPECT_THAT(screen(), HasSubstr("nothing here has 'needle'"));
    EXPECT_TRUE(orders().empty());
}

TEST_F(FindingTest, AnAnswerThatNobodyWaitsForLeadsNowhere) {
    connects();
    joins("lobby", 5000, {"alice"});
    sendsPage(onlyOrder(Kind::History));
    types("!search needle\r");
    const ClientCommand search = onlyOrder(Kind::Search);
    types("\x1b");
    types("!search m49\r");
    EXPECT_THAT(screen(), HasSubstr("m4999"));
    answers(search, 17, 17, false);
    EXPECT_THAT(screen(), HasSubstr("m4999"));
    EXPECT_TRUE(orders().empty());
}

TEST_F(FindingTest, LooksInPrivateTalksToo) {
    connects();
    joins("lobby", 0, {"alice"});
    for (int i = 0; i < 50; ++i) {
        const std::string text = i == 3 ? "the Schlüssel" : "nothing";
        take(event::Private{.from = "alice", .to = "bob", .text = text, .user = 9});
    }
    types(
        "\x1b"
        "2!search schlussel\r");
    EXPECT_THAT(screen(), HasSubstr("the Schlüssel"));
    EXPECT_EQ(marked(), "Schlüssel");
    EXPECT_TRUE(orders().empty()) << "no server has them";
    types("!search\r");
    EXPECT_THAT(screen(), HasSubstr("nothing older has"));
}

TEST_F(FindingTest, WhoSpeaksHasDoneWithIt) {
    chats(100);
    types("\x13susp\rhello\r");
    EXPECT_EQ(marked(), "");
    EXPECT_THAT(screen(), HasSubstr("bob │ hello"));
}

}  // namespace
}  // namespace netchat::connect
