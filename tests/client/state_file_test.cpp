// What a client keeps for its next run.

#include "modes/client/state_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "modes/client/client.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

using test::TempFolder;
using ::testing::HasSubstr;

const net::HostPort kServer{"127.0.0.1", 6121};

class StateFileTest : public ::testing::Test {
  protected:
    StateFile open(std::string_view nick = "alice") {
        auto file = StateFile::open(folder / "clients", kServer, nick);
        if (!file) throw std::runtime_error(file.error().text);
        return std::move(*file);
    }
    static Resume user(uint64_t last) {
        Resume resume;
        resume.secret = "1-abc", resume.user = 7, resume.nick = "alice";
        resume.rooms = {{"lobby", last}};
        return resume;
    }
    template <class E>
    static E of(uint64_t seq = 0) {
        E event;
        if constexpr (requires { event.room; }) event.room = "lobby";
        if constexpr (requires { event.seq; }) event.seq = seq;
        return event;
    }
    std::string path() {
        for (const auto& entry : std::filesystem::directory_iterator(folder / "clients")) {
            if (entry.path().extension() == ".state") return entry.path().native();
        }
        return "";
    }
    TempFolder folder;
};

TEST_F(StateFileTest, TheFirstTimeThereIsNothingAndNothingIsWritten) {
    StateFile file = open();
    EXPECT_FALSE(file.resume());
    EXPECT_TRUE(file.save());
    EXPECT_EQ(path(), "");
}

// A connection that is made again has been told more than was seen.
TEST_F(StateFileTest, AJoinMovesWhatWasSeenBackAndNeverOn) {
    StateFile file = open();
    file.keepToSeen();
    file.follow(of<event::Connected>(), user(0));
    file.follow(of<event::Joined>(), user(3));
    EXPECT_EQ(file.seenIn("lobby"), 3u);
    file.seen("lobby", 5);
    file.follow(of<event::Joined>(), user(9));
    EXPECT_EQ(file.seenIn("lobby"), 5u);
    file.follow(of<event::Joined>(), user(4));
    EXPECT_EQ(file.seenIn("lobby"), 4u) << "the log has lost its end";
    EXPECT_FALSE(file.seenIn("dev"));
}

TEST_F(StateFileTest, KeepsWhoAndHowFarForTheNextRun) {
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), user(0));
        file.follow(of<event::Joined>(), user(3));
        ASSERT_TRUE(file.save());
        for (uint64_t seq = 4; seq <= 1000; ++seq) {
            file.seen("lobby", seq);
            ASSERT_TRUE(file.save());
        }
        struct stat info {};
        ASSERT_EQ(::stat(path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u);
    }
    const StateFile file = open();
    ASSERT_TRUE(file.resume());
    EXPECT_EQ(file.resume()->secret, "1-abc");
    EXPECT_EQ(file.resume()->user, 7u);
    EXPECT_EQ(file.resume()->nick, "alice");
    ASSERT_EQ(file.resume()->rooms.size(), 1u);
    EXPECT_EQ(file.resume()->rooms[0].last, 1000u);
}

TEST_F(StateFileTest, WhatACrashLeftBesideItIsInNobodysWay) {
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), user(0));
        ASSERT_TRUE(file.save());
        std::ofstream(path() + ".new") << "half of a li";
        file.follow(of<event::Joined>(), user(3));
        const auto status = file.save();
        ASSERT_TRUE(status) << status.error().text;
        std::ofstream(path() + ".new") << "half of a li";
    }
    const StateFile file = open();
    ASSERT_TRUE(file.resume());
    ASSERT_EQ(file.resume()->rooms.size(), 1u);
    EXPECT_EQ(file.resume()->rooms[0].last, 3u);
    EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
}

// A run may have said things that it did not live to note.
TEST_F(StateFileTest, NoTwoRunsGiveOutTheSameIds) {
    std::vector<uint64_t> ids;
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), user(0));
        ASSERT_TRUE(file.save());
    }
    for (int run = 0; run < 3; ++run) ids.push_back(open().resume()->lastId);
    EXPECT_GE(ids[0], uint64_t{1} << 32);
    EXPECT_GE(ids[1], ids[0] + (uint64_t{1} << 32));
    EXPECT_GE(ids[2], ids[1] + (uint64_t{1} << 32));
}

