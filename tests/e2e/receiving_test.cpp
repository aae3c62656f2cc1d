// Receiving without anybody who looks: exit codes that can be trusted, streams that fail, and what
// the next run takes up again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/in_shell.h"
#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReceivingTest : public ::testing::Test {
  protected:
    explicit ReceivingTest(const std::vector<std::string>& more = {}) : server_(withData(more)) {}

    // Runs netchat with these words and redirections in a shell, to its end.
    Ended shell(const std::string& words, const std::string& redirections) const {
        return runInShell(words, redirections, folder_ / "state");
    }
    std::string listen(const std::string& options) const {
        return "bot --server " + server_.address() + " --nick ear --listen --since last " + options;
    }
    // The first run, from which on each hears what is new.
    Ended begin() const {
        return shell("connect " + server_.address() + " --nick ear --since last", "</dev/null");
    }
    void say(const std::string& text) const {
        Process mouth(
            {"bot", "--server", server_.address(), "--nick", "mouth", "--stdin", "lines"});
        mouth.writeLine(text);
        mouth.closeInput();
        ASSERT_EQ(mouth.waitForExit(), 0) << mouth.errors();
    }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    TempFolder folder_;
    ServerProcess server_;

  private:
    std::vector<std::string> withData(std::vector<std::string> more) const {
        more.insert(more.begin(), {"--data", (folder_ / "data").string()});
        return more;
    }
};

TEST_F(ReceivingTest, WhatCouldNotBeWrittenIsHeardByTheNextRun) {
    EXPECT_EQ(begin().code, 0);
    say("one");
    const Ended full = shell(listen("--count 1"), ">/dev/full");
    EXPECT_EQ(full.code, 1) << full.errors;
    EXPECT_THAT(full.errors, HasSubstr("stdout cannot be written: No space left on device"));
    EXPECT_EQ(shell(listen("--count 1"), "").output, "lobby mouth: one\n");
}

TEST_F(ReceivingTest, ConnectTellsAgainWhatCouldNotBeWritten) {
    const std::string connect = "connect " + server_.address() + " --nick ear --since last";
    EXPECT_EQ(shell(connect, "</dev/null").code, 0);
    say("one");
    EXPECT_EQ(shell(connect, "</dev/null >/dev/full").code, 1);
    EXPECT_THAT(shell(connect, "</dev/null").output, HasSubstr("<mouth> one\n"));
}

TEST_F(ReceivingTest, ATornLineIsNotGluedToTheNext) {
    EXPECT_EQ(begin().code, 0);
    say("one");
    folder_.write("log.jsonl", "{\"event\":\"mess");
    EXPECT_EQ(shell(listen("--json --count 1"), ">>" + path("log.jsonl")).code, 0);
    EXPECT_THAT(folder_.read("log.jsonl"),
                StartsWith("{\"event\":\"mess\n{\"event\":\"connected\""));
}

// Nobody speaks after the first line.
TEST_F(ReceivingTest, EndsWhenItsReaderHasGone) {
    EXPECT_THAT(shell(listen("--json"), "| head -n 1").output, EndsWith("}\n"));
    const std::string jsonl = "bot --server " + server_.address() + " --nick x --stdin jsonl";
    // The input stays open: it is the shell's own.
    EXPECT_THAT(shell(jsonl, "| head -n 1").output, EndsWith("}\n"));
}

TEST_F(ReceivingTest, AFolderAsInputIsAnError) {
    const std::string who = "--server " + server_.address() + " --nick x";
    for (const char* mode : {"lines", "jsonl"}) {
        const Ended ended = shell("bot " + who + " --stdin " + mode, "</");
        EXPECT_EQ(ended.code, 5) << ended.errors;
        EXPECT_THAT(ended.errors, HasSubstr("stdin cannot be read: Is a directory"));
    }
    EXPECT_EQ(shell("connect " + server_.address(), "</").code, 1);
    const Ended script = shell("bot --server " + server_.address() + " -", "</");
    EXPECT_EQ(script.code, 65);
    EXPECT_THAT(script.errors, HasSubstr("from standard input: Is a directory"));
}

// Whoever pastes it gets the file, and runs nothing that a stranger has named.
TEST_F(ReceivingTest, TheCommandThatGetsAFileIsSafeToPaste) {
    const std::string room = "bob's", name = "x;touch PWNED;#$(touch PWNED)'.tar";
    folder_.write(name, std::string(2000, 'x'));
    Process ear({{"bot", "--server", server_.address(), "--nick", "ear", "--room", room, "--listen",
                  "--json", "--auto-download", "1KiB"},
                 {{"XDG_STATE_HOME", (folder_ / "state").string()}}});
    ear.waitForLine("\"joined\"");
    Process mouth({"bot", "--server", server_.address(), "--nick", "mouth", "--room", room,
                   "--upload", path(name)});
    ASSERT_EQ(mouth.waitForExit(), 0) << mouth.errors();
    std::string command = ear.waitForErrorLine("; get it with: ");
    command = command.substr(command.find("netchat bot "));
    const auto put = [&](const std::string& word, const std::string& value) {
        command.replace(command.find(word), word.size(), value);
    };
    put("NAME", "other");
    put("DIR", "downloads");
    Process shell({{"-c", "netchat() { \"$0\" \"$@\"; }; " + command, NETCHAT_BINARY},
                   {{"XDG_STATE_HOME", (folder_ / "state").string()}},
                   folder_.path(),
                   "/bin/sh"});
    EXPECT_EQ(shell.waitForExit(), 0) << command << "\n" << shell.errors();
    EXPECT_FALSE(std::filesystem::exists(folder_ / "PWNED")) << command;
    EXPECT_EQ(std::filesystem::file_size(folder_ / "downloads" / name), 2000u) << command;
}

class SlowServerTest : public ReceivingTest {
  protected:
    SlowServerTest() : ReceivingTest({"--rate-limit", "on", "--messages-per-second", "20"}) {}
};

// A second more than what is saved up.
TEST_F(SlowServerTest, WhatWasSaidMoreSlowlyWasSaid) {
    std::string text;
    for (int i = 1; i <= 220; ++i) text += "line " + std::to_string(i) + "\n";
    folder_.write("lines", text);
    const Ended ended = shell("connect " + server_.address() + " --nick ci", "<" + path("lines"));
    EXPECT_EQ(ended.code, 0) << ended.errors;
    EXPECT_THAT(ended.errors, HasSubstr("slowly"));
    EXPECT_THAT(ended.output, HasSubstr("line 220\n"));
}

}  // namespace
}  // namespace netchat::test
