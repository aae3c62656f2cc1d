#include "protocol/dialect.h"

#include <gtest/gtest.h>

#include "protocol/field.h"
#include "protocol/message.h"

namespace netchat {
namespace {

std::string field(size_t width, std::string_view payload) {
    std::string out;
    appendField(out, width, payload);
    return out;
}

// The guess after each byte must go from Open to `expected`, once, and at the byte `decidedAt`
// (counted from 1; 0: at any).
void expectGuess(const std::string& stream, Guess expected, size_t decidedAt = 0) {
    bool decided = false;
    for (size_t n = 0; n <= stream.size(); ++n) {
        const Guess guess = guessDialect(std::string_view(stream).substr(0, n));
        if (!decided && guess != Guess::Open) {
            decided = true;
            EXPECT_TRUE(decidedAt == 0 || n == decidedAt) << stream << " at " << n;
        }
        EXPECT_EQ(guess, decided ? expected : Guess::Open) << stream << " after " << n;
    }
    EXPECT_TRUE(decided || expected == Guess::Open) << stream;
}

TEST(Dialect, IsV2WithItsGreeting) {
    expectGuess(v2::encoded(v2::Hello{.nick = "alice"}), Guess::V2, 19);
    expectGuess("9         netchat/2", Guess::V2, 19);
    expectGuess("4096      netchat/2", Guess::V2, 19);
}

TEST(Dialect, IsClassicWhateverItsHeaderWidth) {
    for (size_t width = 2; width <= 20; ++width) {
        for (const auto* name : {"alice", "n", "net", "netchat/1", "Netchat/2", "netchat/",
                                 "привет", "netchau/2 and more", "a name of many characters"}) {
            expectGuess(field(width, name), Guess::Classic);
        }
    }
}

TEST(Dialect, IsClassicAtTheFirstByteThatNoHeaderOfTenHas) {
    expectGuess("5   alice", Guess::Classic, 5);
    expectGuess("x", Guess::Classic, 1);
    expectGuess(" 5        ", Guess::Classic, 1);
    expectGuess("5 5", Guess::Classic, 3);
    expectGuess("\x16\x03\x01", Guess::Classic, 1);
    expectGuess("GET / HTTP/1.1", Guess::Classic, 1);
}

TEST(Dialect, IsClassicOnceTheHeaderIsTooShortForAGreeting) {
    expectGuess("5         alice", Guess::Classic, 10);
    expectGuess("8         netchat/", Guess::Classic, 10);
    expectGuess("0         ", Guess::Classic, 10);
}

TEST(Dialect, IsClassicOnceTheHeaderAnnouncesMoreThanAnyGreeting) {
    expectGuess("4097      netchat/2", Guess::Classic, 10);
    expectGuess("9999999999netchat/2", Guess::Classic, 10);
}

TEST(Dialect, IsClassicAtTheFirstByteThatDiffersFromTheGreeting) {
    expectGuess("11        newcomer 12", Guess::Classic, 13);
    expectGuess("11        netchat/3\n!", Guess::Classic, 19);
    expectGuess("12        " + std::string(8, ' '), Guess::Classic, 11);
}

TEST(Dialect, AWiderOrNarrowerHeaderIsNeverV2) {
    for (size_t width = 2; width <= 20; ++width) {
        if (width == 10) continue;
        const auto stream = field(width, "netchat/2\tnick:alice\n");
        expectGuess(stream, Guess::Classic);
    }
}

TEST(Dialect, IsOpenWhileItMayBeEither) {
    expectGuess("", Guess::Open);
    expectGuess("22   ", Guess::Open);
    expectGuess("22        netchat/", Guess::Open);
}

}  // namespace
}  // namespace netchat