TEST_F(StateFileTest, EntriesOfPagesAreNotNew) {
    StateFile file = open();
    EXPECT_TRUE(file.entryOf(of<event::Message>(5)));
    EXPECT_FALSE(file.entryOf(of<event::HistoryPage>()));
    EXPECT_FALSE(file.entryOf(of<event::Message>(2)));
    EXPECT_FALSE(file.entryOf(of<event::HistoryEnd>()));
    EXPECT_TRUE(file.entryOf(of<event::File>(6)));
    EXPECT_FALSE(file.entryOf(of<event::Private>()));
}

TEST_F(StateFileTest, FilesThatHaveNotComeAreForTheNextRun) {
    const std::string hash(64, 'a');
    auto announced = of<event::File>(4);
    announced.name = "x.iso", announced.sha256 = hash, announced.fetching = true;
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), user(0));
        file.follow(of<event::Joined>(), user(3));
        ASSERT_TRUE(file.entryOf(announced));
        file.seen("lobby", 4);
        // Of a page, and of what was announced after what was seen.
        auto other = announced;
        const std::string otherHash(64, 'b'), lateHash(64, 'c');
        other.sha256 = otherHash;
        file.entryOf(of<event::HistoryPage>());
        file.entryOf(other);
        file.entryOf(of<event::HistoryEnd>());
        auto late = announced;
        late.sha256 = lateHash, late.seq = 5;
        file.entryOf(late);
        ASSERT_TRUE(file.save());
    }
    StateFile file = open();
    ASSERT_EQ(file.resume()->files.size(), 1u);
    EXPECT_EQ(file.resume()->files[0].name, "x.iso");
    EXPECT_EQ(file.files().size(), 2u);
    // Told again it moves nothing.
    announced.again = true;
    EXPECT_FALSE(file.entryOf(announced));
}

TEST_F(StateFileTest, IsForOneAtATimeButForEachNick) {
    const StateFile file = open();
    const auto second = StateFile::open(folder / "clients", kServer, "alice");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::BadState);
    EXPECT_TRUE(StateFile::open(folder / "clients", kServer, "bob"));
    EXPECT_TRUE(StateFile::open(folder / "clients", net::HostPort{"127.0.0.1", 6122}, "alice"));
}

const std::string kPrint = "sha256:" + std::string(64, 'a');

TEST_F(StateFileTest, FollowsTheServerNotItsAddress) {
    {
        auto file = StateFile::open(folder / "clients", {kServer, kPrint}, "alice");
        ASSERT_TRUE(file);
        file->follow(of<event::Connected>(), user(0));
        ASSERT_TRUE(file->save());
    }
    EXPECT_THAT(path(), HasSubstr("sha256"));
    const auto moved =
        StateFile::open(folder / "clients", {{"192.168.1.9", 7000}, kPrint}, "alice");
    ASSERT_TRUE(moved && moved->resume());
    EXPECT_EQ(moved->resume()->secret, "1-abc");
    const auto other = StateFile::open(
        folder / "clients", {kServer, "sha256:" + std::string(64, 'b'), {kServer}}, "alice");
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->resume()) << "another server at that address is told nothing";
}

TEST_F(StateFileTest, TakesOverWhatWasKeptByAnAddress) {
    const std::string hash(64, 'a');
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), user(0));
        file.follow(of<event::Joined>(), user(42));
        auto announced = of<event::File>(42);
        announced.name = "x.iso", announced.sha256 = hash, announced.fetching = true;
        file.entryOf(announced);
        ASSERT_TRUE(file.save());
    }
    const StateKey key({"localhost", 6121}, kPrint, {{"localhost", 6121}, kServer});
    EXPECT_TRUE(StateFile::exists(folder / "clients", key, "alice"));
    EXPECT_FALSE(StateFile::exists(folder / "clients", key, "bob"));
    for (int run = 0; run < 2; ++run) {
        const auto file = StateFile::open(folder / "clients", key, "alice");
        ASSERT_TRUE(file && file->resume()) << run;
        EXPECT_EQ(file->resume()->rooms.at(0).last, 42U);
        EXPECT_EQ(file->resume()->files.size(), 1U) << run;
    }
    EXPECT_FALSE(open().resume()) << "it has moved";
}

