// Files and folders from a command line, and what arrives of them.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/file_bytes.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class UploadTest : public ::testing::Test {
  protected:
    struct Done {
        int exit;
        std::string out, err;
    };
    Done bot(std::vector<std::string> more, const std::string& input = {}) {
        std::vector<std::string> all = {"bot", "--server", server_.address(), "--nick", "ci"};
        all.insert(all.end(), more.begin(), more.end());
        Process process(all);
        process.write(input);
        process.closeInput();
        const int exit = process.waitForExit();
        return {exit, process.output(), process.errors()};
    }
    std::string at(std::string_view name) const { return (folder_ / name).string(); }
    void makeProject() const {
        fs::create_directories(folder_ / "project/src");
        fs::create_directories(folder_ / "project/.git");
        folder_.write("project/.git/config", "hidden");
        folder_.write("project/build.sh", "#!/bin/sh\n");
        folder_.write("project/src/main.c", "int main;\n");
        fs::permissions(folder_ / "project/build.sh", fs::perms::owner_all);
        const timespec times[] = {{1'700'000'000, 0}, {1'700'000'000, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, at("project/src/main.c").c_str(), times, 0), 0);
    }

    ServerProcess server_;
    TempFolder folder_;
};

TEST_F(UploadTest, SeveralFilesAreInTheRoomWhenItEnds) {
    folder_.write("a.txt", "one");
    folder_.write("b c.txt", "two");
    Person bob(server_.address(), "bob");
    bob.isInside();
    const Done done = bot({"--upload", at("a.txt"), at("b c.txt")});
    EXPECT_EQ(done.exit, 0) << done.err;
    EXPECT_THAT(done.out, ContainsRegex("^[0-9a-f]+  a.txt\n[0-9a-f]+  b c.txt\n$"));
    bob.sees("* received a.txt");
    bob.sees("* received b c.txt");
    EXPECT_EQ(bob.downloads().read("b c.txt"), "two");
}

TEST_F(UploadTest, StandardInputIsAFile) {
    const std::string bytes = bytesOf(3'000'000);
    Person bob(server_.address(), "bob");
    bob.isInside();
    const Done done = bot({"--upload", "-", "--as", "backup.tar"}, bytes);
    EXPECT_EQ(done.exit, 0) << done.err;
    EXPECT_THAT(bob.sees("* received backup.tar"), EndsWith("backup.tar"));
    EXPECT_EQ(bob.downloads().read("backup.tar"), bytes);
    EXPECT_EQ(bot({"--upload", "-", "--as", "empty"}).exit, 0);
    bob.sees("* received empty");
}

TEST_F(UploadTest, AFileMayHaveAnotherNameThere) {
    folder_.write("a.txt", "one");
    Person bob(server_.address(), "bob");
    bob.isInside();
    EXPECT_EQ(bot({"--upload", at("a.txt"), "--as", "b.txt"}).exit, 0);
    bob.sees("* received b.txt");
}

