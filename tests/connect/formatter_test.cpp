#include "modes/connect/formatter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "modes/client/transfer.h"

namespace netchat::connect {
namespace {

using client::Event;
namespace event = client::event;
using ::testing::ElementsAre;

constexpr int64_t kNowMs = 1'795'444'560'000;  // 2026-11-23 14:36:00 UTC

class FormatterTest : public ::testing::Test {
  protected:
    FormatterTest() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }

    static std::string line(const Event& event) {
        return lineOf(event, {.room = "lobby", .user = 7, .nowMs = kNowMs});
    }
};

TEST_F(FormatterTest, ShowsWhatIsSaid) {
    EXPECT_EQ(
        line(event::Message{.room = "lobby", .from = "alice", .text = "hello", .time = kNowMs}),
        "14:36:00 <alice> hello");
    EXPECT_EQ(line(event::Message{
                  .room = "games", .from = "bob", .text = "my move", .time = kNowMs + 1000}),
              "14:36:01 [games] <bob> my move");
}

TEST_F(FormatterTest, ShowsPrivateWordsFromBothEnds) {
    EXPECT_EQ(line(event::Private{.from = "alice", .to = "me", .text = "psst"}),
              "14:36:00 alice -> you: psst");
    EXPECT_EQ(line(event::Private{.from = "me", .to = "alice", .text = "yes", .own = true}),
              "14:36:00 you -> alice: yes");
}

TEST_F(FormatterTest, ShowsWhoComesAndGoes) {
    event::Presence event{.room = "lobby", .nick = "bob", .state = "joined"};
    event.user = 8;
    EXPECT_EQ(line(event), "14:36:00 * bob joined");
    event.state = "left";
    EXPECT_EQ(line(event), "14:36:00 * bob left");
    event.state = "renamed", event.was = "bob", event.nick = "bobby", event.room = "games";
    EXPECT_EQ(line(event), "14:36:00 [games] * bob is now bobby");
    event.user = 7;
    EXPECT_EQ(line(event), "") << "one knows what one did";
}

TEST_F(FormatterTest, ShowsFilesAndWhatCanBeDoneAboutThem) {
    event::File file{.room = "lobby", .from = "alice", .name = "a.bin"};
    file.size = 1000, file.fetching = true;
    EXPECT_EQ(line(file), "14:36:00 * alice dropped a.bin (1000 B)");
    file.size = 2048, file.fetching = false;
    EXPECT_EQ(line(file), "14:36:00 * alice dropped a.bin (2.0 KiB); !get fetches it");
    EXPECT_EQ(lineOf(file, {.room = "lobby", .commands = false, .nowMs = kNowMs}),
              "14:36:00 * alice dropped a.bin (2.0 KiB); not fetched");
    file.text = "it is one too many";
    EXPECT_EQ(line(file),
              "14:36:00 * alice dropped a.bin (2.0 KiB); !get fetches it (it is one too many)");
    file.text = client::kNoFolderText;
    EXPECT_EQ(line(file),
              "14:36:00 * alice dropped a.bin (2.0 KiB); not fetched: files are received only with "
              "--downloads DIR");
    file.own = true;
    EXPECT_EQ(line(file), "14:36:00 * alice dropped a.bin (2.0 KiB)");
    event::FileReceived received{.name = "a.bin", .path = "./a.bin"};
    received.size = 2048;
    EXPECT_EQ(line(received), "14:36:00 * received a.bin (2.0 KiB) -> ./a.bin");
    received.again = true;
    EXPECT_EQ(line(received),
              "14:36:00 * received a.bin (2.0 KiB) -> ./a.bin (it was there already)");
}

TEST_F(FormatterTest, ListsPeopleAndRooms) {
    const v2::Member members[] = {{"me", 7, "v2"}, {"bob", 8, "v2"}, {"old", 9, "classic"}};
    event::Joined event{.room = "lobby"};
    event.roster = members, event.members = 5;
    EXPECT_EQ(line(event), "14:36:00 * you are in lobby with bob, old (classic), and 2 others");
    event::Roster asked{.room = "lobby", .members = 5, .roster = members};
    EXPECT_EQ(line(asked), "14:36:00 * 5 in lobby: me, bob, old (classic), and 2 others");
    const v2::Member cloaked[] = {
        {"me", 7, "v2", "k3j5x7w2qa"}, {"bob", 8, "v2"}, {"old", 9, "classic", "zzqd4mbe6h"}};
    asked.roster = cloaked;  // for an operator
    EXPECT_EQ(
        line(asked),
        "14:36:00 * 5 in lobby: me [cloak:k3j5x7w2qa], bob, old (classic) [cloak:zzqd4mbe6h], "
        "and 2 others");
    const v2::RoomLine rooms[] = {{"lobby", 3, 42}, {"games", 1, 2}};
    event::RoomList list{};
    list.rooms = rooms;
    EXPECT_EQ(line(list), "14:36:00 * rooms: lobby (3), games (1)");
}

TEST_F(FormatterTest, IsLoudAboutGaps) {
    event::Gap gap{.room = "lobby"};
    gap.first = 3, gap.last = 42;
    EXPECT_EQ(line(gap), "14:36:00 * 40 messages are no longer available (3 to 42)");
    gap.last = 3;
    EXPECT_EQ(line(gap), "14:36:00 * 1 message is no longer available (3 to 3)");
}

// One of each event, with this text wherever one can be, and these lists.
struct FilledIn {
    std::string_view text;
    std::span<const v2::Member> members;
    std::span<const v2::RoomLine> rooms;