TEST_F(StateFileTest, ARunThatGoesOnByTheAddressIsNotTakenOverFrom) {
    StateFile file = open();
    file.follow(of<event::Connected>(), user(0));
    ASSERT_TRUE(file.save());
    const auto second = StateFile::open(folder / "clients", {kServer, kPrint, {kServer}}, "alice");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::BadState);
}

TEST_F(StateFileTest, WhoCanKeepNothingIsAGuestAndIsTold) {
    std::vector<std::string> told;
    const auto tell = [&told](const std::string& notice) { told.push_back(notice); };
    folder.write("file", "not a folder");
    for (const auto& where : {std::filesystem::path(), folder / "file/clients"}) {
        Options options;
        options.nick = "alice";
        const auto memory = recall({}, where, options, tell);
        ASSERT_TRUE(memory);
        EXPECT_FALSE(*memory);
        EXPECT_TRUE(options.guest);
        EXPECT_THAT(told.back(), HasSubstr("cannot store a secret for the nick 'alice'"));
    }
    told.clear();
    Options options;
    options.nick = "alice";
    ASSERT_TRUE(recall({}, folder / "new/clients", options, tell));
    EXPECT_FALSE(options.guest);
    EXPECT_TRUE(told.empty());
    EXPECT_FALSE(std::filesystem::exists(folder / "new")) << "nothing was to be kept yet";
}

// The run that has it may keep nothing, and then leaves nothing.
TEST_F(StateFileTest, RoomIsTakenForOneUserOnly) {
    const auto clients = folder / "clients";
    {
        StateFile file = open();
        ASSERT_TRUE(file.reserve());
        auto second = StateFile::open(clients, kServer, "alice", StateFile::Keep::Who);
        ASSERT_TRUE(second);
        EXPECT_EQ(second->reserve().error().code, ErrorCode::BadState);
        file.follow(of<event::Connected>(), user(0));
        EXPECT_TRUE(file.save());
        EXPECT_NE(path(), "");
    }
    StateFile again = open();
    ASSERT_TRUE(again.resume());
    EXPECT_EQ(again.resume()->secret, "1-abc");
    EXPECT_TRUE(again.reserve()) << "there is a file";
}

TEST_F(StateFileTest, RoomThatWasNotNeededIsGivenBack) {
    const auto clients = folder / "new/clients";
    for (const bool forgetful : {true, false}) {
        auto file = StateFile::open(clients, kServer, "alice", StateFile::Keep::Who);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->reserve());
        EXPECT_FALSE(std::filesystem::is_empty(clients));
        if (!forgetful) continue;
        auto connected = of<event::Connected>();
        connected.durability = kForgetful;
        file->follow(connected, user(0));
        EXPECT_TRUE(file->save());
        EXPECT_FALSE(std::filesystem::exists(folder / "new"));
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "new"));
}

TEST_F(StateFileTest, AFullDiskHasRoomForWhoIsKnown) {
    const test::SmallDisk disk(folder / "disk", "64k");
    if (!disk.mounted()) GTEST_SKIP() << "a small file system cannot be mounted here";
    const auto openThere = [&] { return StateFile::open(disk / "clients", kServer, "alice"); };
    {
        auto file = openThere();
        ASSERT_TRUE(file && file->reserve());
        disk.fill();
        file->follow(of<event::Connected>(), user(0));
        EXPECT_TRUE(file->save()) << "the room was taken before";
    }
    for (int run = 0; run < 3; ++run) {
        auto file = openThere();
        ASSERT_TRUE(file) << file.error().text;
        ASSERT_TRUE(file->resume());
        EXPECT_EQ(file->resume()->secret, "1-abc");
        EXPECT_EQ(file->resume()->lastId >> 32, static_cast<uint64_t>(run) + 1);
    }
    auto other = StateFile::open(disk / "clients", kServer, "bob", StateFile::Keep::Who);
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->reserve()) << "there is none for who is new";
}