TEST_F(UploadTest, AFolderArrivesWithItsFoldersAndItsTimesAndNothingThatRuns) {
    makeProject();
    Person bob(server_.address(), "bob");
    bob.isInside();
    const Done done = bot({"--upload", at("project")});
    EXPECT_EQ(done.exit, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("  project/src/main.c\n"));
    EXPECT_THAT(done.err, HasSubstr("skipped: 1 hidden, 0 links, 0 special files"));
    bob.sees("* ci dropped project/build.sh");
    bob.sees("* ci dropped project/src/main.c");
    bob.sees("* received project/src/main.c");
    EXPECT_EQ(bob.downloads().read("project/src/main.c"), "int main;\n");
    EXPECT_EQ(bob.downloads().read("project/build.sh"), "#!/bin/sh\n");
    EXPECT_FALSE(fs::exists(bob.downloads() / "project/.git"));
    struct stat about {};
    ASSERT_EQ(::stat((bob.downloads() / "project/build.sh").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0111U, 0U);
    ASSERT_EQ(::stat((bob.downloads() / "project/src/main.c").c_str(), &about), 0);
    EXPECT_EQ(about.st_mtim.tv_sec, 1'700'000'000);
}

// They come with the log, so also to who asks for them later.
TEST_F(UploadTest, AFolderIsFetchedLaterFromTheLog) {
    makeProject();
    TempFolder data;
    ServerProcess server({"--data", data.path().string()});
    Process giver({"bot", "--server", server.address(), "--nick", "ci", "--upload", at("project")});
    EXPECT_EQ(giver.waitForExit(), 0) << giver.errors();
    server.process().signal(SIGTERM);
    EXPECT_EQ(server.process().waitForExit(), 0);
    ServerProcess again({"--data", data.path().string()});
    Person bob(again.address(), "bob", {"--history", "10"});
    bob.sees("* end of the history");
    bob.type("!get project/src/main.c");
    EXPECT_THAT(bob.sees("* received project/src/main.c"), EndsWith("/project/src/main.c"));
    bob.type("!search main.c");
    bob.sees("dropped project/src/main.c");
    bob.type("!search mtime");
    bob.sees("* nothing found for 'mtime'");
    Process exported({"log", "export", data.path().string()});
    EXPECT_EQ(exported.waitForExit(), 0);
    EXPECT_THAT(
        exported.output(),
        HasSubstr("\"name\":\"main.c\",\"folder\":\"project/src\",\"mtime\":1700000000000"));
}

TEST_F(UploadTest, WhoDoesNotKnowFoldersHasTheFiles) {
    makeProject();
    V2ByHand old(server_.port(), "old");
    Person dora(server_.address(), "dora", {"--classic"});
    Person alice(server_.address(), "alice");
    alice.isInside();
    alice.type("!who");
    alice.sees("dora");
    alice.type("!upload " + at("project"));
    alice.isTold("skipped: 1 hidden");
    dora.sees("* received build.sh");
    dora.sees("* received main.c");
    EXPECT_EQ(old.readUntil("file")["name"], "build.sh");
    EXPECT_EQ(old.readUntil("file")["name"], "main.c");
}

TEST_F(UploadTest, AHostileFolderLeadsNowhere) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    V2ByHand eve(server_.port(), "eve");
    const std::string sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    int id = 0;
    for (const char* folder : {"..", "../x", "/etc", "a/../../b", ".ssh", "a\\b", "a//b", "con"}) {
        eve.send("offer", "room:lobby\tid:" + std::to_string(++id) +
                              "\tname:x\tsize:0\tsha256:" + sha256 + "\tfolder:" + folder);
        EXPECT_EQ(eve.readUntil("error")["code"], "bad-name") << folder;
    }
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_EQ(bob.downloads().count(), 0U);
}

TEST_F(UploadTest, SaysWhatWasNotSentAndSendsTheRest) {
    folder_.write("a.txt", "one");
    fs::create_directory(folder_ / "empty");
    const Done done = bot({"--upload", at("missing"), at("a.txt"), at("empty")});
    EXPECT_EQ(done.exit, 5);
    EXPECT_THAT(done.err, HasSubstr("not sent: cannot read " + at("missing")));
    EXPECT_THAT(done.err, HasSubstr("the folder has no files to send"));
    EXPECT_THAT(done.out, EndsWith("  a.txt\n"));
}

TEST_F(UploadTest, RefusesWhatMakesNoSense) {
    const auto refusal = [&](const std::vector<std::string>& more) {
        const Done done = bot(more);
        EXPECT_EQ(done.exit, 64);
        return done.err;
    };
    EXPECT_THAT(refusal({"--upload", "-"}), HasSubstr("--as NAME"));
    EXPECT_THAT(refusal({"--upload", "-", "x", "--as", "y"}),
                HasSubstr("cannot be used with other files"));
    EXPECT_THAT(refusal({"--upload", "x", "y", "--as", "z"}), HasSubstr("--as names one file"));
    EXPECT_THAT(refusal({"--upload", "x", "--as", "../z"}), HasSubstr("--as: "));
    EXPECT_THAT(refusal({"--listen", "--as", "z"}), HasSubstr("--as requires --upload"));
    EXPECT_THAT(refusal({"--upload", "x", "--listen"}), HasSubstr("choose exactly one of"));
    EXPECT_THAT(refusal({"--listen", "127.0.0.1:6121"}), HasSubstr("name a server with --server"));
}

TEST_F(UploadTest, StandardInputThatIsTooLargeIsRefused) {
    ServerProcess small({"--max-file", "1MiB"});
    Process process(
        {"bot", "--server", small.address(), "--nick", "ci", "--upload", "-", "--as", "x"});
    process.write(bytesOf(1'200'000));
    EXPECT_EQ(process.waitForExit(), 5);
    EXPECT_THAT(process.errors(), HasSubstr("stdin has more than 1.0 MiB"));
}

}  // namespace
}  // namespace netchat::test
