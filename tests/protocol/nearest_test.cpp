#include "protocol/nearest.h"

#include <gtest/gtest.h>

#include <string>

namespace netchat {
namespace {

constexpr std::string_view kWords[] = {"help", "exit", "upload", "files", "get",
                                       "who",  "join", "leave",  "nick",  "rooms"};

TEST(NearestWord, FindsOneSlipOfTheFingers) {
    EXPECT_EQ(nearestWord("uplaod", kWords), "upload");
    EXPECT_EQ(nearestWord("exti", kWords), "exit");
    EXPECT_EQ(nearestWord("roms", kWords), "rooms");
    EXPECT_EQ(nearestWord("leavee", kWords), "leave");
    EXPECT_EQ(nearestWord("nuck", kWords), "nick");
}

TEST(NearestWord, FindsTheOnlyWordThatIsBegun) {
    EXPECT_EQ(nearestWord("up", kWords), "upload");
    EXPECT_EQ(nearestWord("f", kWords), "files");
}

TEST(NearestWord, FindsNothingWhereNothingIsNear) {
    EXPECT_EQ(nearestWord("transmogrify", kWords), "");
    EXPECT_EQ(nearestWord("", kWords), "");
    EXPECT_EQ(nearestWord(std::string(100'000, 'x'), kWords), "");
    EXPECT_EQ(nearestWord("help", {}), "");
}

TEST(NearestWord, TheEndOfAWordIsAsFarFromItAsItsBeginningIsLong) {
    EXPECT_EQ(nearestWord("elp", kWords), "help");
    EXPECT_EQ(nearestWord("load", kWords), "");
}

TEST(NearestWord, WordsAreComparedUpToALengthAndNotBeyondIt) {
    const std::string typed = "b" + std::string(63, 'a'), fits(64, 'a'), beyond(65, 'a');
    const std::string_view words[] = {fits}, longer[] = {beyond};
    EXPECT_EQ(nearestWord(typed, words), fits);
    EXPECT_EQ(nearestWord(typed, longer), "");
    EXPECT_EQ(nearestWord(typed + "a", words), "");
}

}  // namespace
}  // namespace netchat
