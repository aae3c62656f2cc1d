// What netchat connect does when nobody says otherwise: where files go and how many, and which
// lines are commands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/file_bytes.h"
#include "tests/support/person.h"
#include "tests/support/tmux.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class DefaultsTest : public ::testing::Test {
  protected:
    Process::Options pipe(const std::string& nick, std::vector<std::string> more = {}) const {
        std::vector<std::string> all = {"connect", server_.address(), "--nick", nick};
        all.insert(all.end(), more.begin(), more.end());
        return {all, {{"HOME", home_.path().string()}}, project_.path(), {}};
    }
    void drop(Person& person, const fs::path& file) {
        person.type("!upload " + file.string());
        person.sees("dropped " + file.filename().string());
    }

    ServerProcess server_;
    TempFolder home_, project_, folder_;
};

// ---- data is not commands

TEST_F(DefaultsTest, InAPipeEveryLineIsSaidAsItIs) {
    const std::string key = folder_.write("id_ed25519", "a secret key").string();
    Person bob(server_.address(), "bob");
    bob.isInside();
    Process log(pipe("log"));
    log.write("!upload " + key + "\n!exit\n!!twice\n//twice\n/msg bob x\n!nonsense\nafter\n");
    log.closeInput();
    EXPECT_EQ(log.waitForExit(), 0) << log.errors();
    for (const std::string& line :
         {"!upload " + key, std::string("!exit"), std::string("!!twice"), std::string("//twice"),
          std::string("/msg bob x"), std::string("!nonsense"), std::string("after")}) {
        EXPECT_THAT(bob.sees("<log> "), EndsWith("<log> " + line));
    }
    EXPECT_THAT(log.errors(), HasSubstr("'!upload' is sent as text"));
    EXPECT_EQ(log.errors().find("is sent as text"), log.errors().rfind("is sent as text"))
        << "once";
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_EQ(bob.downloads().count(), 0u);
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("dropped")));
}

TEST_F(DefaultsTest, InAPipeCommandsAreAskedFor) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    Process script(pipe("script", {"--commands"}));
    script.write("!msg bob a word\n!!loud\n/topic x\n!me waves\n!exit\nnever said\n");
    EXPECT_EQ(script.waitForExit(), 0) << script.errors();
    bob.sees("script -> you: a word");
    EXPECT_THAT(bob.sees("<script>"), EndsWith("<script> !loud"));
    EXPECT_THAT(bob.sees("<script>"), EndsWith("<script> /topic x"))
        << "a stroke is for those who type";
    EXPECT_THAT(bob.sees("<script>"), EndsWith("<script> * script waves"));
    bob.sees("* script left");
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("never said")));
}

TEST_F(DefaultsTest, AtATerminalAStrokeIsNotSaidToTheRoom) {
    Person bob(server_.address(), "bob"), carol(server_.address(), "carol");
    bob.isInside();
    carol.isInside();
    Tmux terminal({.width = 140});
    terminal.runs({"connect", server_.address(), "--nick", "alice", "--plain"});
    terminal.sees("* you are in lobby");
    terminal.line("/msg carol secret");
    carol.sees("alice -> you: secret");
    terminal.line("/topic news");
    terminal.sees("not sent: there is no /topic here");
    terminal.line("/opt/x is full");
    terminal.sees("repeat the line to send it");
    terminal.line("/opt/x is full");
    EXPECT_THAT(bob.sees("<alice> "), EndsWith("<alice> /opt/x is full"));
    terminal.line("//me");
    EXPECT_THAT(bob.sees("<alice> "), EndsWith("<alice> /me"));
    terminal.line("/quit good bye");
    terminal.sees("\nended 0\n");
    bob.sees("* alice left");
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("secret")));
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("good bye")));
}

TEST_F(DefaultsTest, OnTheScreenAStrokeIsNotSaidToTheRoom) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    Tmux terminal({.width = 140});
    terminal.runs({"connect", server_.address(), "--nick", "alice"});
    terminal.sees("you are in lobby");
    terminal.line("/frob secret");
    terminal.sees("/frob secret is not a command");
    terminal.sees("\n> /frob secret\n");
    terminal.keys("C-c");
    terminal.line("/me waves");
    EXPECT_THAT(bob.sees("<alice> "), EndsWith("<alice> * alice waves"));
    terminal.line("/opt/x is full");
    terminal.sees("/opt/x is full; repeat the line");
    terminal.keys("Enter");
    EXPECT_THAT(bob.sees("<alice> "), EndsWith("<alice> /opt/x is full"));
    terminal.line("/nick al");
    bob.sees("* alice is now al");
    terminal.line("/quit");
    terminal.seesLine("^ended 0$");
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("frob")));
}

