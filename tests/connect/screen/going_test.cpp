// Going to a line of a room, where others are fetched around it or somebody is ignored, and staying
// there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/connect/screen/screen_fixture.h"

namespace netchat::connect {
namespace {

namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using Kind = ClientCommand::Kind;

struct Said {
    std::string from, text;
};

class GoingTest : public ScreenTest {
  protected:
    // A log of 5000 entries on the server, of which this is each.
    void comesTo(uint64_t last, std::function<Said(uint64_t)> said) {
        said_ = std::move(said);
        last_ = last;
        connects();
        joins("lobby", last, {"alice", "carol"});
    }
    // Answers what the screen asks for until it asks for nothing more; gives how many pages it
    // were.
    int serves() {
        for (int pages = 0; pages < 100; ++pages) {
            std::optional<ClientCommand> asked;
            for (ClientCommand& order : orders()) {
                if (order.kind == Kind::History || order.kind == Kind::Search) asked = order;
            }
            if (!asked) return pages;
            asked->kind == Kind::History ? sendPage(*asked) : sendFound(*asked);
        }
        ADD_FAILURE() << "it asks for ever";
        return 0;
    }
    void sendPage(const ClientCommand& order) {
        const uint64_t last = order.number - 1;
        const uint64_t first = last > order.count ? last - order.count + 1 : 1;
        take(event::HistoryPage{.room = "lobby", .first = first, .last = last, .more = first > 1});
        for (uint64_t seq = first; seq <= last; ++seq) sendOld(seq);
        take(event::HistoryEnd{.room = "lobby"});
    }
    void sendFound(const ClientCommand& order) {
        uint64_t seq = order.number - 1;
        while (seq > 0 && said_(seq).text.find(order.text) == std::string::npos) --seq;
        take(event::SearchPage{
            .room = "lobby", .text = order.text, .first = seq == 0 ? 1 : seq, .last = seq});
        if (seq != 0) sendOld(seq);
        take(event::SearchEnd{.room = "lobby"});
    }
    void sendOld(uint64_t seq) {
        const Said said = said_(seq);
        take(event::Message{.room = "lobby",
                            .from = said.from,
                            .text = said.text,
                            .user = 9,
                            .seq = seq,
                            .time = kNoonMs,
                            .history = true});
    }
    std::string status() { return row(10); }
    // Rows of messages with neither nick nor text.
    int emptyRows() {
        int count = 0;
        for (int y = 1; y < 10; ++y) count += row(y).ends_with("│") ? 1 : 0;
        return count;
    }

