#include "protocol/field.h"

#include <gmock/gmock.h>

#include <limits>

namespace netchat {
namespace {

using ::testing::HasSubstr;
using State = FieldReader::State;

TEST(Header, IsALeftJustifiedLengthPaddedWithSpaces) {
    std::string out;
    appendHeader(out, 10, 5);
    appendHeader(out, 2, 99);
    appendHeader(out, 20, std::numeric_limits<uint64_t>::max());
    EXPECT_EQ(out, "5         9918446744073709551615");
}

TEST(Header, SaysAsMuchAsItsWidthAllows) {
    EXPECT_EQ(largestLength(2), 99u);
    EXPECT_EQ(largestLength(10), 9'999'999'999u);
    EXPECT_EQ(largestLength(20), std::numeric_limits<uint64_t>::max());
}

TEST(Header, IsReadBack) {
    for (const size_t width : {2, 3, 10, 19, 20}) {
        for (const uint64_t length :
             {uint64_t{0}, uint64_t{7}, uint64_t{42}, largestLength(width)}) {
            std::string header;
            appendHeader(header, width, length);
            ASSERT_EQ(header.size(), width);
            EXPECT_EQ(*parseHeader(header), length);
        }
    }
}

TEST(Header, RefusesEverythingButDigitsAndThenSpaces) {
    for (const auto* text :
         {"          ", " 5        ", "5 5       ", "+5        ", "-5        ", "5\t        ",
          "5.0       ", "0x10      ", "five      ", "GET / HTTP"}) {
        const auto length = parseHeader(text);
        ASSERT_FALSE(length) << text;
        EXPECT_EQ(length.error().code, ErrorCode::BadHeader) << text;
        EXPECT_THAT(length.error().text, HasSubstr("digits padded with spaces"));
    }
    EXPECT_EQ(parseHeader("99999999999999999999").error().code, ErrorCode::TooLong);
}

TEST(Header, ErrorsShowNoControlCharacters) {
    EXPECT_THAT(parseHeader("\x1B[2J\x07    ").error().text, HasSubstr("'?[2J?    '"));
}

TEST(FieldReader, TakesWholeFieldsFromOnePiece) {
    FieldReader reader(10);
    std::string_view payload;
    reader.feed("5         hello0         3         abc");
    ASSERT_EQ(reader.takeField(100, payload), State::Ready);
    EXPECT_EQ(payload, "hello");
    ASSERT_EQ(reader.takeField(100, payload), State::Ready);
    EXPECT_EQ(payload, "");
    ASSERT_EQ(reader.takeField(100, payload), State::Ready);
    EXPECT_EQ(payload, "abc");
    EXPECT_EQ(reader.takeField(100, payload), State::NeedMore);
    reader.release();
    EXPECT_EQ(reader.held(), 0u);
}

TEST(FieldReader, TakesAFieldThatComesByteByByte) {
    FieldReader reader(4);
    std::string_view payload;
    const std::string stream = "5   hello2   ab";
    std::vector<std::string> seen;
    for (const char c : stream) {
        reader.feed({&c, 1});
        while (reader.takeField(100, payload) == State::Ready) seen.emplace_back(payload);
        reader.release();
    }
    EXPECT_THAT(seen, ::testing::ElementsAre("hello", "ab"));
}

TEST(FieldReader, RefusesALengthAboveTheLimitBeforeItsBytesCome) {
    FieldReader reader(10);
    std::string_view payload;
    reader.feed("9999999999");
    EXPECT_EQ(reader.takeField(1000, payload), State::Failed);
    EXPECT_EQ(reader.error().code, ErrorCode::TooLong);
    EXPECT_THAT(reader.error().text, HasSubstr("9999999999"));
    EXPECT_THAT(reader.error().text, HasSubstr("1000"));
    reader.release();
    reader.feed("5         hello");
    EXPECT_EQ(reader.takeField(1000, payload), State::Failed);
    EXPECT_EQ(reader.takeBytes(5), "");
}

TEST(FieldReader, TakesALengthAtTheLimit) {
    FieldReader reader(2);
    std::string_view payload;
    reader.feed("3 abc4 abcd");
    EXPECT_EQ(reader.takeField(3, payload), State::Ready);
    EXPECT_EQ(reader.takeField(3, payload), State::Failed);
}

TEST(FieldReader, WaitsForALengthThatNoMachineHas) {
    FieldReader reader(20);
    std::string_view payload;
    reader.feed("18446744073709551615x");
    EXPECT_NE(reader.takeField(std::numeric_limits<uint64_t>::max(), payload), State::Ready);
    reader.release();
    EXPECT_LT(reader.held(), 100u);
}

TEST(FieldReader, StreamsAPayloadWithoutHoldingIt) {
    FieldReader reader(10);
    uint64_t length = 0;
    reader.feed("1000000   ");
    ASSERT_EQ(reader.takeHeader(2'000'000, length), State::Ready);
    EXPECT_EQ(length, 1'000'000u);
    reader.release();
    const std::string block(1000, 'x');
    for (int i = 0; i < 1000; ++i) {
        reader.feed(block);
        EXPECT_EQ(reader.takeBytes(length).size(), block.size());
        reader.release();
        EXPECT_EQ(reader.held(), 0u);
    }
}

TEST(FieldReader, StreamsAPayloadUpToItsLimitAndNoLongerOne) {
    uint64_t length = 0;
    FieldReader fits(10), beyond(10);
    fits.feed("1000      ");
    EXPECT_EQ(fits.takeHeader(1000, length), State::Ready);
    EXPECT_EQ(length, 1000u);
    beyond.feed("1001      ");
    EXPECT_EQ(beyond.takeHeader(1000, length), State::Failed);
    EXPECT_EQ(beyond.error().code, ErrorCode::TooLong);
    EXPECT_EQ(length, 1000u);
}

TEST(FieldReader, TakesNoMoreBytesThanAskedFor) {
    FieldReader reader(2);
    uint64_t length = 0;
    std::string_view payload;
    reader.feed("3 abc2 de");
    ASSERT_EQ(reader.takeHeader(10, length), State::Ready);
    EXPECT_EQ(reader.takeBytes(2), "ab");
    EXPECT_EQ(reader.takeBytes(0), "");
    reader.release();
    reader.feed("");
    EXPECT_EQ(reader.takeBytes(1), "c");
    EXPECT_EQ(reader.takeField(10, payload), State::Ready);
    EXPECT_EQ(payload, "de");
}

TEST(FieldReader, HoldsNoMoreThanAnIncompleteField) {
    FieldReader reader(10);
    std::string_view payload;
    reader.feed("1000      abc");
    EXPECT_EQ(reader.takeField(1000, payload), State::NeedMore);
    reader.release();
    EXPECT_EQ(reader.held(), 13u);
}

}  // namespace
}  // namespace netchat
