// netchat bot against netchat serve: scripts, every one of samples/bots, and the modes without one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> bot(const std::string& server, const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"bot", "--server", server};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

class BotTest : public testing::Test {
  protected:
    struct Ended {
        int code;
        std::string output, errors;
    };

    static Ended finish(Process& process) {
        int code = process.waitForExit();
        return {code, process.output(), process.errors()};
    }

    Ended script(const std::string& text, const std::vector<std::string>& arguments = {}) {
        std::vector<std::string> all = bot(server.address(), arguments);
        all.push_back(folder.write("test.bot", text).string());
        Process process(all);
        return finish(process);
    }

    ServerProcess server;
    TempFolder folder;
};

class SampleScripts : public testing::TestWithParam<std::string> {};

TEST_P(SampleScripts, EndsWell) {
    ServerProcess server;
    Process process(Process::Options{
        .arguments = bot(server.address(), {"samples/bots/" + GetParam() + ".bot"}),
        .folder = std::filesystem::path(NETCHAT_SAMPLES).parent_path()});
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_THAT(process.errors(), HasSubstr("ok: "));
    EXPECT_EQ(process.output(), "");
}

INSTANTIATE_TEST_SUITE_P(All, SampleScripts,
                         testing::Values("build-notify", "classic-and-v2", "file-drop", "gather",
                                         "hello", "nick-change", "private"),
                         [](const auto& param) {
                             std::string name = param.param;
                             for (char& c : name) c = c == '-' ? '_' : c;
                             return name;
                         });

TEST(SampleScripts, AreAllRun) {
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(NETCHAT_SAMPLES "/bots"))
        files += entry.path().extension() == ".bot" ? 1 : 0;
    // approval.bot waits for somebody: it has a test of its own.
    EXPECT_EQ(files, 7u + 1u) << "a script in samples/bots is not in the list above";
}

TEST_F(BotTest, AScriptWithAllThatAScriptHas) {
    std::string photo(300'000, '\0');
    for (size_t i = 0; i < photo.size(); ++i) photo[i] = static_cast<char>(i * 7 + i / 251);
    std::string file = folder.write("photo.jpg", photo).string();
    Ended ended = script(
        "timeout 10s\nbot alice bob carol\nalice: say 'build 12 ready'\n"
        "bob: expect msg from=alice /build (?<n>\\d+) ready/\nbob: say 'testing $n'\n"
        "carol: expect -count=1 msg from=bob text='testing 12' within 10s\nalice: upload $file\n"
        "bob: expect file name=photo.jpg size=300000 within 30s\nbob: compare $file\n"
        "! carol: expect msg /never said/ within 100ms\n"
        "bob: leave lobby\n! bob: say 'not in the room'\nbob: expect error code=not-in-room\n"
        "bob: join -since=0 lobby\nbob: expect msg history=yes text='build 12 ready'\n"
        "alice: history\nalice: expect history\nalice: expect msg from=alice history=yes\n"
        "alice: rooms\nalice: expect rooms has=lobby\nalice: exit\nalice: reconnect\n"
        "bob: expect left from=alice\nbob: expect joined from=alice\n",
        {"--var", "file=" + file});
    EXPECT_EQ(ended.code, 0) << ended.errors;
}

// ---- a build that asks people, and who answers it

class AskingBuild : public BotTest {
  protected:
    AskingBuild() { boss.waitForLine("\"event\":\"joined\""); }

    Process ask(const std::string& path, std::vector<std::string> arguments = {}) {
        arguments.push_back(path);
        return Process(
            Process::Options{.arguments = bot(server.address(), arguments),
                             .environment = {{"HOME", folder.path().string()}},
                             .folder = std::filesystem::path(NETCHAT_SAMPLES).parent_path()});
    }
    // Says it once the build has asked.
    void answer(const std::string& question, const std::vector<std::string>& texts) {
        boss.waitForLine(question);
        for (const std::string& text : texts)
            boss.writeLine(R"({"do":"say","text":")" + text + "\"}");
    }

    Process boss{
        Process::Options{.arguments = bot(server.address(), {"--nick", "boss", "--stdin", "jsonl"}),
                         .environment = {{"HOME", folder.path().string()}}}};
};