    std::function<Said(uint64_t)> said_;
    uint64_t last_ = 0;
};

// Four lines of a talker, then 400 of somebody who is ignored, then 150 of the talker.
Said ofTalkerAndIgnored(uint64_t seq) {
    if (seq == 2) return {"talker", "t2 needleZ"};
    if (seq > 4 && seq <= 404) return {"carol", "c" + std::to_string(seq)};
    return {"talker", "t" + std::to_string(seq) + " and the rest of a text"};
}

TEST_F(GoingTest, TheTopIsReachedPastPagesOfSomebodyIgnored) {
    types("!ignore carol\r");
    comesTo(554, ofTalkerAndIgnored);
    serves();
    types("\x1b<");
    serves();
    EXPECT_THAT(row(1), HasSubstr("talker │ t1 and"));
    EXPECT_THAT(row(2), HasSubstr("talker │ t2 needleZ"));
    EXPECT_THAT(row(4), HasSubstr("talker │ t4 and"));
    EXPECT_THAT(row(5), HasSubstr("talker │ t405 and")) << screen();
    EXPECT_EQ(emptyRows(), 0) << screen();
}

TEST_F(GoingTest, PagesOfSomebodyIgnoredDoNotEndTheTop) {
    types("!ignore carol\r");
    comesTo(5000, [](uint64_t seq) {
        return Said{seq < 700 ? "carol" : "talker", "n" + std::to_string(seq)};
    });
    serves();
    types("\x1b<");
    serves();
    EXPECT_THAT(row(1), HasSubstr("talker │ n700")) << screen();
}

TEST_F(GoingTest, WhatWasFoundStaysInSightWhileTheRestIsFetched) {
    types("!ignore carol\r");
    comesTo(554, ofTalkerAndIgnored);
    serves();
    types("!search needleZ\r");
    serves();
    EXPECT_THAT(screen(), HasSubstr("talker │ t2 needleZ"));
    EXPECT_EQ(emptyRows(), 0) << screen();
    types("\x1b[6~");
    serves();
    EXPECT_THAT(screen(), Not(HasSubstr("t2 needleZ"))) << "somebody moves on";
}

std::string longText(const std::string& in35) {
    std::string text;
    for (int i = 1; i <= 50; ++i) {
        text += (i == 1 ? "" : "\n") + (i == 35 ? in35 : "row" + std::to_string(i));
    }
    return text;
}

TEST_F(GoingTest, TheRowOfALongMessageIsSeenThatWasFound) {
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", longText("here is the needle"), 1);
    for (uint64_t seq = 2; seq <= 40; ++seq) says("alice", "later", seq);
    for (const char* keys : {"!search needle\r", "\x1b>\x1b", "\x13needle\r"}) types(keys);
    EXPECT_THAT(screen(), HasSubstr("here is the needle"));
    EXPECT_THAT(screen(), HasSubstr("row34"));
    EXPECT_THAT(screen(), HasSubstr("row36"));
    for (const int width : {38, 60}) {
        resize(width, 12);
        EXPECT_THAT(screen(), HasSubstr("here is the needle")) << "at " << width;
    }
}

TEST_F(GoingTest, TheRowOfALongMessageIsSeenThatMentionsUs) {
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", longText("what does bob say?"), 1);
    for (uint64_t seq = 2; seq <= 40; ++seq) says("alice", "later", seq);
    types("\x1bp");
    EXPECT_THAT(screen(), HasSubstr("what does bob say?"));
}

TEST_F(GoingTest, OpeningAndFoldingAtTheEndIsTheEndAgain) {
    connects();
    joins("lobby", 0, {"alice"});
    for (uint64_t seq = 1; seq <= 20; ++seq) says("alice", "before", seq);
    says("alice", longText("middle"), 21);
    says("alice", "after", 22);
    resize(80, 24);
    const std::string before = screen();
    types("\x1bo");
    EXPECT_NE(screen(), before);
    types("\x1bo");
    EXPECT_EQ(screen(), before);
    says("alice", "and on", 23);
    EXPECT_THAT(screen(), HasSubstr("and on")) << "the end, as it grows";
}

TEST_F(GoingTest, FoldingFromItsLaterRowsShowsTheFold) {
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", longText("middle"), 1);
    for (uint64_t seq = 2; seq <= 30; ++seq) says("alice", "after", seq);
    types("\x1b<");
    screen();
    for (const char* keys : {"\x1b[6~", "\x1bo", "\x1b[6~", "\x1b[6~"}) types(keys);
    ASSERT_THAT(screen(), HasSubstr("row30"));
    types("\x1bo");
    EXPECT_THAT(row(1), HasSubstr("40 more rows: M-o opens")) << screen();
}

TEST_F(GoingTest, AMentionIsLookedForInWhatIsNotHereYet) {
    comesTo(5000, [](uint64_t seq) {
        return Said{"alice", (seq == 4321 ? "bob, look: " : "m") + std::to_string(seq)};
    });
    serves();
    types("\x1bp");
    EXPECT_THAT(screen(), HasSubstr("looking further back for a mention of you"));
    serves();
    EXPECT_THAT(screen(), HasSubstr("bob, look: 4321"));
    EXPECT_THAT(screen(), Not(HasSubstr("looking further back")));
}

TEST_F(GoingTest, AMentionIsLookedForInSoMuchAtATime) {
    comesTo(60'000, [](uint64_t seq) { return Said{"alice", "m" + std::to_string(seq)}; });
    serves();
    types("\x1bp");
    const int pages = serves();
    EXPECT_GE(pages, 10);
    EXPECT_LE(pages, 60);
    EXPECT_THAT(screen(), HasSubstr("no mention of you here yet; M-p looks further back"));
    types("\x1bp");
    EXPECT_GE(serves(), 10) << "it goes on where it ended";
}

TEST_F(GoingTest, AKeyEndsTheLookingForAMention) {
    comesTo(60'000, [](uint64_t seq) { return Said{"alice", "m" + std::to_string(seq)}; });
    serves();
    types("\x1bp");
    sendPage(onlyOrder(Kind::History));
    types("x");
    EXPECT_LE(serves(), 1) << "what was asked for already";
    EXPECT_THAT(screen(), Not(HasSubstr("looking further back")));
}

TEST_F(GoingTest, WithoutAServerTheRestIsNotCalledSearched) {
    comesTo(5000, [](uint64_t) { return Said{"alice", "m"}; });
    serves();
    take(event::Reconnecting{.text = "cut", .code = "lost", .attempt = 1});
    types("\x1bp");
    EXPECT_THAT(screen(), HasSubstr("can be loaded after reconnecting"));
    EXPECT_THAT(screen(), Not(HasSubstr("no earlier mention")));
}

TEST_F(GoingTest, WhatAKeyDoesInVainAddsNoLine) {
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", "hello", 1);
    const std::string before = screen();
    for (int i = 0; i < 5; ++i) {
        types("\x1bp");
        EXPECT_THAT(screen(), HasSubstr("-- no earlier mention of you here"));
        types("\x1bn");
        EXPECT_THAT(screen(), HasSubstr("-- no later mention of you here"));
        types("\x1bu");
        EXPECT_THAT(screen(), HasSubstr("-- nothing new here"));
    }
    types("\x1b>");
    EXPECT_EQ(screen(), before);
    types("\x13hello\r\x13\x13\x13\x13");
    EXPECT_THAT(screen(), HasSubstr("-- nothing older has 'hello'"));
    EXPECT_THAT(screen(), Not(HasSubstr("nothing older has 'hello'\n-- nothing")));
    types("\x1b\x1b>");
    EXPECT_EQ(screen(), before);
}

}  // namespace
}  // namespace netchat::connect
