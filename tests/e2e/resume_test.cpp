// What goes on over runs of the client, killed ones too: what was heard, and files.

#include <gmock/gmock.h>
#include <signal.h>

#include "tests/support/person.h"
#include "tests/support/proxy.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kFileBytes = 32 * kMiB;
// A cut repeats a chunk at most; besides the file's bytes there are headers, and chat.
constexpr uint64_t kChunkBytes = 1 * kMiB;
constexpr uint64_t kOverheadBytes = kFileBytes / 256;

class ResumeTest : public ::testing::Test {
  protected:
    std::vector<std::string> bot(const std::string& nick, std::vector<std::string> more) const {
        std::vector<std::string> all = {"bot", "--server", server_.address(), "--nick", nick};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Process::Options withState(const std::vector<std::string>& arguments) const {
        return {arguments, {{"XDG_STATE_HOME", (folder_ / "state").string()}}, {}, {}};
    }
    void say(const std::string& text) {
        Process mouth(bot("mouth", {"--stdin", "lines"}));
        mouth.writeLine(text);
        mouth.closeInput();
        ASSERT_EQ(mouth.waitForExit(), 0) << mouth.errors();
    }
    // What one run hears that leaves after so many.
    std::string hears(const std::string& count) {
        Process ear(withState(bot("ear", {"--listen", "--since", "last", "--count", count})));
        EXPECT_EQ(ear.waitForExit(), 0) << ear.errors();
        return ear.output();
    }
    std::string written(const std::string& name, uint64_t size) {
        std::string bytes(size, '\0');
        uint32_t state = 12345;
        for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
        folder_.write(name, bytes);
        return bytes;
    }

    TempFolder folder_;
    ServerProcess server_{{"--data", (folder_ / "data").string()}};
};

TEST_F(ResumeTest, EachRunHearsWhatIsNewOnce) {
    say("before the first run");
    {
        Process ear(withState(bot("ear", {"--listen", "--since", "last", "--count", "0"})));
        EXPECT_EQ(ear.waitForExit(), 0) << ear.errors();
        EXPECT_EQ(ear.output(), "");
    }
    say("one");
    say("two");
    EXPECT_EQ(hears("1"), "lobby mouth: one\n");
    EXPECT_EQ(hears("1"), "lobby mouth: two\n");
    say("three");
    EXPECT_EQ(hears("1"), "lobby mouth: three\n");
}

TEST_F(ResumeTest, ARunThatIsKilledHasHeardWhatItPutOut) {
    Person watcher(server_.address(), "watcher");
    watcher.isInside();
    for (int i = 0; i < 3; ++i) {
        Process ear(withState(bot("ear", {"--listen", "--json", "--since", "last"})));
        watcher.sees("ear joined");
        const std::string text = "message " + std::to_string(i);
        say(text);
        ear.waitForLine(text);
        // What it puts out after a message, it puts out after having noted that.
        Person late(server_.address(), "late");
        ear.waitForLine("\"late\"");
        ear.signal(SIGKILL);
        ear.waitForExit();
        say("while away");
        EXPECT_EQ(hears("1"), "lobby mouth: while away\n");
    }
}

TEST_F(ResumeTest, AScriptsStepsUseUpWhatItHasSeen) {
    const auto script = [&](const std::string& text) {
        Process process(withState({"bot", "--server", server_.address(), "--since", "last", "-"}));
        process.write(text);
        process.closeInput();
        EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    };
    script("bot a b\n");
    say("one");
    say("two");
    script("bot a b\na: expect msg text=one\nb: expect msg text=two\n");
    script("bot a b\na: expect msg text=two\n! b: expect msg within 100ms\n");
}

TEST_F(ResumeTest, TheStateIsPrivateAndOneAtATime) {
    Person watcher(server_.address(), "watcher");
    watcher.isInside();
    Process ear(withState(bot("ear", {"--listen", "--since", "last"})));
    watcher.sees("ear joined");
    watcher.type("hello");
    ear.waitForLine("hello");
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "state")) {
        if (!entry.is_regular_file()) continue;
        ++files;
        EXPECT_EQ(entry.status().permissions() & std::filesystem::perms(0777),
                  std::filesystem::perms(0600))
            << entry.path();
    }
    EXPECT_GE(files, 1u);
    Process second(withState(bot("ear", {"--listen", "--since", "last"})));
    EXPECT_EQ(second.waitForExit(), 3);
    EXPECT_THAT(second.errors(), HasSubstr("another netchat is already running as 'ear'"));
}

TEST_F(ResumeTest, ConnectHearsAllOrFromASeqOrSinceItsLastRun) {
    for (const char* text : {"one", "two", "three"}) say(text);
    const auto sees = [&](const std::string& since) {
        Process process(
            withState({"connect", server_.address(), "--nick", "eye", "--since", since, "--json"}));
        process.closeInput();
        EXPECT_EQ(process.waitForExit(), 0) << process.errors();
        std::string seen;
        for (const char* text : {"one", "two", "three", "four"}) {
            if (process.output().find("\"text\":\"" + std::string(text)) != std::string::npos)
                seen += text[0];
        }
        return seen;
    };
    EXPECT_EQ(sees("all"), "ott");
    EXPECT_EQ(sees("2"), "t");
    EXPECT_EQ(sees("now"), "");
    EXPECT_EQ(sees("last"), "");
    say("four");
    EXPECT_EQ(sees("last"), "f");
    EXPECT_EQ(sees("last"), "");
}

