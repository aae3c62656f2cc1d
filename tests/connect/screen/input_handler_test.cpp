// Keys into orders and state, without a screen: each bound from both sides, and the second time.

#include "modes/connect/screen/input_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "modes/connect/screen/input/key_decoder.h"

namespace netchat::connect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Connection = ScreenState::Connection;
using Kind = ClientCommand::Kind;

class NoFolders : public Folders {
  public:
    std::vector<std::string> entries(std::string_view) const override { return {}; }
};

class InputHandlerTest : public ::testing::Test {
  protected:
    InputHandlerTest() {
        opens("lobby");
        state_.connection = Connection::Connected;
    }
    RoomView& opens(const std::string& name, RoomView::Kind kind = RoomView::Kind::Public) {
        RoomView& room = state_.rooms.open(kind, name);
        room.state = RoomView::State::Joined;
        return room;
    }
    // Bytes as a terminal sends them.
    void types(std::string_view bytes) {
        std::vector<Key> keys;
        decoder_.feed(bytes, keys);
        decoder_.flush(keys);
        for (const Key& key : keys) input_.key(key, now_);
    }
    void pastes(const std::string& text) { types("\x1b[200~" + text + "\x1b[201~"); }
    RoomView& here() { return *state_.rooms.current(); }
    std::vector<std::string> said() {
        std::vector<std::string> texts;
        for (const ClientCommand& order : std::exchange(state_.orders, {})) {
            if (order.kind == Kind::Say) texts.push_back(order.where + ": " + order.text);
        }
        return texts;
    }
    std::string lastTrouble() {
        for (size_t i = here().lines.size(); i-- > 0;) {
            const Line& line = here().lines.at(i);
            if (line.kind == Line::Kind::Trouble) return line.text.str();
        }
        return "";
    }

    Moment now_{1'795'444'560'000, 5000};
    ScreenState state_{{.server = "127.0.0.1:6121", .nick = "bob", .home = "/home/bob"}};
    EventReducer reducer_{state_};
    NoFolders folders_;
    InputHandler input_{state_, reducer_, folders_};
    KeyDecoder decoder_;
};

TEST_F(InputHandlerTest, WhatIsEnteredIsSaidWhereItIsTypedAndPends) {
    opens("dev");
    types("one\r");
    state_.rooms.show(1);
    types("two\rthree\r");
    EXPECT_THAT(said(), ElementsAre("lobby: one", "dev: two", "dev: three"));
    EXPECT_EQ(reducer_.pending(), 3u);
    EXPECT_EQ(here().editor.text(), "");
}

TEST_F(InputHandlerTest, ARoomThatWasLeftKeepsItsInput) {
    for (const auto state : {RoomView::State::Left, RoomView::State::Leaving}) {
        here().state = state;
        types("hello\r");
        EXPECT_THAT(said(), IsEmpty());
        EXPECT_EQ(here().editor.text(), "hello");
        EXPECT_THAT(lastTrouble(), HasSubstr("!join lobby"));
        here().editor.take();
    }
    here().state = RoomView::State::Joining;
    types("hello\r");
    EXPECT_THAT(said(), ElementsAre("lobby: hello")) << "it waits for the room";
}

TEST_F(InputHandlerTest, ALossForGoodKeepsTheInputAndOneThatIsTriedAgainDoesNot) {
    state_.connection = Connection::Ended;
    types("hello\r");
    EXPECT_THAT(said(), IsEmpty());
    EXPECT_EQ(here().editor.text(), "hello");
    EXPECT_THAT(lastTrouble(), HasSubstr("!reconnect"));
    state_.connection = Connection::Away;
    types("\r");
    EXPECT_THAT(said(), ElementsAre("lobby: hello"));
}

TEST_F(InputHandlerTest, SoManyMayWaitAndTheNextStaysInTheInput) {
    for (int i = 0; i < 256; ++i) types("m\r");
    EXPECT_EQ(said().size(), 256u);
    types("beyond\r");
    EXPECT_THAT(said(), IsEmpty());
    EXPECT_EQ(here().editor.text(), "beyond");
    EXPECT_THAT(lastTrouble(), HasSubstr("256 messages"));
    Delivery one = Written{1};
    reducer_.take(one, now_);
    types("\r");
    EXPECT_THAT(said(), ElementsAre("lobby: beyond"));
}

