#include "modes/connect/screen/input/keyboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::connect {
namespace {

using Kind = Key::Kind;

// Somebody at a keyboard with a clock. What comes is told as a text: a paste in brackets, Enter as
// "<Enter>", other keys as they are.
class KeyboardTest : public ::testing::Test {
  protected:
    // What the bytes and the time up to `ms` make of it.
    std::string comes(std::string_view bytes, int64_t ms = 0) {
        std::vector<Key> keys;
        keyboard_.feed(bytes, now_, keys);
        return told(keys) + after(ms);
    }
    std::string after(int64_t ms) {
        const int64_t end = now_ + ms;
        std::vector<Key> keys;
        for (auto at = keyboard_.wakeAtMs(); at && *at <= end; at = keyboard_.wakeAtMs()) {
            now_ = std::max(now_, *at);
            keyboard_.wake(now_, keys);
        }
        now_ = end;
        return told(keys);
    }
    // Each by itself, as a person does.
    std::string types(std::string_view text, int64_t everyMs = 100) {
        std::string all;
        for (const char c : text) all += comes({&c, 1}, everyMs);
        return all;
    }
    static std::string told(const std::vector<Key>& keys) {
        std::string text;
        for (const Key& key : keys) {
            switch (key.kind) {
                case Kind::Char:
                    text += (key.ctrl ? "C-" : "") + std::string(key.meta ? "M-" : "") + key.text;
                    break;
                case Kind::Paste:
                    text += "[" + key.text + "]";
                    break;
                case Kind::Enter:
                    text += "<Enter>";
                    break;
                case Kind::Backspace:
                    text += "<BS>";
                    break;
                case Kind::WheelUp:
                    text += "<Wheel>";
                    break;
                case Kind::Escape:
                    text += "<Esc>";
                    break;
                default:
                    text += "<key>";
            }
        }
        return text;
    }

    int64_t now_ = 1'000'000;
    Keyboard keyboard_;
};

TEST_F(KeyboardTest, TypesAndPastes) {
    EXPECT_EQ(comes("hi\r"), "hi<Enter>");
    EXPECT_EQ(comes("\033[200~a\r!b\r\033[201~\r"), "[a\r!b\r]<Enter>");
    EXPECT_EQ(comes("\033", 49), "");
    EXPECT_EQ(after(1), "<Esc>");
    EXPECT_EQ(comes("\033", 20), "");
    EXPECT_EQ(comes("x"), "M-x");
    EXPECT_EQ(keyboard_.wakeAtMs(), std::nullopt);
}

TEST_F(KeyboardTest, WhatComesAfterAStallIsNoCommand) {
    EXPECT_EQ(comes("\033[200~line a\r", 1'400), "[line a\r]");
    EXPECT_EQ(keyboard_.paste(), Keyboard::Paste::Doubted);
    EXPECT_EQ(comes("!nick pwned\rline c\r!me was here\rtail\033[201~"),
              "[\n!nick pwned\rline c\r!me was here\rtail]");
    EXPECT_EQ(keyboard_.paste(), Keyboard::Paste::None);
    EXPECT_EQ(comes("\r"), "<Enter>");
}

TEST_F(KeyboardTest, StallsMayBeMany) {
    EXPECT_EQ(comes("\033[200~a", 5'000), "[a]");
    EXPECT_EQ(comes("b\r", 5'000), "[b\r]");
    EXPECT_EQ(comes("!exit\r", 5'000), "[\n!exit\r]");
    EXPECT_EQ(comes("!exit\r\033[20", 10), "[\n!exit\r]");
    EXPECT_EQ(comes("1~!exit\r"), "!exit<Enter>") << "after its end";
}

TEST_F(KeyboardTest, PiecesMayBeSingleBytes) {
    EXPECT_EQ(comes("\033[200~a", 1'400), "[a]");
    std::string all;
    for (const char c : std::string_view("\r!exit\r\r!exit\r\033[201~")) all += comes({&c, 1}, 2);
    std::erase_if(all, [](char c) { return c == '[' || c == ']'; });
    std::replace(all.begin(), all.end(), '\r', '\n');
    EXPECT_THAT(all, ::testing::Not(::testing::HasSubstr("<")));
    EXPECT_THAT(all, ::testing::HasSubstr("!exit"));
    EXPECT_EQ(comes("!a\r"), "!a<Enter>");
}

TEST_F(KeyboardTest, CharactersMayBeCut) {
    EXPECT_EQ(comes("\033[200~a", 1'400), "[a]");
    EXPECT_EQ(comes("b\xC3", 10), "");
    EXPECT_EQ(comes("\xA9"
                    "c",
                    100),
              "[b\xC3\xA9"
              "c]");
    EXPECT_EQ(comes("de\xE2\x82", 10), "[de]");
    EXPECT_EQ(comes("\xAC"
                    "f",
                    100),
              "[\xE2\x82\xAC"
              "f]");
}

TEST_F(KeyboardTest, AKeyAloneIsAKeyAndThreeEndTheDoubt) {
    EXPECT_EQ(comes("\033[200~lost", 1'400), "[lost]");
    EXPECT_EQ(comes("x", 49), "");
    EXPECT_EQ(after(1), "x");
    EXPECT_EQ(keyboard_.paste(), Keyboard::Paste::Doubted);
    EXPECT_EQ(types("y\x7f"), "y<BS>");
    EXPECT_EQ(keyboard_.paste(), Keyboard::Paste::Doubted) << "a key that writes nothing";
    EXPECT_EQ(types("\r"), "<Enter>");
    EXPECT_EQ(keyboard_.paste(), Keyboard::Paste::None);
    EXPECT_EQ(comes("!exit\r"), "!exit<Enter>");
}

TEST_F(KeyboardTest, FastTypistsAreNotLockedOut) {
    EXPECT_EQ(comes("\033[200~", 1'400), "[]");
    EXPECT_EQ(types("ab", 30), "[ab]");
    EXPECT_EQ(after(500), "");
    EXPECT_EQ(types("c\r", 60), "c<Enter>");
}

TEST_F(KeyboardTest, KeysThatWriteNothingAreKeys) {
    EXPECT_EQ(comes("\033[200~lost", 1'400), "[lost]");
    EXPECT_EQ(comes("\x7f\x7f\x7f\x7f"), "<BS><BS><BS><BS>");
    EXPECT_EQ(comes("\033[<64;10;5M\033[<64;10;5M"), "<Wheel><Wheel>");
    EXPECT_EQ(comes("!exit\r"), "[!exit\r]");
}

TEST_F(KeyboardTest, AnotherPasteEndsTheDoubt) {
    EXPECT_EQ(comes("\033[200~lost", 1'400), "[lost]");
    EXPECT_EQ(comes("\033[200~!b\r", 100), "");
    EXPECT_EQ(keyboard_.paste(), Keyboard::Paste::Coming);
    EXPECT_EQ(comes("c\033[201~!d\r"), "[!b\rc]!d<Enter>");
}

TEST_F(KeyboardTest, APasteThatAPersonTypesIntoEndsAfterTenSeconds) {
    EXPECT_EQ(comes("\033[200~"), "");
    std::string all;
    for (int i = 0; i < 30; ++i) all += comes("x", 500);
    EXPECT_THAT(all, ::testing::StartsWith("[xxxxxxxxxxxxxxxxxxxx]x"));
}

}  // namespace
}  // namespace netchat::connect