TEST_F(AskingBuild, OfTheSampleExitsWithTheVerdict) {
    Process approved = ask("samples/bots/approval.bot");
    answer("approve 12, or reject 12?", {"let me see", "approve 13", "approve 12"});
    EXPECT_EQ(approved.waitForExit(), 0) << approved.errors();
    EXPECT_EQ(approved.output(), "verdict=approved\n");
    boss.waitForLine("build 12 is approved");
    Process rejected = ask("samples/bots/approval.bot", {"--var", "build=13"});
    answer("approve 13, or reject 13?", {"reject 13"});
    EXPECT_EQ(rejected.waitForExit(), 7) << rejected.errors();
    EXPECT_EQ(rejected.output(), "");
    EXPECT_THAT(rejected.errors(), HasSubstr("approval.bot:14: exit 7"));
    Process ignored = ask("samples/bots/approval.bot", {"--var", "patience=100ms"});
    EXPECT_EQ(ignored.waitForExit(), 4) << ignored.errors();
    EXPECT_THAT(ignored.errors(), HasSubstr("no line was matched within 100ms"));
    Process misspelt = ask("samples/bots/approval.bot", {"--var", "patience=soon"});
    EXPECT_EQ(misspelt.waitForExit(), 65);
    EXPECT_THAT(misspelt.errors(), HasSubstr("approval.bot:15:10: invalid duration"));
}

