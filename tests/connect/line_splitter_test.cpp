#include "modes/connect/line_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace netchat::connect {
namespace {

using ::testing::ElementsAre;

// All lines of `text`, given in pieces of `size`; "(too long)" for those that are.
std::vector<std::string> split(std::string_view text, size_t size, size_t lineBytesMax = 5) {
    LineSplitter splitter(lineBytesMax);
    std::vector<std::string> lines;
    const auto take = [&](LineSplitter::Got got, std::string_view line) {
        if (got == LineSplitter::Got::Line) lines.emplace_back(line);
        if (got == LineSplitter::Got::TooLong) lines.emplace_back("(too long)");
    };
    std::string_view line;
    for (size_t at = 0; at < text.size(); at += size) {
        for (std::string_view piece = text.substr(at, size); !piece.empty();) {
            const auto got = splitter.next(piece, line);
            take(got, line);
        }
    }
    const auto got = splitter.finish(line);
    take(got, line);
    return lines;
}

TEST(LineSplitter, GivesTheSameLinesForEverySplit) {
    for (size_t size = 1; size < 30; ++size) {
        EXPECT_THAT(split("one\n\nfive5\nsixsix\nlast", size),
                    ElementsAre("one", "", "five5", "(too long)", "last"))
            << size;
    }
}

TEST(LineSplitter, CountsALastLineWithoutNewline) {
    EXPECT_THAT(split("a\nb", 1), ElementsAre("a", "b"));
    EXPECT_THAT(split("a\n", 1), ElementsAre("a"));
    EXPECT_THAT(split("toolong", 1), ElementsAre("(too long)"));
    EXPECT_TRUE(split("", 1).empty());
}

TEST(LineSplitter, RecoversAfterALineThatIsTooLong) {
    EXPECT_THAT(split(std::string(1000, 'x') + "\nok\n", 7), ElementsAre("(too long)", "ok"));
}

}  // namespace
}  // namespace netchat::connect
