// A server with a password: who knows it comes in, and nobody else learns it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/classic_client.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kPassword = "correct horse: battery%staple";

class Password : public ::testing::Test {
  protected:
    std::string made() {
        const fs::path file = folder_ / "password";
        if (fs::exists(file)) return file;
        Process process({"serve", "--make-password", file});
        process.writeLine(kPassword);
        EXPECT_EQ(process.waitForExit(), 0) << process.errors();
        return file;
    }
    std::string secretFile(const std::string& name, const std::string& text) {
        const fs::path file = folder_.write(name, text);
        fs::permissions(file, fs::perms(0600));
        return file;
    }
    struct Outcome {
        int exit;
        std::string output, errors;
    };
    Outcome run(std::vector<std::string> arguments) {
        Process process({std::move(arguments), {{"XDG_STATE_HOME", folder_ / "state"}}});
        process.writeLine("hello");
        process.closeInput();
        const int exit = process.waitForExit();
        return {exit, process.output(), process.errors()};
    }

    TempFolder folder_;
};

TEST_F(Password, IsKeptAsScryptMakesIt) {
    const std::string file = made();
    EXPECT_THAT(folder_.read("password"), StartsWith("scrypt:15:8:1:"));
    EXPECT_THAT(folder_.read("password"), Not(HasSubstr("horse")));
    struct stat about {};
    ASSERT_EQ(stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    Process again({"serve", "--make-password", file});
    again.writeLine("other");
    EXPECT_EQ(again.waitForExit(), 64) << "an older one is not written over";
}

TEST_F(Password, LetsInWhoKnowsIt) {
    ServerProcess server({"--password-file", made()});
    const std::string right = secretFile("right", std::string(kPassword) + "\n");
    const auto in = run({"connect", server.address(), "--nick", "ann", "--password-file", right});
    EXPECT_EQ(in.exit, 0) << in.errors;
    EXPECT_THAT(in.output, HasSubstr("<ann> hello"));

    const std::string wrong = secretFile("wrong", "correct horse\n");
    const auto out = run({"connect", server.address(), "--nick", "ann", "--password-file", wrong});
    EXPECT_NE(out.exit, 0);
    EXPECT_THAT(out.errors, HasSubstr("the password is wrong"));

    const auto without = run({"connect", server.address(), "--nick", "ann"});
    EXPECT_NE(without.exit, 0);
    EXPECT_THAT(without.errors, HasSubstr("this server requires a password; use"));

    const std::string script = folder_.write("script", "bot bob\nbob: say 'here'\n");
    const auto bot = run({"bot", script, "--server", server.address(), "--password-file", right});
    EXPECT_EQ(bot.exit, 0) << bot.errors;
    EXPECT_THAT(server.process().errors(), Not(HasSubstr("horse")));
}

TEST_F(Password, OpensWhatWasSaidBehindIt) {
    ServerProcess server({"--password-file", made()});
    V2ByHand ann(server.port());
    ann.send("netchat/2", std::string("nick:ann\tauth:") + kPassword);
    ann.send("join", "room:lobby");
    ann.send("say", "room:lobby\tid:1", "all in one");
    EXPECT_EQ(ann.read().verb, "welcome");
    EXPECT_EQ(ann.readUntil("msg").body, "all in one");
    V2ByHand eve(server.port());
    eve.send("netchat/2", "nick:eve\tauth:guess");
    eve.send("join", "room:lobby");
    EXPECT_EQ(eve.read()["code"], "bad-password");
    EXPECT_TRUE(eve.socket().atEnd());
    V2ByHand none(server.port());
    none.send("netchat/2", "nick:none");
    EXPECT_EQ(none.read()["code"], "bad-password");
}

TEST_F(Password, IsNotAskedOfClassicClientsWhoCannotSayIt) {
    ServerProcess server({"--password-file", made()});
    ClassicClient classic(server.port(), "classic");
    EXPECT_THAT(classic.read().text, HasSubstr("this server requires a password"));
    server.process().waitForErrorLine("this server requires a password");
}

TEST_F(Password, IsNotGuessedByTrying) {
    ServerProcess server({"--password-file", made(), "--loops", "1"});
    V2ByHand ann(server.port());
    ann.send("netchat/2", std::string("nick:ann\tauth:") + kPassword);
    EXPECT_EQ(ann.read().verb, "welcome");
    ann.send("join", "room:lobby");
    std::string last;
    size_t wrong = 0;
    for (int i = 0; i < 30 && last != "too-fast"; ++i) {
        V2ByHand eve(server.port());
        eve.send("netchat/2", "nick:eve\tauth:guess" + std::to_string(i));
        last = eve.read()["code"];
        wrong += last == "bad-password";
        ann.say("lobby", std::to_string(i), "meanwhile");
    }
    EXPECT_EQ(last, "too-fast");
    EXPECT_GE(wrong, 10U);
}

TEST_F(Password, FilesThatAreNoneAreRefused) {
    const auto refused = [&](std::vector<std::string> arguments, const char* why) {
        const auto outcome = run(std::move(arguments));
        EXPECT_EQ(outcome.exit, 64) << why;
        EXPECT_THAT(outcome.errors, HasSubstr(why));
    };
    const std::string plain = secretFile("plain", "just a password\n");
    refused({"serve", "--data", "none", "--password-file", plain}, "--make-password FILE");
    const std::string open = folder_.write("open", "x\n");
    fs::permissions(open, fs::perms(0644));
    refused({"connect", "--password-file", open}, "other users can read");
    refused({"connect", "--password-file", folder_ / "none"}, "cannot read");
    refused({"connect", "--password-file", secretFile("empty", "\n")}, "is empty");
    refused({"connect", "192.0.2.1", "--insecure", "--password-file", plain},
            "sent to another machine only over TLS");
    refused({"connect", "--classic", "--password-file", plain},
            "the classic protocol has no passwords");
}

}  // namespace
}  // namespace netchat::test
