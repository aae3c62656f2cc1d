#include "protocol/frame.h"

#include <gmock/gmock.h>

#include "protocol/limits.h"

namespace netchat {
namespace {

using ::testing::HasSubstr;

std::string valueOf(const Labels& labels, std::string_view name) {
    const auto* value = labels.find(name);
    return value ? std::string(*value) : "(missing)";
}

TEST(Frame, IsAFieldWithAHeadLineAndABody) {
    std::string out;
    FrameWriter(out, "say").label("room", "lobby").label("id", 17).finish("hello");
    EXPECT_EQ(out, "26        say\troom:lobby\tid:17\nhello");
}

TEST(Frame, IsSplitIntoVerbLabelsAndBody) {
    const auto frame = parseFrame("say\troom:lobby\tid:a:b\nhello\nworld\n");
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->verb, "say");
    EXPECT_EQ(valueOf(frame->labels, "room"), "lobby");
    EXPECT_EQ(valueOf(frame->labels, "id"), "a:b");
    EXPECT_EQ(valueOf(frame->labels, "nick"), "(missing)");
    EXPECT_EQ(frame->body, "hello\nworld\n");
}

TEST(Frame, MayHaveNeitherLabelsNorBody) {
    const auto frame = parseFrame("rooms\n");
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->verb, "rooms");
    EXPECT_EQ(frame->body, "");
}

TEST(Frame, FirstOfTwoEqualLabelsCounts) {
    const auto frame = parseFrame("say\tid:1\tid:2\n");
    ASSERT_TRUE(frame);
    EXPECT_EQ(valueOf(frame->labels, "id"), "1");
}

TEST(Frame, ValuesMayBeEmptyAndHoldUtf8) {
    const auto frame = parseFrame("x\ta:\tb:привет\t\n");
    ASSERT_TRUE(frame);
    EXPECT_EQ(valueOf(frame->labels, "a"), "");
    EXPECT_EQ(valueOf(frame->labels, "b"), "привет");
}

TEST(Frame, RefusesAHeadThatIsNotLtsv) {
    using namespace std::string_view_literals;
    for (const auto head : {""sv, "say"sv, "\n"sv, "\t\n"sv, " say\n"sv, "s ay\n"sv, "say\tx\n"sv,
                            "say\t:x\n"sv, "say\t\ta:b\n"sv, "say\r\n"sv, "say\ta:b\r\n"sv,
                            "say\ta:\0\n"sv, "say\ta:\x1B[0m\n"sv, "say\ta:\x7F\n"sv, "п\n"sv}) {
        const auto frame = parseFrame(head);
        ASSERT_FALSE(frame) << head;
        EXPECT_EQ(frame.error().code, ErrorCode::BadHead) << head;
    }
}

TEST(Frame, TakesAHeadUpToItsLimit) {
    const std::string longest = "say\ta:" + std::string(limits::kHeadBytesMax - 6, 'x') + "\n";
    EXPECT_TRUE(parseFrame(longest));
    EXPECT_EQ(parseFrame("x" + longest).error().code, ErrorCode::TooLong);
    const std::string endless(limits::kFrameBytesMax, 'x');
    EXPECT_EQ(parseFrame(endless).error().code, ErrorCode::TooLong);
}

TEST(Frame, TakesALimitedNumberOfLabels) {
    std::string head = "x";
    for (size_t i = 0; i < Labels::kCountMax; ++i) head += "\ta" + std::to_string(i) + ":1";
    EXPECT_TRUE(parseFrame(head + "\n"));
    EXPECT_EQ(parseFrame(head + "\tb:1\n").error().code, ErrorCode::BadHead);
}

TEST(FrameWriter, LetsNoControlCharacterIntoAHead) {
    std::string out;
    FrameWriter(out, "error").label("nick", "a\nb\tc\x1B\x7Fп").finish("a\nb");
    EXPECT_EQ(out, "24        error\tnick:a?b?c??п\na\nb");
}

TEST(FrameWriter, ReplacesControlCharactersAtEitherEndOfAValueAndNothingElse) {
    std::string out;
    FrameWriter(out, "say")
        .label("a", "\nb\t")
        .label("c", "\x1F")
        .label("d", "\x7F ~")
        .finish("\n");
    EXPECT_EQ(out, "21        say\ta:?b?\tc:?\td:? ~\n\n");
}

TEST(FrameWriter, AnnouncesABodyThatFollowsElsewhere) {
    std::string whole, head;
    FrameWriter(whole, "data").label("off", 0).finish("12345");
    FrameWriter(head, "data").label("off", 0).finishBefore(5);
    EXPECT_EQ(head + "12345", whole);
}

TEST(FrameWriter, WritesBehindWhatIsThere) {
    std::string out = "before ";
    FrameWriter(out, "bye").finish();
    FrameWriter(out, "bye").finish();
    EXPECT_EQ(out, "before 4         bye\n4         bye\n");
}

TEST(LineWriter, WritesLtsvWithoutAVerb) {
    std::string out;
    LineWriter(out).label("nick", "alice").label("user", 7).finish();
    LineWriter(out).label("nick", "b\tob").finish();
    EXPECT_EQ(out, "nick:alice\tuser:7\nnick:b?ob\n");
}

}  // namespace
}  // namespace netchat
