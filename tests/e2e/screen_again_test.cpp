// The full screen of netchat connect under tmux: what comes back in the next run, and what is set.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/at_screen.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string contentOf(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

class ScreenAgainTest : public ::testing::Test {
  protected:
    static std::vector<fs::path> filesBelow(const fs::path& folder, const std::string& ending) {
        std::vector<fs::path> files;
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (entry.path().extension() == ending) files.push_back(entry.path());
        }
        return files;
    }

    ServerProcess server_;
};

TEST_F(ScreenAgainTest, RoomsTalksIgnoresAndWhatWasTypedComeBack) {
    AtScreen alice(server_.address(), "alice");
    Person bob(server_.address(), "bob");
    bob.isInside();
    alice.line("!join dev");
    alice.sees("you are in dev");
    alice.line("said in dev");
    alice.hears("alice", "said in dev");
    bob.type("!msg alice psst, a secret");
    alice.sees("3 @bob 1!");
    alice.line("!ignore eve");
    alice.sees("nobody here is called eve");
    alice.leaves();

    const auto kept = filesBelow(alice.terminal().home().path() / "state", ".screen");
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(fs::status(kept[0]).permissions(), fs::perms::owner_read | fs::perms::owner_write);

    alice.runsAgain();
    EXPECT_THAT(firstRow(alice.sees("3 @bob")), HasSubstr(" 1 lobby  2 dev  3 @bob"));
    alice.sees("you are in dev");
    alice.keys("M-3");
    alice.hears("bob", "psst, a secret");
    alice.keys("M-2", "Up", "Up", "Up");
    alice.hasTyped("> said in dev");
    alice.keys("C-c");
    alice.line("!ignore");
    alice.sees("ignored: eve");
    alice.line("!set remember no");
    alice.sees("remember = no");
    alice.leaves();
    EXPECT_FALSE(fs::exists(kept[0])) << "nothing is to be remembered";
    EXPECT_EQ(bob.leaves(), 0);
}

TEST_F(ScreenAgainTest, TheLineStandsWhereTheLastRunEnded) {
    V2ByHand bot(server_.port(), "bot");
    AtScreen alice(server_.address(), "alice");
    bot.say("lobby", "1", "seen by alice");
    alice.hears("bot", "seen by alice");
    alice.leaves();
    bot.say("lobby", "2", "missed by alice");
    bot.say("lobby", "3", "hello Alice!");
    alice.runsAgain();
    alice.hears("bot", "missed by alice");
    alice.hears("bot", "seen by alice");
    const std::string screen = alice.sees("new since you looked");
    EXPECT_LT(screen.find("seen by alice"), screen.find("new since you looked"));
    EXPECT_LT(screen.find("new since you looked"), screen.find("missed by alice"));
}

// Nothing can be kept there, and nobody asked for it.
TEST_F(ScreenAgainTest, WithoutAPlaceToKeepAnythingItBeginsNow) {
    AtScreen alice(server_.address(), "alice", {},
                   {.environment = {{"XDG_STATE_HOME", "/dev/null/state"}}});
    alice.line("hello");
    alice.hears("alice", "hello");
    EXPECT_THAT(alice.leaves(), HasSubstr("ended 0\n"));
}

TEST_F(ScreenAgainTest, FindsItsConfiguration) {
    TempFolder config;
    fs::create_directories(config / "netchat");
    fs::copy_file(NETCHAT_SAMPLES "/config", config / "netchat/config");
    AtScreen alice(server_.address(), "alice", {},
                   {.environment = {{"XDG_CONFIG_HOME", config.path().string()}}});
    Person bob(server_.address(), "bob");
    bob.isInside();
    EXPECT_THAT(firstRow(alice.sees("3 ops")), HasSubstr(" 1 lobby  2 dev  3 ops"));
    alice.keys("M-2");
    alice.sees("you are in dev");
    bob.type("the OUTAGE is over");
    alice.sees(" 1 lobby 1!1  2 dev");
    alice.terminal().hasValue("#{pane_title}", "(1!1) dev - netchat");
    alice.keys("M-1", "M-w");
    alice.sees("2 in lobby: alice");
    alice.line("!set nick carol");
    alice.sees("nick = carol (saved for the next run");
    alice.line("!unset nick");
    alice.sees("nick is at its default (saved for the next run");
    alice.line("!set joins none");
    alice.sees("(saved in ");
    const std::string text = contentOf(config / "netchat/config");
    EXPECT_THAT(text, HasSubstr("\njoins = none\n"));
    EXPECT_THAT(text, HasSubstr("# Who comes and goes"));
    alice.leaves();
    alice.runsAgain();
    alice.line("!set joins");
    alice.sees("joins = none");
}

TEST_F(ScreenAgainTest, AWrongLineIsNamed) {
    TempFolder config;
    fs::create_directories(config / "netchat");
    const auto says = [&](const std::string& line) {
        config.write("netchat/config", "# mine\n" + line + "\n");
        Process process(
            {{"connect", server_.address()}, {{"XDG_CONFIG_HOME", config.path().string()}}});
        EXPECT_EQ(process.waitForExit(), 65) << line;
        return process.errors();
    };
    const std::string where = (config / "netchat/config").string() + ":2: ";
    EXPECT_THAT(says("highligth = x"),
                HasSubstr(where + "unknown option 'highligth' in a configuration file; "
                                  "did you mean highlight?"));
    EXPECT_THAT(says("color.mention = orangge"), HasSubstr(where + "color.mention: "));
    EXPECT_THAT(says("color.mention = orangge"), HasSubstr("did you mean orange?"));
    EXPECT_THAT(says("color.mentoin = red"), HasSubstr("did you mean color.mention?"));
    EXPECT_THAT(says("key.u = end"), HasSubstr(where + "key.u: 'u' is not a key"));
    EXPECT_THAT(says("joins = some"), HasSubstr("all, talkers or none"));
}

// ---- what was said before

TEST_F(ScreenAgainTest, ASearchGoesToThePlaceWithItsContext) {
    V2ByHand bot(server_.port(), "bot");
    for (int i = 0; i < 1000; ++i) {
        const std::string text =
            i == 300 ? "it was suspended." : "number " + std::to_string(i) + ".";
        bot.send("say", "room:lobby\tid:" + std::to_string(i), text);
    }
    while (bot.readUntil("msg").body != "number 999.") {
    }
    AtScreen alice(server_.address(), "alice");
    alice.hears("bot", "number 999.");
    alice.line("!search SUSPEND");
    alice.hears("bot", "it was suspended.");
    alice.hears("bot", "number 299.");
    alice.hears("bot", "number 301.");
    alice.types("\x1b");
    alice.keys("M->");
    alice.hears("bot", "number 999.");
    alice.keys("M-<");
    alice.hears("bot", "number 0.");
    alice.line("!ignore");
    alice.sees("-- nobody is ignored");
    bot.say("lobby", "new", "are you there, Alice?");
    alice.sees("PgDn: 1 new, 1 for you");
    alice.line("yes");
    alice.hears("alice", "yes");
    alice.sees("new since you looked");
}

}  // namespace
}  // namespace netchat::test