// ---- where files go

TEST_F(DefaultsTest, InAPipeNothingIsReceivedWithoutAFolder) {
    const auto file = folder_.write("GNUmakefile", "all:\n\techo caught\n");
    Process ci(pipe("ci")), classic(pipe("old", {"--classic"}));
    ci.waitForLine("* you are in lobby");
    Person alice(server_.address(), "alice");
    alice.isInside();
    alice.type("!who");
    alice.sees("old");
    drop(alice, file);
    for (Process* process : {&ci, &classic}) {
        EXPECT_THAT(process->waitForLine("dropped GNUmakefile"),
                    HasSubstr("; not fetched: files are received only with --downloads DIR"));
        process->closeInput();
        EXPECT_EQ(process->waitForExit(), 0) << process->errors();
    }
    EXPECT_EQ(project_.count(), 0u);
    EXPECT_FALSE(fs::exists(home_ / "Downloads"));
}

TEST_F(DefaultsTest, InAPipeAFolderIsWhereFilesAreReceived) {
    const auto file = folder_.write("GNUmakefile", "all:\n");
    Process ci(pipe("ci", {"--downloads", "in"}));
    ci.waitForLine("* you are in lobby");
    Person alice(server_.address(), "alice");
    drop(alice, file);
    ci.waitForLine("* received GNUmakefile");
    EXPECT_TRUE(fs::exists(project_ / "in/GNUmakefile"));
    EXPECT_EQ(project_.count(), 1u);
}

TEST_F(DefaultsTest, AtATerminalFilesGoToAFolderOfTheirOwn) {
    const auto file = folder_.write("json.py", "print('caught')\n");
    for (const bool lines : {true, false}) {
        Tmux terminal({.width = 140});
        const fs::path home = terminal.home().path();
        std::vector<std::string> words = {"connect", server_.address(), "--nick", "bob"};
        if (lines) words.push_back("--plain");
        fs::create_directory(home / ".config");
        terminal.home().write(".config/user-dirs.dirs", "XDG_DOWNLOAD_DIR=\"$HOME/In\"\n");
        terminal.runs(words);
        terminal.sees("you are in lobby");
        EXPECT_FALSE(fs::exists(home / "In")) << "made when it is needed";
        Person alice(server_.address(), "alice");
        drop(alice, file);
        terminal.sees("files are saved in " + (home / "In/netchat").string());
        terminal.sees("received json.py");
        EXPECT_TRUE(fs::exists(home / "In/netchat/json.py"));
        EXPECT_FALSE(fs::exists(home / "json.py"));
        EXPECT_FALSE(fs::exists("json.py"));
        terminal.line("!exit");
        terminal.seesLine("^ended 0$");
        EXPECT_EQ(alice.leaves(), 0);
    }
}

// ---- how many

TEST_F(DefaultsTest, OneSenderHasAQuarterOfTheRunsTotal) {
    const auto first = folder_.write("first.bin", bytesOf(200'000));
    const auto second = folder_.write("second.bin", bytesOf(100'000));
    Person bob(server_.address(), "bob", {"--auto-download-total", "1MiB"});
    bob.isInside();
    Person alice(server_.address(), "alice"), carol(server_.address(), "carol");
    drop(alice, first);
    bob.sees("* received first.bin");
    drop(alice, second);
    EXPECT_THAT(bob.sees("alice dropped second.bin"),
                HasSubstr("!get fetches it (the files of one sender are more than a quarter of "
                          "--auto-download-total)"));
    carol.isInside();
    drop(carol, second);
    bob.sees("* received second.bin");
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_EQ(bob.downloads().count(), 2u);
}

TEST_F(DefaultsTest, WhatIsThereAlreadyIsNotNumbered) {
    const auto file = folder_.write("report.txt", "the same");
    Person bob(server_.address(), "bob");
    bob.downloads().write("report.txt", "the same");
    bob.isInside();
    Person alice(server_.address(), "alice"), dora(server_.address(), "dora", {"--classic"});
    bob.sees("dora joined");  // a classic client is not told so itself
    drop(alice, file);
    EXPECT_THAT(bob.sees("* received report.txt"), EndsWith("report.txt (it was there already)"));
    dora.sees("* received report.txt");
    folder_.write("report.txt", "another");
    drop(alice, file);
    EXPECT_THAT(bob.sees("* received report.txt"), EndsWith("report (2).txt"));
    dora.type("!upload " + file.string());
    EXPECT_THAT(bob.sees("* received report.txt"),
                EndsWith("report (2).txt (it was there already)"));
    EXPECT_EQ(bob.downloads().count(), 2u);
}

}  // namespace
}  // namespace netchat::test
