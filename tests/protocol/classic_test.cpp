#include "protocol/classic.h"

#include <gmock/gmock.h>

#include "protocol/limits.h"
#include "tests/protocol/latin1.h"

namespace netchat::classic {
namespace {

using ::testing::HasSubstr;
constexpr int64_t kMoment = 1'795'444'560'123;  // 2026-11-23 14:36:00.123 UTC
constexpr uint64_t kFileMax = 1000;

// ---- what a server reads

class ClientReaderTest : public ::testing::Test {
  protected:
    using Event = ClientReader::Event;
    // Feeds the bytes and returns the first event.
    Event feed(std::string_view bytes) {
        reader_.release();
        reader_.feed(bytes);
        return reader_.next();
    }

    Utf8Charset charset_;
    ClientReader reader_{{10, charset_}, kFileMax};
};

TEST_F(ClientReaderTest, ReadsANameAndThenTexts) {
    ASSERT_EQ(feed("5         alice5         hello0         "), Event::Name);
    EXPECT_EQ(reader_.text(), "alice");
    ASSERT_EQ(reader_.next(), Event::Text);
    EXPECT_EQ(reader_.text(), "hello");
    ASSERT_EQ(reader_.next(), Event::Text);
    EXPECT_EQ(reader_.text(), "");
    EXPECT_EQ(reader_.next(), Event::NeedMore);
}

TEST_F(ClientReaderTest, ReadsAFileAfterAnAnnouncement) {
    ASSERT_EQ(feed("3         bob6         a.txt%4         data2         hi"), Event::Name);
    ASSERT_EQ(reader_.next(), Event::FileBegin);
    EXPECT_EQ(reader_.text(), "a.txt");
    EXPECT_EQ(reader_.fileSize(), 4u);
    EXPECT_TRUE(reader_.inFile());
    ASSERT_EQ(reader_.next(), Event::FileBytes);
    EXPECT_EQ(reader_.bytes(), "data");
    EXPECT_EQ(reader_.next(), Event::FileEnd);
    EXPECT_FALSE(reader_.inFile());
    ASSERT_EQ(reader_.next(), Event::Text);
    EXPECT_EQ(reader_.text(), "hi");
}

TEST_F(ClientReaderTest, AFilesNameIsWithoutAnyOfItsPercentSigns) {
    ASSERT_EQ(feed("3         bob6         a.b%%\n0         "), Event::Name);
    ASSERT_EQ(reader_.next(), Event::FileBegin);
    EXPECT_EQ(reader_.text(), "a.b");
    EXPECT_EQ(reader_.next(), Event::FileEnd);
}

TEST_F(ClientReaderTest, TakesAnEmptyFile) {
    ASSERT_EQ(feed("3         bob6         a.txt%0         "), Event::Name);
    ASSERT_EQ(reader_.next(), Event::FileBegin);
    EXPECT_EQ(reader_.next(), Event::FileEnd);
    EXPECT_EQ(reader_.next(), Event::NeedMore);
}

TEST_F(ClientReaderTest, ANameMayLookLikeAFile) {
    ASSERT_EQ(feed("4         100%2         hi"), Event::Name);
    EXPECT_EQ(reader_.text(), "100%");
    EXPECT_EQ(reader_.next(), Event::Text);
}

TEST_F(ClientReaderTest, GoesOnAfterATextThatIsNotValid) {
    ASSERT_EQ(feed("3         bob2         \xFF\xFE"
                   "2         ok"),
              Event::Name);
    ASSERT_EQ(reader_.next(), Event::BadText);
    EXPECT_EQ(reader_.error().code, ErrorCode::BadText);
    EXPECT_EQ(reader_.next(), Event::Text);
    EXPECT_EQ(reader_.text(), "ok");
}

TEST_F(ClientReaderTest, FailsOnANameThatIsNotValid) {
    ASSERT_EQ(feed("2         \xFF\xFE"), Event::Failed);
    EXPECT_EQ(reader_.error().code, ErrorCode::BadText);
}

TEST_F(ClientReaderTest, RefusesLengthsBeforeTheirBytesCome) {
    EXPECT_EQ(feed("9999999999"), Event::Failed);
    EXPECT_EQ(reader_.error().code, ErrorCode::TooLong);
}

TEST_F(ClientReaderTest, RefusesATextAboveTheLimit) {
    ASSERT_EQ(feed("3         bob1048577   "), Event::Name);
    EXPECT_EQ(reader_.next(), Event::Failed);
    EXPECT_EQ(reader_.error().code, ErrorCode::TooLong);
    EXPECT_EQ(feed("5         hello"), Event::Failed);
}

TEST_F(ClientReaderTest, RefusesAFileAboveTheLimit) {
    ASSERT_EQ(feed("3         bob6         a.txt%1001      "), Event::Name);
    EXPECT_EQ(reader_.next(), Event::Failed);
    EXPECT_EQ(reader_.error().code, ErrorCode::TooLarge);
    EXPECT_THAT(reader_.error().text, HasSubstr("1000"));
}

TEST_F(ClientReaderTest, RefusesAHeaderThatIsNone) {
    ASSERT_EQ(feed("3         bobhello     "), Event::Name);
    EXPECT_EQ(reader_.next(), Event::Failed);
    EXPECT_EQ(reader_.error().code, ErrorCode::BadHeader);
}

TEST(ClientReader, ReadsTheCharsetAndTheWidthItIsGiven) {
    Latin1 charset;
    ClientReader reader({4, charset}, kFileMax);
    reader.feed(
        "5   Andr\xE9"
        "4   caf\xE9");
    ASSERT_EQ(reader.next(), ClientReader::Event::Name);
    EXPECT_EQ(reader.text(), "André");
    ASSERT_EQ(reader.next(), ClientReader::Event::Text);
    EXPECT_EQ(reader.text(), "café");
}

// ---- what a client reads

class ServerReaderTest : public ::testing::Test {
  protected:
    using Event = ServerReader::Event;
    Utf8Charset charset_;
    Format format_{10, charset_};
    ServerReader reader_{format_, kFileMax};
};

TEST_F(ServerReaderTest, ReadsMessagesAndFiles) {
    std::string stream;
    ASSERT_TRUE(appendMessage(stream, format_, "alice", "hello", kMoment));
    ASSERT_TRUE(appendFilePrefix(stream, format_, "bob", "a.txt", 4));
    stream += "data";
    appendFileSuffix(stream, format_, kMoment);
    reader_.feed(stream);
    ASSERT_EQ(reader_.next(), Event::Message);
    EXPECT_EQ(reader_.user() + "|" + reader_.text() + "|" + reader_.time(),
              "alice|hello|23-11-2026 14:36:00");
    ASSERT_EQ(reader_.next(), Event::FileBegin);
    EXPECT_EQ(reader_.user() + "|" + reader_.text(), "bob|a.txt");
    EXPECT_EQ(reader_.fileSize(), 4u);
    ASSERT_EQ(reader_.next(), Event::FileBytes);
    EXPECT_EQ(reader_.bytes(), "data");
    ASSERT_EQ(reader_.next(), Event::FileEnd);
    EXPECT_EQ(reader_.user() + "|" + reader_.text() + "|" + reader_.time(),
              "bob|a.txt|23-11-2026 14:36:00");
    EXPECT_EQ(reader_.next(), Event::NeedMore);
}

TEST_F(ServerReaderTest, AUserNameIsNeverAFile) {
    std::string stream;
    ASSERT_TRUE(appendMessage(stream, format_, "100%", "hi", kMoment));
    reader_.feed(stream);
    ASSERT_EQ(reader_.next(), Event::Message);
    EXPECT_EQ(reader_.user(), "100%");
}

TEST_F(ServerReaderTest, ShowsWhatIsNotValidAsWellAsPossible) {
    reader_.feed(
        "3         b\xFF"
        "b2         hi19        23-11-2026 14:36:00");
    ASSERT_EQ(reader_.next(), Event::Message);
    EXPECT_EQ(reader_.user(), "b\uFFFDb");
}

TEST_F(ServerReaderTest, RefusesAFileAboveTheLimit) {
    reader_.feed("3         bob6         a.txt%9999999999");
    EXPECT_EQ(reader_.next(), Event::Failed);
    EXPECT_EQ(reader_.error().code, ErrorCode::TooLarge);
    EXPECT_EQ(reader_.next(), Event::Failed);
}

// ---- what is written

TEST(ClassicWriter, WritesTheOriginalsBytes) {
    Utf8Charset charset;
    const Format format{10, charset};
    std::string out;
    ASSERT_TRUE(appendText(out, format, "alice"));
    ASSERT_TRUE(appendFileStart(out, format, "a.txt", 4));
    EXPECT_EQ(out, "5         alice6         a.txt%4         ");
    out.clear();
    ASSERT_TRUE(appendMessage(out, format, "alice", "привет", kMoment));
    EXPECT_EQ(out, "5         alice12        привет19        23-11-2026 14:36:00");
}

TEST(ClassicWriter, KeepsATextFromLookingLikeAFile) {
    Utf8Charset charset;
    std::string out;
    ASSERT_TRUE(appendMessage(out, {10, charset}, "a", "100%", kMoment));
    EXPECT_THAT(out, HasSubstr("5         100% 19 "));
}

TEST(ClassicWriter, LeavesATextThatIsNoFilesNameAsItIs) {
    Utf8Charset charset;
    std::string out;
    ASSERT_TRUE(appendMessage(out, {10, charset}, "a", "it is 5 %", kMoment));
    EXPECT_THAT(out, HasSubstr("9         it is 5 %19 "));
}

TEST(ClassicWriter, RewritesAFileNameThatTheRuleDoesNotCover) {
    Utf8Charset charset;
    std::string out;
    ASSERT_TRUE(appendFilePrefix(out, {10, charset}, "a", "../мой файл.txt", 1));
    EXPECT_THAT(out, HasSubstr("_________.txt%"));
}

TEST(ClassicWriter, RefusesWhatItsHeaderCannotAnnounceAndWritesNothing) {
    Utf8Charset charset;
    const Format format{2, charset};
    std::string out = "before";
    const auto text = appendMessage(out, format, "a", std::string(100, 'x'), kMoment);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode::TooLong);
    EXPECT_FALSE(appendFilePrefix(out, format, "a", "b.txt", 100));
    EXPECT_FALSE(appendFileStart(out, format, "b.txt", 100));
    EXPECT_EQ(out, "before");
    EXPECT_TRUE(appendMessage(out, format, "a", std::string(99, 'x'), kMoment));
}

TEST(ClassicWriter, WritesTheCharsetItIsGiven) {
    Latin1 charset;
    std::string out;
    ASSERT_TRUE(appendMessage(out, {10, charset}, "é", "ж!", kMoment));
    EXPECT_TRUE(
        out.starts_with("1         \xE9"
                        "2         ?!19        23-"));
}

}  // namespace
}  // namespace netchat::classic