// The exit code is one that was said, by any of several; and a stranger in the room cannot stall
// the build or end it.
TEST_F(AskingBuild, ExitsWithTheCodeThatItWasTold) {
    const std::string script = folder
                                   .write("ci.bot",
                                          "set code 0\nbot ci\n"
                                          "ci: say 'build $build failed: stop CODE, or go?'\n"
                                          "ci: expect any {\n"
                                          "  msg from=/^(boss|deputy)$/ /^stop (?<code>\\d+)$/\n"
                                          "  msg from=/^(boss|deputy)$/ /^go$/ -> set why=go\n"
                                          "  msg /^(a+)+$/ -> exit 99\n"
                                          "} within 1m\n"
                                          "print 'code=$code'\nexit $code\n")
                                   .string();
    Process stopped = ask(script, {"--var", "build=1"});
    answer("build 1 failed", {std::string(900'000, 'a') + "b", "stop 42"});
    EXPECT_EQ(stopped.waitForExit(), 42) << stopped.errors();
    EXPECT_EQ(stopped.output(), "code=42\n");
    EXPECT_THAT(stopped.errors(), HasSubstr("ci.bot:4: warning: line 7: the regular expression"));
    Process went = ask(script, {"--var", "build=2"});
    answer("build 2 failed", {"go"});
    EXPECT_EQ(went.waitForExit(), 0) << went.errors();
    EXPECT_EQ(went.output(), "code=0\n");
}

TEST_F(BotTest, AnExpectNotMetExits4WithAReport) {
    Ended ended = script("bot a b\na: say 'one \x1b[2J'\nb: expect msg text=two within 50ms\n");
    EXPECT_EQ(ended.code, 65) << "control characters are no part of a script";
    ended = script("bot a b\na: say \"one \\u{1b}[2J\"\nb: expect msg text=two within 50ms\n");
    EXPECT_EQ(ended.code, 4);
    EXPECT_THAT(ended.errors,
                AllOf(HasSubstr("test.bot:3: b: expect msg text=two"), HasSubstr("b's last events"),
                      HasSubstr("from=a: one"), Not(HasSubstr("\x1b"))));
}

TEST_F(BotTest, EachFailureHasItsCode) {
    std::string file = folder.write("data", "some bytes").string();
    std::string other = folder.write("other", "same bytes").string();
    auto code = [&](const std::string& text) {
        Ended ended = script(text, {"--var", "file=" + file, "--var", "other=" + other});
        return ended.code;
    };
    EXPECT_EQ(code("bot a b\na: say hi\n! b: expect msg within 5s\n"), 1);
    EXPECT_EQ(code("bot a b\na: upload $file\nb: expect file\nb: compare $other\n"), 1);
    EXPECT_EQ(code("bot a b\na: nick b\n"), 1);
    EXPECT_EQ(code("bot a\nbot b -nick=a\n"), 3);
    EXPECT_EQ(code("bot a\na: expect msg within 10ms\n"), 4);
    EXPECT_EQ(code("bot a\na: upload /nothere\n"), 5);
    EXPECT_EQ(code("bot a b\na: upload $file\nb: expect file\nb: compare /nothere\n"), 5);
    EXPECT_EQ(code("bot a\na: shout\n"), 65);
    EXPECT_EQ(code("bot a\nexit 9\n"), 9);
}

TEST(BotAlone, AScriptThatDoesNotParseConnectsNothing) {
    TempFolder folder;
    std::string path = folder.write("bad.bot", "bot a\na: say $nothing\nb: say x\n").string();
    Process process({"bot", "--server", "127.0.0.1:1", path});
    EXPECT_EQ(process.waitForExit(), 65);
    EXPECT_THAT(process.errors(),
                AllOf(HasSubstr("bad.bot:2:8: $nothing is not set"),
                      HasSubstr("bad.bot:3:1: unknown bot"), Not(HasSubstr("connect to"))));
}

TEST(BotAlone, NoServerExits3) {
    TempFolder folder;
    Process process({"bot", "--server", "127.0.0.1:1", folder.write("x.bot", "bot a\n").string()});
    EXPECT_EQ(process.waitForExit(), 3);
    EXPECT_THAT(process.errors(), HasSubstr("could not connect"));
    Process lines({"bot", "--server", "127.0.0.1:1", "--nick", "x", "--stdin", "lines"});
    EXPECT_EQ(lines.waitForExit(), 3);
}

TEST(BotAlone, UsageIsChecked) {
    auto code = [](const std::vector<std::string>& arguments) {
        Process process(arguments);
        return process.waitForExit();
    };
    EXPECT_EQ(code({"bot"}), 64);
    EXPECT_EQ(code({"bot", "x.bot", "--listen"}), 64);
    EXPECT_EQ(code({"bot", "--listen"}), 64);
    EXPECT_EQ(code({"bot", "--stdin", "words", "--nick", "x"}), 64);
    EXPECT_EQ(code({"bot", "--nick", "a b", "--listen"}), 64);
    EXPECT_EQ(code({"bot", "--var", "9=x", "x.bot"}), 64);
    EXPECT_EQ(code({"bot", "--nick", "x", "--stdin", "lines", "--count", "1"}), 64);
    Process none({"bot", "nothere.bot"});
    EXPECT_EQ(none.waitForExit(), 65);
    EXPECT_THAT(none.errors(), HasSubstr("nothere.bot: No such file"));
}

TEST_F(BotTest, AScriptMayComeFromStandardInput) {
    Process process(bot(server.address(), {"-", "--var", "x=1"}));
    process.write("bot a b\na: say $x\nb: expect msg text=1\n");
    process.closeInput();
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
}

TEST_F(BotTest, ALostServerEndsTheScript) {
    Process process(bot(server.address(),
                        {"--verbose", "--reconnect", "off",
                         folder.write("x.bot", "bot a\na: expect msg within 1h\n").string()}));
    process.waitForErrorLine("a: expect msg");
    server.process().signal(SIGKILL);
    EXPECT_EQ(process.waitForExit(), 3);
    EXPECT_THAT(process.errors(), HasSubstr("a lost the server"));
}

TEST_F(BotTest, ASignalSaysByeAndExits) {
    Process ear(bot(server.address(), {"--nick", "ear", "--listen", "--json"}));
    ear.waitForLine("\"joined\"");
    Process process(bot(server.address(),
                        {folder.write("x.bot", "bot a\na: expect msg within 1h\n").string()}));
    ear.waitForLine("\"state\":\"joined\",\"nick\":\"a\"");
    process.signal(SIGINT);
    EXPECT_EQ(process.waitForExit(), 130);
    ear.waitForLine("\"state\":\"left\",\"nick\":\"a\"");
    ear.signal(SIGTERM);
    EXPECT_EQ(ear.waitForExit(), 143);
}

TEST_F(BotTest, LinesArriveWholeAndInOrderInBothDialects) {
    constexpr int kLines = 2'000;
    Process ear(bot(server.address(), {"--nick", "ear", "--listen", "--count",
                                       std::to_string(2 * kLines + 2), "--deadline", "1m"}));
    Process ready(bot(server.address(), {"--nick", "probe", "--listen", "--count", "1"}));
    Process hello(bot(server.address(), {"--nick", "hello", "--stdin", "jsonl"}));
    hello.waitForLine("\"joined\"");
    for (const char* who : {"ear", "probe"}) {
        do hello.writeLine(R"({"do":"who","room":"lobby"})");
        while (hello.waitForLine("\"roster\"").find("\"" + std::string(who) + "\"") ==
               std::string::npos);
    }
    hello.writeLine(R"({"do":"say","text":"begin"})");
    EXPECT_EQ(ready.waitForExit(), 0);
    std::string text, v2, classic;
    for (int i = 0; i < kLines; ++i) {
        text += "line " + std::to_string(i) + "\n";
        v2 += "lobby ci: line " + std::to_string(i) + "\n";
        classic += "lobby old: line " + std::to_string(i) + "\n";
    }
    Process ci(bot(server.address(), {"--nick", "ci", "--stdin", "lines"}));
    ci.write(text);
    ci.closeInput();
    EXPECT_EQ(ci.waitForExit(), 0) << ci.errors();
    Process old(bot(server.address(), {"--classic", "--nick", "old", "--stdin", "lines"}));
    old.write(text);
    old.closeInput();
    EXPECT_EQ(old.waitForExit(), 0) << old.errors();
    hello.writeLine(R"({"do":"say","text":"end"})");
    hello.closeInput();
    EXPECT_EQ(hello.waitForExit(), 0);
    EXPECT_EQ(ear.waitForExit(), 0) << ear.errors();
    EXPECT_EQ(ear.output(), "lobby hello: begin\n" + v2 + classic + "lobby hello: end\n");
}

TEST_F(BotTest, JsonLinesDriveAConversation) {
    Process alice(bot(server.address(), {"--nick", "alice", "--stdin", "jsonl"}));
    Process bob(bot(server.address(), {"--nick", "bob", "--stdin", "jsonl"}));
    alice.waitForLine("\"event\":\"joined\"");
    bob.waitForLine("\"event\":\"joined\"");
    alice.writeLine(R"({"do":"say","text":"hello","ref":"r1"})");
    EXPECT_THAT(alice.waitForLine("accepted"), HasSubstr("\"ref\":\"r1\""));
    EXPECT_THAT(alice.waitForLine("\"text\":\"hello\""), HasSubstr("\"own\":true"));
    bob.waitForLine("\"text\":\"hello\"");
    bob.writeLine(R"({"do":"tell","to":"alice","text":"psst"})");
    alice.waitForLine("\"event\":\"private\"");
    bob.writeLine(R"({"do":"nonsense"})");
    EXPECT_THAT(bob.waitForLine("bad-command"), HasSubstr("\"line\":2"));
    alice.writeLine(R"({"do":"exit"})");
    EXPECT_EQ(alice.waitForExit(), 0);
    bob.closeInput();
    EXPECT_EQ(bob.waitForExit(), 65);
}

TEST_F(BotTest, ListenTimesOut) {
    Process ear(bot(server.address(),
                    {"--nick", "ear", "--listen", "--count", "1", "--deadline", "100ms"}));
    EXPECT_EQ(ear.waitForExit(), 4);
    EXPECT_THAT(ear.errors(), HasSubstr("heard 0 of 1 within 100ms"));
}

TEST_F(BotTest, NothingIsLeftBehind) {
    std::string file = folder.write("data", "some bytes").string();
    TempFolder temporary;
    Process process(Process::Options{
        .arguments = bot(server.address(),
                         {folder
                              .write("x.bot", "bot a b\na: upload " + file +
                                                  "\nb: expect file\nb: compare " + file + "\n")
                              .string()}),
        .environment = {{"TMPDIR", temporary.path().string()}}});
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_EQ(temporary.count(), 0u);
}

TEST_F(BotTest, DownloadsStayWhereTheyWereAskedFor) {
    std::string file = folder.write("data", "some bytes").string();
    Ended ended = script("bot a b\na: upload " + file + "\nb: expect file\n",
                         {"--downloads", (folder / "got").string()});
    EXPECT_EQ(ended.code, 0) << ended.errors;
    EXPECT_EQ(folder.read("got/b/data"), "some bytes");
}

}  // namespace
}  // namespace netchat::test