TEST_F(InputHandlerTest, APasteOfElevenLinesIsAskedAboutOnceAndOneOfTenIsNot) {
    const auto lines = [](int count) {
        std::string text = "1";
        for (int i = 2; i <= count; ++i) text += "\r\n" + std::to_string(i);
        return text;
    };
    pastes(lines(10));
    types("\r");
    EXPECT_EQ(said().size(), 1u);
    for (int time = 0; time < 2; ++time) {
        pastes(lines(11));
        types("\r");
        EXPECT_THAT(said(), IsEmpty());
        types("\r");
        EXPECT_EQ(said().size(), 1u);
    }
}

TEST_F(InputHandlerTest, WhatIsPastedIsSaidAndNotRun) {
    pastes("!exit");
    types("\r");
    EXPECT_THAT(said(), ElementsAre("lobby: !exit"));
    EXPECT_FALSE(state_.effects.quit);
}

TEST_F(InputHandlerTest, MetaDigitsAreTheFirstTenRooms) {
    for (int i = 2; i <= 11; ++i) opens("room" + std::to_string(i));
    types(
        "\x1b"
        "0");
    EXPECT_EQ(state_.rooms.currentIndex(), 9u);
    types(
        "\x1b"
        "1");
    EXPECT_EQ(state_.rooms.currentIndex(), 0u);
    types(
        "\x1b"
        "9");
    EXPECT_EQ(state_.rooms.currentIndex(), 8u);
    EXPECT_EQ(here().editor.text(), "");
}

TEST_F(InputHandlerTest, AfterTheJumpTwoDigitsOrOneAndEnterAreARoom) {
    for (int i = 2; i <= 12; ++i) opens("room" + std::to_string(i));
    for (int time = 0; time < 2; ++time) {
        types(
            "\x1bj"
            "11");
        EXPECT_EQ(state_.rooms.currentIndex(), 10u);
        types(
            "\x1bj"
            "2\r");
        EXPECT_EQ(state_.rooms.currentIndex(), 1u);
    }
    // A third digit is typed; what is no digit ends it.
    types(
        "\x1bj"
        "123");
    EXPECT_EQ(state_.rooms.currentIndex(), 11u);
    EXPECT_EQ(here().editor.text(), "3");
    here().editor.take();
    types(
        "\x1bj"
        "x1");
    EXPECT_EQ(state_.rooms.currentIndex(), 11u);
    EXPECT_EQ(here().editor.text(), "x1");
}

TEST_F(InputHandlerTest, AnyKeyClosesTheHelpAndDoesWhatItDoesBesides) {
    types("\x1bOP");
    ASSERT_TRUE(state_.helpShown);
    types("\x1b[A");
    EXPECT_EQ(state_.helpTop, 0) << "it begins at its top";
    types("\x1b[B\x1b[B\x1b[A");
    EXPECT_EQ(state_.helpTop, 1);
    types("\x1b[6~");
    EXPECT_EQ(state_.helpTop, 1 + state_.height - 2);
    types("\x1b[5~");
    EXPECT_EQ(state_.helpTop, 1);
    EXPECT_TRUE(state_.helpShown);
    types("q");
    EXPECT_FALSE(state_.helpShown);
    EXPECT_EQ(here().editor.text(), "") << "q only closes it";
    types("\x1bOPa");
    EXPECT_FALSE(state_.helpShown);
    EXPECT_EQ(here().editor.text(), "a");
    types("\x1bOP");
    EXPECT_EQ(state_.helpTop, 0) << "the second time, too";
}

TEST_F(InputHandlerTest, AWindowThatComesToTheFrontHasSeenWhatIsThere) {
    types("\x1b[O");
    EXPECT_FALSE(state_.focused);
    here().unread = 3, here().mentions = 1;
    types("\x1b[I");
    EXPECT_TRUE(state_.focused);
    EXPECT_EQ(here().unread, 0u);
    EXPECT_EQ(here().mentions, 0u);
}

TEST_F(InputHandlerTest, WhoeverLooksAwayLeavesNothingNewUnlessItIsStillBelow) {
    here().newFrom = 7;
    types("\x1b[O");
    EXPECT_EQ(here().newFrom, 0u);
    here().newFrom = 7;
    here().anchor = RoomView::Anchor{};
    here().below.lines = 1;
    types("\x1b[O");
    EXPECT_EQ(here().newFrom, 7u);
}

TEST_F(InputHandlerTest, AHintGoesWithTheNextKey) {
    for (int time = 0; time < 2; ++time) {
        types("\x04");
        EXPECT_THAT(here().hint, HasSubstr("!exit"));
        types("\x1b[D");
        EXPECT_EQ(here().hint, "");
    }
    // Where something is typed it deletes.
    types("ab\x01\x04");
    EXPECT_EQ(here().editor.text(), "b");
    EXPECT_EQ(here().hint, "");
}

}  // namespace
}  // namespace netchat::connect