    void local(std::string_view& value) { value = text; }
    void local(std::span<const v2::Member>& value) { value = members; }
    void local(std::span<const v2::RoomLine>& value) { value = rooms; }
    template <class Other>
    void local(const Other&) {}
    template <class Value>
    void key(const char*, Value& value) {
        local(value);
    }
    void time(const char*, int64_t) {}
};

template <class... Es>
std::vector<Event> eachFilledIn(FilledIn fields, const std::variant<Es...>*) {
    std::vector<Event> all{Es{}...};
    for (Event& event : all) std::visit([&](auto& one) { one.visit(fields); }, event);
    return all;
}

TEST_F(FormatterTest, NeutralisesEverythingThatIsRemote) {
    const std::string evil = "\x1b]52;c;x\x07\xC2\x9B\xE2\x80\xAE\r\n\xFFz";
    const auto isSafe = [](const std::string& text) {
        for (const char c : text) {
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
        }
        return text.find("\xC2\x9B") == std::string::npos &&
               text.find("\xE2\x80\xAE") == std::string::npos &&
               text.find('\xFF') == std::string::npos;
    };
    const v2::Member members[] = {{evil, 1, "v2"}};
    const v2::RoomLine rooms[] = {{evil, 1, 1}};
    const auto all = eachFilledIn({evil, members, rooms}, static_cast<const Event*>(nullptr));
    for (const Event& event : all) {
        std::string shown = line(event);
        // A notice may have lines, none of which passes for one of ours.
        if (const size_t at = shown.find("\n         | "); at != std::string::npos) {
            EXPECT_TRUE(client::isOneOf<event::Notice>(event));
            shown.erase(at, 1);
        }
        EXPECT_TRUE(isSafe(shown)) << client::kindName(event) << ": " << shown;
    }
    const KnownFile file{1, evil, evil, evil, evil, 1, KnownFile::State::Offered};
    EXPECT_TRUE(isSafe(fileLines({&file, 1})[0]));
}

TEST_F(FormatterTest, SaysTheDayWhenItIsAnother) {
    EXPECT_EQ(localTime(kNowMs, kNowMs), "14:36:00");
    EXPECT_EQ(localTime(kNowMs - 24 * 3600 * 1000, kNowMs), "2026-11-22 14:36:00");
    EXPECT_EQ(localTime(INT64_MAX, kNowMs).find('\n'), std::string::npos);
}

TEST_F(FormatterTest, UsesLocalTime) {
    ::setenv("TZ", "XXX-05:30", 1);
    ::tzset();
    EXPECT_EQ(localTime(kNowMs, kNowMs), "20:06:00");
}

TEST_F(FormatterTest, AlignsTheListOfFiles) {
    const KnownFile files[] = {
        {1, "lobby", "al", "a.txt", "", 12, KnownFile::State::Received},
        {12, "lobby", "barbara", "holiday.jpg", "", 3 << 20, KnownFile::State::Offered}};
    EXPECT_THAT(fileLines(files),
                ElementsAre("   1  a.txt           12 B  al       here",
                            "  12  holiday.jpg  3.0 MiB  barbara  !get fetches it"));
}

}  // namespace
}  // namespace netchat::connect