TEST_F(StateFileTest, WhatIsNoSuchFileIsReportedAndLeft) {
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), user(0));
        ASSERT_TRUE(file.save());
    }
    const std::string name = "clients/" + std::filesystem::path(path()).filename().native();
    const std::string good = folder.read(name);
    for (const std::string& bad :
         {std::string("garbage"), good.substr(0, good.size() - 3), good + "room\tname:x\n"}) {
        folder.write(name, bad);
        const auto file = StateFile::open(folder / "clients", kServer, "alice");
        ASSERT_FALSE(file);
        EXPECT_THAT(file.error().text, HasSubstr("clients"));
        EXPECT_EQ(folder.read(name), bad);
    }
}

TEST(Since, IsReadAndRefused) {
    EXPECT_EQ(parseSince("now")->joinSince(), std::nullopt);
    EXPECT_EQ(parseSince("last")->joinSince(), std::nullopt);
    EXPECT_EQ(parseSince("all")->joinSince(), 0u);
    EXPECT_EQ(parseSince("42")->joinSince(), 42u);
    for (const char* bad : {"", "yesterday", "-1", "4x"}) EXPECT_FALSE(parseSince(bad)) << bad;
}

TEST(StateFolder, IsWhereTheSpecificationSays) {
    EXPECT_EQ(StateFile::folder("/s", "/h"), "/s/netchat/clients");
    EXPECT_EQ(StateFile::folder("", "/h"), "/h/.local/state/netchat/clients");
    EXPECT_EQ(StateFile::folder("relative", "/h"), "/h/.local/state/netchat/clients");
    EXPECT_EQ(StateFile::folder("", ""), "");
}

TEST_F(StateFileTest, KeepsUnderWhichIdentitiesOfTheLogItWasRead) {
    Resume resume = user(50);
    resume.rooms[0].read = {{"5f1c09aa31d4be72", 30}, {"9e07b3c5d82f4410", 50}};
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), resume);
        file.follow(of<event::Joined>(), resume);
        ASSERT_TRUE(file.save());
        file.seen("lobby", 77);
        ASSERT_TRUE(file.save());
    }
    {
        StateFile file = open();
        ASSERT_EQ(file.resume()->rooms.size(), 1u);
        EXPECT_EQ(logPlacesText(file.resume()->rooms[0].read),
                  "5f1c09aa31d4be72@30,9e07b3c5d82f4410@77");
        // The log was put back to 20, and is another.
        resume.rooms[0] = {
            "lobby",
            20,
            {{"5f1c09aa31d4be72", 20}, {"9e07b3c5d82f4410", 20}, {"c07e5512ab904d3f", 20}}};
        file.follow(of<event::Joined>(), resume);
        ASSERT_TRUE(file.save());
        file.seen("lobby", 21);
        ASSERT_TRUE(file.save());
    }
    const StateFile file = open();
    EXPECT_EQ(file.resume()->rooms[0].last, 21u);
    EXPECT_EQ(logPlacesText(file.resume()->rooms[0].read),
              "5f1c09aa31d4be72@20,9e07b3c5d82f4410@20,c07e5512ab904d3f@21");
}

TEST_F(StateFileTest, ReadsAFileOfAnEarlierVersionAndOneThatIsWrongAboutTheLog) {
    {
        StateFile file = open();
        file.follow(of<event::Connected>(), user(5));
        file.follow(of<event::Joined>(), user(5));
        ASSERT_TRUE(file.save());
    }
    EXPECT_TRUE(open().resume()->rooms[0].read.empty());
    for (const char* places : {"nonsense", "5f1c09aa31d4be72", ",,", ""}) {
        std::ofstream(path()) << "netchat-client\tversion:1\n"
                              << "user\tsession:1-abc\tuser:7\tnick:alice\tids:1\n"
                              << "room\tseq:00000000000000000005\tname:lobby\tlog:" << places
                              << "\n";
        const StateFile file = open();
        ASSERT_TRUE(file.resume()) << places;
        EXPECT_EQ(file.resume()->rooms[0].last, 5u) << places;
        EXPECT_TRUE(file.resume()->rooms[0].read.empty()) << places;
    }
}

}  // namespace
}  // namespace netchat::client
