// How a room is looked at: who stands beside it, what is folded, what is left out to select.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/connect/screen/screen_fixture.h"

namespace netchat::connect {
namespace {

namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using Kind = ClientCommand::Kind;

class ScreenViewTest : public ScreenTest {
  protected:
    void isInLobby() {
        connects();
        joins("lobby", 0, {"alice"});
    }
    static std::string lines(int count) {
        std::string text;
        for (int i = 1; i <= count; ++i)
            text += (i > 1 ? "\n" : "") + ("line " + std::to_string(i));
        return text;
    }
    // The address that a cell leads to; empty: none.
    static std::string addressAt(const Grid& shown, int x, int y) {
        const uint32_t link = shown.at(x, y).style.link;
        return link == 0 ? "" : shown.links().at(link - 1);
    }
};

// ---- who is here

TEST_F(ScreenViewTest, WhoIsHereIsShownFromAHundredColumnsOn) {
    isInLobby();
    resize(99, 12);
    EXPECT_THAT(screen(), Not(HasSubstr("2 here")));
    resize(100, 12);
    EXPECT_THAT(screen(), HasSubstr("│ 2 here"));
    types("\x1bOQ");
    EXPECT_THAT(screen(), Not(HasSubstr("2 here"))) << "F2 hides it";
}

TEST_F(ScreenViewTest, F2ShowsWhoIsHereWhereItIsNarrow) {
    isInLobby();
    resize(80, 12);
    types("\x1bOQ");
    EXPECT_THAT(screen(), HasSubstr("│ 2 here"));
    resize(60, 12);
    EXPECT_THAT(screen(), HasSubstr("│ 2 here"));
    types("\x1bOQ");
    EXPECT_THAT(screen(), Not(HasSubstr("2 here")));
    resize(120, 12);
    EXPECT_THAT(screen(), Not(HasSubstr("2 here"))) << "it was hidden by hand";
    types("!roster\r");
    EXPECT_THAT(screen(), HasSubstr("│ 2 here"));
}

TEST_F(ScreenViewTest, NicksAreNeverCutToTheSameText) {
    connects();
    joins("lobby", 0, {"alexander-the-great-one", "alexander-the-great-two"});
    says("alexander-the-great-one", "hello", 1);
    says("alexander-the-great-two", "hello", 2);
    resize(120, 12);
    std::set<std::string> said;
    std::set<std::string> listed;
    const Grid shown = grid();
    for (int y = 1; y < 10; ++y) {
        const std::string line = row(shown, y);
        if (line.find("│ hello") != std::string::npos) said.insert(line.substr(0, line.find("│")));
        const std::string last = line.substr(line.rfind("│"));
        if (last.find("alex") != std::string::npos) listed.insert(last);
    }
    EXPECT_EQ(said.size(), 2u);
    EXPECT_EQ(listed.size(), 2u);
}

// ---- long messages

TEST_F(ScreenViewTest, ALongMessageIsFoldedUntilItIsOpened) {
    resize(80, 30);
    isInLobby();
    says("alice", lines(20), 1);
    EXPECT_THAT(screen(), HasSubstr("│ line 20")) << "it is short enough";
    says("alice", lines(300), 2);
    says("alice", "after", 3);
    EXPECT_THAT(screen(), HasSubstr("│ line 10\n                │ … 290 more rows: M-o opens\n"));
    EXPECT_THAT(screen(), HasSubstr("alice │ after"));
    const Grid before = grid();
    int fold = 0;
    while (row(before, fold).find("more rows") == std::string::npos) ++fold;
    types("\x1bo");
    for (int y = 0; y < fold; ++y) EXPECT_EQ(row(y), row(before, y)) << "what is above stays";
    EXPECT_THAT(row(fold), HasSubstr("│ line 11"));
    types("\x1b[6~");
    EXPECT_THAT(screen(), HasSubstr("│ line 30"));
    types("\x1bo");
    EXPECT_THAT(screen(), HasSubstr("290 more rows")) << "it is folded again";
}

TEST_F(ScreenViewTest, EnterOpensALongMessageWhereNothingIsTyped) {
    resize(80, 30);
    isInLobby();
    says("alice", lines(300), 1);
    types("x");
    types("\r");
    orders();
    EXPECT_THAT(screen(), HasSubstr("290 more rows"));
    types("\r");
    EXPECT_THAT(screen(), Not(HasSubstr("more rows")));
    EXPECT_THAT(screen(), HasSubstr("│ line 11"));
    EXPECT_TRUE(orders().empty());
}

TEST_F(ScreenViewTest, OnesOwnLongMessageIsOpenAndCanBeFolded) {
    resize(80, 30);
    isInLobby();
    acknowledges("1", lines(300), 1);
    EXPECT_THAT(screen(), HasSubstr("│ line 300"));
    types("\x1bo");
    EXPECT_THAT(screen(), HasSubstr("290 more rows"));
}

TEST_F(ScreenViewTest, AFoldedMessageScrollsAsItIsSeen) {
    resize(80, 12);
    isInLobby();
    for (uint64_t seq = 1; seq <= 30; ++seq) says("alice", lines(200), seq);
    std::string seen;
    for (int i = 0; i < 60; ++i) {
        types("\x1b[5~");
        seen = screen();
    }
    EXPECT_THAT(seen, HasSubstr("you are in lobby"));
    EXPECT_THAT(seen, Not(HasSubstr("line 11")));
    for (int i = 0; i < 60; ++i) types("\x1b[6~");
    EXPECT_THAT(row(9), HasSubstr("190 more rows"));
    EXPECT_THAT(row(10), Not(HasSubstr("more below")));
}

// ---- a long paste

TEST_F(ScreenViewTest, ALongPasteIsAskedAboutOnce) {
    isInLobby();
    pastes(lines(11));
    EXPECT_THAT(screen(), HasSubstr("11 lines, one message"));
    types("\r");
    EXPECT_TRUE(orders().empty());
    EXPECT_THAT(screen(), HasSubstr("Enter sends all 11 lines, C-c drops them"));
    types("\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, lines(11));
    pastes(lines(10));
    types("\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, lines(10)) << "this is not long";
}

TEST_F(ScreenViewTest, ALongPasteThatIsDroppedIsForgotten) {
    isInLobby();
    pastes("a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\nj\r\nk");
    types("\r\x03");
    EXPECT_EQ(row(11), ">");
    types("hello\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "hello");
    pastes(lines(30));
    types("\r");
    EXPECT_TRUE(orders().empty()) << "another one is asked about anew";
}

// ---- the bare view

TEST_F(ScreenViewTest, IsBareForSelecting) {
    resize(120, 12);
    isInLobby();
    says("alice", "hello", 1);
    types("half");
    types("\x1bl");
    EXPECT_EQ(screen().substr(screen().find("you")), "you are in lobby with alice\nalice: hello");
    EXPECT_FALSE(grid().cursor);
    const Grid before = grid();
    says("alice", "this comes meanwhile", 2);
    EXPECT_EQ(grid(), before) << "what is selected stays where it is";
    types("\x1bl");
    EXPECT_THAT(screen(), HasSubstr("alice │ this comes meanwhile"));
    EXPECT_THAT(screen(), Not(HasSubstr("more below")));
    EXPECT_EQ(row(11), "> half");
}

TEST_F(ScreenViewTest, ScrollsInTheBareViewAndAnyOtherKeyLeavesIt) {
    isInLobby();
    for (uint64_t seq = 1; seq <= 100; ++seq) says("alice", "m" + std::to_string(seq), seq);
    types("\x1bl");
    EXPECT_EQ(row(11), "alice: m100");
    types("\x1b[A");
    EXPECT_EQ(row(11), "alice: m99");
    types("\x1b[5~");
    EXPECT_EQ(row(11), "alice: m88");
    types("x");
    EXPECT_EQ(row(11), "> x");
    EXPECT_THAT(screen(), HasSubstr("│ m88")) << "the place stays";
    EXPECT_FALSE(model_->state().bare);
}

TEST_F(ScreenViewTest, TheBareViewIsThereWhereNothingIs) {
    types("\x1bl");
    EXPECT_EQ(screen(), "\n\n\n\n\n\n\n\n\n\n\n\n");
    types("\x1b");
    EXPECT_THAT(screen(), HasSubstr("1 lobby"));
}

// ---- addresses

TEST_F(ScreenViewTest, AnAddressLeadsToAllOfItFromEveryRow) {
    resize(60, 12);
    isInLobby();
    const std::string address = "https://example.org/" + std::string(100, 'a') + "/end";
    says("alice", "see " + address + ", it is long", 1);
    const Grid shown = grid();
    int cells = 0;
    for (int y = 0; y < shown.height(); ++y) {
        for (int x = 0; x < shown.width(); ++x) {
            if (shown.at(x, y).style.link == 0) continue;
            ++cells;
            EXPECT_EQ(addressAt(shown, x, y), address);
        }
    }
    EXPECT_EQ(cells, static_cast<int>(address.size()));
}

TEST_F(ScreenViewTest, NothingThatIsHostileIsInAnAddress) {
    resize(80, 30);
    isInLobby();
    says("mallory", "http://a.b/;x\x1b\\\x1b]52;c;aGk=\x07 http://a.b/" + std::string(3000, 'x'),
         1);
    const Grid shown = grid();
    ASSERT_EQ(shown.links().size(), 1u);
    EXPECT_EQ(shown.links()[0], "http://a.b/%3Bx");
}

// ---- the bar

TEST_F(ScreenViewTest, TheBarTellsWhereAMentionIsHoweverManyRoomsThereAre) {
    isInLobby();
    for (int i = 1; i <= 30; ++i) joins("a-room-" + std::to_string(i), 0, {});
    types(
        "\x1b"
        "1");
    says("alice", "bob?", 1, "a-room-29");
    EXPECT_THAT(row(0), HasSubstr("1 lobby"));
    EXPECT_THAT(row(0), testing::EndsWith("> 30!1"));
    says("alice", "bob?", 1, "a-room-20");
    says("alice", "bob?", 2, "a-room-20");
    EXPECT_THAT(row(0), testing::EndsWith("> 21!2 30!1"));
    for (int i = 10; i <= 28; ++i) says("alice", "bob?", 3, "a-room-" + std::to_string(i));
    EXPECT_THAT(row(0), testing::ContainsRegex("> 11!1 12!1 .* \\+[0-9]+!$"));
    EXPECT_LE(row(0).size(), 80u);
    resize(20, 12);
    EXPECT_THAT(row(0), testing::ContainsRegex("\\+[0-9]+!$"));
    EXPECT_THAT(row(0), HasSubstr("1 lobby"));
}

TEST_F(ScreenViewTest, TheBarTellsOfAMentionOnceWhereItsRoomIsSeen) {
    isInLobby();
    for (int i = 1; i <= 30; ++i) joins("a-room-" + std::to_string(i), 0, {});
    types(
        "\x1b"
        "1");
    says("alice", "bob?", 1, "a-room-1");
    EXPECT_THAT(row(0), HasSubstr("2 a-room-1 1!1"));
    EXPECT_THAT(row(0), Not(HasSubstr(" 2!1")));
}

}  // namespace
}  // namespace netchat::connect
