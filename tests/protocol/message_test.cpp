#include "protocol/message.h"

#include <gmock/gmock.h>

#include "protocol/field.h"
#include "tests/protocol/examples.h"

namespace netchat::v2 {
namespace {

using ::testing::HasSubstr;

// The payload of the one frame in `bytes`.
std::string_view payloadOf(std::string_view bytes) {
    EXPECT_EQ(*parseHeader(bytes.substr(0, 10)), bytes.size() - 10);
    return bytes.substr(10);
}

template <class M>
Result<M> read(std::string_view payload) {
    const auto frame = parseFrame(payload);
    if (!frame) return frame.error();
    EXPECT_EQ(frame->verb, M::kVerb);
    return decode<M>(*frame);
}

TEST(Message, EveryVerbComesBackAsItWasSent) {
    forEachExample([](const auto& message) {
        const std::string bytes = encoded(message);
        const auto frame = parseFrame(payloadOf(bytes));
        ASSERT_TRUE(frame) << bytes;
        const auto again = recoded(*frame);
        ASSERT_TRUE(again && *again) << bytes;
        EXPECT_EQ(**again, bytes);
    });
}

TEST(Message, LooksAsSpecified) {
    EXPECT_EQ(encoded(Hello{.nick = "alice"}), "21        netchat/2\tnick:alice\n");
    EXPECT_EQ(encoded(Say{.room = "lobby", .id = "17", .text = "hello"}),
              "26        say\troom:lobby\tid:17\nhello");
    EXPECT_EQ(encoded(Msg{.room = "lobby",
                          .seq = 42,
                          .time = kExampleTime,
                          .from = "alice",
                          .user = 7,
                          .id = "17",
                          .text = "hello"}),
              "81        msg\troom:lobby\tseq:42\ttime:2026-11-23T14:36:00.123Z\tfrom:alice\tuser:7"
              "\tid:17\nhello");
}

TEST(Message, LeavesOutWhatIsOptionalAndEmpty) {
    EXPECT_EQ(encoded(Join{.room = "a"}), "12        join\troom:a\n");
    EXPECT_EQ(encoded(Join{.room = "a", .since = 0}), "20        join\troom:a\tsince:0\n");
    const auto join = read<Join>("join\troom:a\n");
    ASSERT_TRUE(join);
    EXPECT_FALSE(join->since);
    EXPECT_EQ(read<History>("history\troom:a\n")->limit, 50u);
}

TEST(Message, SkipsUnknownLabels) {
    const auto say = read<Say>("say\tcolour:red\troom:lobby\tid:1\tx-y:\nhi");
    ASSERT_TRUE(say);
    EXPECT_EQ(say->room, "lobby");
    EXPECT_EQ(say->text, "hi");
}

TEST(Message, NamesTheLabelThatIsMissing) {
    const auto say = read<Say>("say\troom:lobby\nhi");
    ASSERT_FALSE(say);
    EXPECT_EQ(say.error().code, ErrorCode::BadHead);
    EXPECT_EQ(say.error().text, "say: label 'id' is missing");
}

TEST(Message, NamesTheLabelThatIsNoNumber) {
    for (const auto* value : {"", "-1", "+1", "1.5", "x", "1 ", "18446744073709551616"}) {
        const auto get =
            read<Get>("get\tsha256:" + std::string(kExampleHash) + "\tat:" + value + "\n");
        ASSERT_FALSE(get) << value;
        EXPECT_EQ(get.error().text, "get: label 'at' must be a decimal number");
    }
}

TEST(Message, NamesTheLabelThatIsNoTime) {
    const auto msg = read<Msg>("msg\troom:a\tseq:1\ttime:yesterday\tfrom:b\nx");
    ASSERT_FALSE(msg);
    EXPECT_THAT(msg.error().text, HasSubstr("'time' must look like 2026-11-23T14:36:00.123Z"));
}

TEST(Lines, AreReadOneByOne) {
    std::string body;
    encodeLine(body, Member{.nick = "alice", .user = 7, .dialect = "v2"});
    encodeLine(body, Member{.nick = "bob", .dialect = "classic"});
    std::vector<std::string> nicks;
    EXPECT_TRUE(decodeLines<Member>(body, [&](const Member& m) { nicks.emplace_back(m.nick); }));
    EXPECT_THAT(nicks, ::testing::ElementsAre("alice", "bob"));
    EXPECT_TRUE(decodeLines<Member>("", [](const Member&) { ADD_FAILURE(); }));
}

TEST(Lines, StopAtTheFirstThatDoesNotParse) {
    int seen = 0;
    const auto status =
        decodeLines<RoomLine>("room:a\nseq:1\nroom:b\n", [&](const RoomLine&) { ++seen; });
    EXPECT_FALSE(status);
    EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace netchat::v2