TEST_F(ResumeTest, ADownloadGoesOnAfterItsClientWasKilled) {
    const std::string bytes = written("big.bin", kFileBytes);
    Process giver(bot("giver", {"--stdin", "jsonl"}));
    giver.writeLine(R"({"do":"upload","file":")" + (folder_ / "big.bin").string() + "\"}");
    giver.waitForLine("\"uploaded\"");
    const TempFolder downloads;
    Proxy proxy(server_.port());
    const std::vector<std::string> taker = {"connect", proxy.address(), "--nick",
                                            "taker",   "--downloads",   downloads.path().string(),
                                            "--since", "all",           "--auto-download",
                                            "1GiB"};
    int kills = 0;
    for (const uint64_t at : {10 * kMiB, 22 * kMiB}) {
        proxy.holdFromServer(at);
        Process process(taker);
        proxy.waitFromServer(at);
        process.signal(SIGKILL);
        process.waitForExit();
        ++kills;
    }
    proxy.holdFromServer(~uint64_t{0});
    Process process(taker);
    process.waitForLine("* received big.bin");
    process.closeInput();
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_EQ(downloads.read("big.bin"), bytes);
    EXPECT_EQ(downloads.count(), 1u);
    EXPECT_LE(proxy.fromServer(),
              kFileBytes + static_cast<uint64_t>(kills) * kChunkBytes + kOverheadBytes);
}

TEST_F(ResumeTest, AnUploadGoesOnAfterItsClientWasKilled) {
    written("big.bin", kFileBytes);
    Proxy proxy(server_.port());
    int kills = 0;
    for (const uint64_t at : {10 * kMiB, 22 * kMiB}) {
        proxy.holdFromClients(at);
        Process process({"connect", proxy.address(), "--nick", "giver", "--commands"});
        process.writeLine("!upload " + (folder_ / "big.bin").string());
        proxy.waitFromClients(at);
        process.signal(SIGKILL);
        process.waitForExit();
        ++kills;
    }
    proxy.holdFromClients(~uint64_t{0});
    Process process({"connect", proxy.address(), "--nick", "giver", "--commands"});
    process.writeLine("!upload " + (folder_ / "big.bin").string());
    process.closeInput();
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_THAT(process.output(), HasSubstr("dropped big.bin (32.0 MiB)"));
    EXPECT_LE(proxy.fromClients(),
              kFileBytes + static_cast<uint64_t>(kills) * kChunkBytes + kOverheadBytes);
}

// The same over cuts of the connection, with the client alive.
TEST_F(ResumeTest, TransfersGoOnOverCuts) {
    const std::string bytes = written("big.bin", kFileBytes);
    Proxy proxy(server_.port());
    Person taker(proxy.address(), "taker", {"--auto-download", "1GiB"});
    taker.isInside();
    Proxy other(server_.port());
    Person giver(other.address(), "giver");
    giver.isInside();
    other.holdFromClients(5 * kMiB);
    giver.type("!upload " + (folder_ / "big.bin").string());
    for (const uint64_t at : {5 * kMiB, 15 * kMiB, 25 * kMiB}) {
        other.holdFromClients(at);
        other.waitFromClients(at);
        other.cut();
    }
    proxy.holdFromServer(5 * kMiB);
    other.holdFromClients(~uint64_t{0});
    for (const uint64_t at : {5 * kMiB, 15 * kMiB, 25 * kMiB}) {
        proxy.holdFromServer(at);
        proxy.waitFromServer(at);
        proxy.cut();
    }
    proxy.holdFromServer(~uint64_t{0});
    taker.sees("* received big.bin");
    EXPECT_EQ(giver.leaves(), 0);
    EXPECT_EQ(taker.leaves(), 0);
    EXPECT_EQ(taker.downloads().read("big.bin"), bytes);
    EXPECT_LE(other.fromClients(), kFileBytes + 3 * kChunkBytes + kOverheadBytes);
    EXPECT_LE(proxy.fromServer(), kFileBytes + 3 * kChunkBytes + kOverheadBytes);
}

TEST_F(ResumeTest, HistoryIsShownAtTheJoinAndPagesBackwards) {
    Process mouth(bot("mouth", {"--stdin", "lines"}));
    for (int i = 1; i <= 30; ++i) mouth.writeLine("m" + std::to_string(i) + ".");
    mouth.closeInput();
    ASSERT_EQ(mouth.waitForExit(), 0);
    Person alice(server_.address(), "alice", {"--history", "5"});
    alice.sees("<mouth> m26.");
    alice.sees("<mouth> m30.");
    alice.type("!history 3");
    alice.sees("<mouth> m23.");
    alice.sees("<mouth> m25.");
    alice.type("!search m7.");
    alice.sees("* found 'm7.'");
    alice.sees("<mouth> m7.");
    EXPECT_EQ(alice.leaves(), 0);
}

}  // namespace
}  // namespace netchat::test
