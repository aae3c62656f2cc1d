// What is shown to be pasted is what a shell reads.

#include "protocol/shell_word.h"

#include <gmock/gmock.h>
#include <stdio.h>

#include <string>

namespace netchat {
namespace {

// What /bin/sh makes of these words: each in brackets.
std::string readByShell(const std::string& words) {
    const std::string command = "printf '<%s>' " + words;
    FILE* const shell = ::popen(command.c_str(), "r");  // NOLINT(cert-env33-c)
    if (shell == nullptr) return "no shell";
    std::string out;
    for (int c = 0; (c = std::fgetc(shell)) != EOF;) out += static_cast<char>(c);
    ::pclose(shell);
    return out;
}

constexpr std::string_view kHostile[] = {
    "bob's",
    "x;touch PWNED;#.tar",
    "$(touch PWNED)",
    "`touch PWNED`",
    "a b",
    "$HOME",
    "~",
    "*",
    "a'b'c",
    "'",
    "''",
    "\\",
    "a\\'",
    "\"x\"",
    "!x",
    "#x",
    "a&b|c>d<e",
    "{a,b}",
    "[a-z]?",
    "x=1",
    "",
    "\xD0\xB8\xD0\xB2\xD0\xB0\xD0\xBD",
};

TEST(ShellWord, IsOneWordForTheShellWhateverItHolds) {
    for (const std::string_view text : kHostile) {
        const auto word = shellWord(text);
        ASSERT_TRUE(word) << text;
        EXPECT_EQ(readByShell(*word), "<" + std::string(text) + ">") << *word;
    }
}

TEST(ShellWord, PlainWordsStayAsTheyAre) {
    for (const char* text : {"lobby", "a.tar", "[::1]:6121", "192.0.2.1:6121", "/srv/x_y-z"}) {
        const auto word = shellWord(text);
        ASSERT_TRUE(word);
        EXPECT_EQ(readByShell(*word), "<" + std::string(text) + ">");
    }
    EXPECT_EQ(shellWord("lobby"), "lobby");
    EXPECT_EQ(shellWord("chat.example:6121"), "chat.example:6121");
}

TEST(ShellWord, ThereIsNoneForWhatMustNotBeShown) {
    for (const std::string_view text :
         {"a\nb", "a\tb", "\x1b[2J", "\x7f", "\xC2\x9B", "\xE2\x80\xAE", "\xff"}) {
        EXPECT_FALSE(shellWord(text));
        EXPECT_FALSE(shellOption("room", text));
        EXPECT_FALSE(shellOperand(text));
    }
}

TEST(ShellWord, ADashIsNoOption) {
    EXPECT_EQ(shellOption("room", "lobby"), "--room lobby");
    EXPECT_EQ(shellOption("room", "-x"), "--room=-x");
    EXPECT_EQ(shellOption("room", "-x y"), "--room='-x y'");
    EXPECT_EQ(shellOperand("bob"), "bob");
    EXPECT_EQ(shellOperand("-x"), "-- -x");
}

}  // namespace
}  // namespace netchat
