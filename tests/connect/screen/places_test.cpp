// Whoever looks at what was before: what they are told of the rest, and where the keys lead.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/connect/screen/screen_fixture.h"

namespace netchat::connect {
namespace {

namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using Kind = ClientCommand::Kind;

class PlacesTest : public ScreenTest {
  protected:
    // "old1" to "old40", and the screen a page above their end.
    void looksBack() {
        connects();
        joins("lobby", 0, {"alice"});
        for (; seq_ <= 40; ++seq_) says("alice", "old" + std::to_string(seq_) + ".", seq_);
        types("\x1b[5~");
    }
    void comes(std::string_view text) { says("alice", text, seq_++); }
    std::string status() { return row(10); }

    uint64_t seq_ = 1;
};

TEST_F(PlacesTest, SaysHowManyCameBelowAndWhetherOneMentionsUs) {
    looksBack();
    EXPECT_THAT(status(), HasSubstr("PgDn: more below"));
    comes("one");
    comes("two");
    EXPECT_THAT(status(), HasSubstr("PgDn: 2 new"));
    EXPECT_THAT(status(), Not(HasSubstr("for you")));
    comes("bob: three");
    EXPECT_THAT(status(), HasSubstr("PgDn: 3 new, 1 for you"));
}

TEST_F(PlacesTest, CountsDownAsSomebodyScrollsDown) {
    looksBack();
    for (int i = 0; i < 20; ++i) comes("new" + std::to_string(i) + ".");
    EXPECT_THAT(status(), HasSubstr("PgDn: 20 new"));
    types("\x1b[6~\x1b[6~");
    EXPECT_THAT(screen(), HasSubstr("new0."));
    EXPECT_THAT(status(), HasSubstr("PgDn: "));
    EXPECT_THAT(status(), Not(HasSubstr("PgDn: 20 new")));
    types("\x1b>");
    EXPECT_THAT(status(), Not(HasSubstr("PgDn")));
}

TEST_F(PlacesTest, AnswersToCommandsAreSeenWhereverOneIs) {
    looksBack();
    const std::string before = row(1);
    types("!ignore\r");
    EXPECT_THAT(screen(), HasSubstr("-- nobody is ignored"));
    EXPECT_THAT(screen(), HasSubstr("old30."));
    EXPECT_THAT(status(), HasSubstr("PgDn")) << "the place is kept";
    types("!leave nowhere\r");
    EXPECT_THAT(screen(), HasSubstr("!! you are not in the room 'nowhere'"));
    EXPECT_THAT(screen(), Not(HasSubstr("nobody is ignored"))) << "the answer before";
    types("\x1b>");
    EXPECT_THAT(screen(), HasSubstr("nobody is ignored"));
    EXPECT_THAT(screen(), Not(HasSubstr("-- nobody")));
}

TEST_F(PlacesTest, OfALongAnswerTheBeginningIsSeen) {
    looksBack();
    resize(80, 24);
    types("!set\r");
    EXPECT_THAT(screen(), HasSubstr("-- settings"));
    EXPECT_THAT(screen(), HasSubstr("more: M-> shows them"));
    types("\x1b>");
    EXPECT_THAT(screen(), HasSubstr("remember = yes"));
}

TEST_F(PlacesTest, TroubleIsSeenToo) {
    looksBack();
    take(event::Reconnecting{
        .text = "the connection was lost", .code = "lost", .attempt = 1, .retryMs = 2000});
    EXPECT_THAT(screen(), HasSubstr("!! lost the server"));
}

TEST_F(PlacesTest, WhoComesAndGoesIsNoAnswer) {
    looksBack();
    take(event::Presence{.room = "lobby", .nick = "carol", .state = "joined"});
    EXPECT_THAT(screen(), Not(HasSubstr("carol joined")));
}

TEST_F(PlacesTest, WhoSpeaksStillSeesWhereTheNewBegins) {
    looksBack();
    comes("unseen");
    types("hello\r");
    EXPECT_THAT(screen(), HasSubstr("new since you looked"));
    EXPECT_LT(screen().find("new since"), screen().find("unseen"));
    types("again\r");
    EXPECT_THAT(screen(), Not(HasSubstr("new since you looked"))) << "it was seen by then";
}

TEST_F(PlacesTest, GoesToTheFirstUnread) {
    looksBack();
    types("\x1b>");
    joins("dev", 0, {});
    for (int i = 0; i < 30; ++i) comes("new" + std::to_string(i) + ".");
    types(
        "\x1b"
        "1");
    EXPECT_THAT(screen(), Not(HasSubstr("new0.")));
    types("\x1bu");
    EXPECT_THAT(row(1), HasSubstr("new since you looked"));
    EXPECT_THAT(row(2), HasSubstr("new0."));
}

TEST_F(PlacesTest, WhatIsNewAboveTheScreenStaysNewForWhoSpeaks) {
    looksBack();
    types("\x1b>");
    joins("dev", 0, {});
    for (int i = 0; i < 30; ++i) comes("new" + std::to_string(i) + ".");
    types(
        "\x1b"
        "1hm\r\x1bu");
    EXPECT_THAT(row(2), HasSubstr("new0."));
    types("hm\r\x1bu");
    EXPECT_THAT(screen(), HasSubstr("nothing new here")) << "by then it was seen";
}

TEST_F(PlacesTest, SaysWhereNothingIsUnread) {
    looksBack();
    types("\x1bu");
    EXPECT_THAT(screen(), HasSubstr("nothing new here"));
}

TEST_F(PlacesTest, GoesFromMentionToMention) {
    connects();
    joins("lobby", 0, {"alice"});
    for (; seq_ <= 90;) comes(seq_ % 30 == 0 ? "bob, no. " + std::to_string(seq_) : "nothing");
    for (int i = 0; i < 20; ++i) comes("at the end");
    types("\x1bp");
    EXPECT_THAT(screen(), HasSubstr("bob, no. 90"));
    types("\x1bp");
    EXPECT_THAT(screen(), HasSubstr("bob, no. 60"));
    types("\x1bp");
    EXPECT_THAT(screen(), HasSubstr("bob, no. 30"));
    types("\x1bp");
    EXPECT_THAT(screen(), HasSubstr("no earlier mention of you here"));
    types("\x1bn");
    EXPECT_THAT(screen(), HasSubstr("bob, no. 60"));
}

TEST_F(PlacesTest, TheTopIsTheFirstOfTheWholeLog) {
    connects();
    joins("lobby", 5000, {});
    sendsPage(onlyOrder(Kind::History));
    types("\x1b<");
    const ClientCommand first = onlyOrder(Kind::History);
    EXPECT_EQ(first.number, first.count + 1u) << "what is oldest, not what is next";
    sendsPage(first);
    EXPECT_THAT(row(1), HasSubstr("alice │ m1"));
    EXPECT_THAT(row(9), HasSubstr("alice │ m9"));
    types("\x1b[6~");
    EXPECT_THAT(screen(), HasSubstr("m12"));
    types("\x1b>");
    EXPECT_THAT(screen(), HasSubstr("m5000"));
}

TEST_F(PlacesTest, TheTopOfALogWhoseBeginningIsGoneIsReadFromItsOtherEnd) {
    connects();
    joins("lobby", 5000, {});
    sendsPage(onlyOrder(Kind::History));
    types("\x1b<");
    const ClientCommand first = onlyOrder(Kind::History);
    take(event::HistoryPage{.room = "lobby"});
    take(event::HistoryEnd{.room = "lobby"});
    const ClientCommand next = onlyOrder(Kind::History);
    EXPECT_EQ(next.number, 4951u);
}

TEST_F(PlacesTest, WhatIsBoundElsewhereDoesThatInstead) {
    looksBack();
    types("\x1b>!set key.F5 page-up\r\x1b[15~");
    EXPECT_THAT(status(), HasSubstr("PgDn: more below"));
    types("!set key.M-w !ignore\r\x1bw");
    EXPECT_THAT(screen(), HasSubstr("-- nobody is ignored"));
    types("!set key.F5 none\r!unset key.M-w\r\x1b>\x1b[15~\x1bw");
    EXPECT_THAT(status(), Not(HasSubstr("PgDn")));
}

}  // namespace
}  // namespace netchat::connect
