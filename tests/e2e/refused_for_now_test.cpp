// Refusals that pass: whoever is told to wait comes again by itself, at first and after a restart,
// until all are in.

#include <gmock/gmock.h>

#include <csignal>
#include <list>
#include <memory>
#include <set>
#include <stdexcept>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kBots = 40;

class RefusedForNow : public ::testing::Test {
  protected:
    void start(const std::string& port = "0") {
        // Twenty at once, and two a second then.
        server_ = std::make_unique<ServerProcess>(std::vector<std::string>{
            "--rate-limit", "on", "--connects-per-second", "2", "--port", port, "--data",
            (folder_ / "data").string(), "--joins-per-minute", "100000"});
    }
    void startBots(bool secure) {
        for (int i = 0; i < kBots; ++i) {
            std::vector<std::string> words = {"bot",
                                              "--server",
                                              server_->address(),
                                              "--nick",
                                              "bot" + std::to_string(i),
                                              "--listen",
                                              "--count",
                                              "2"};
            if (!secure) words.push_back("--insecure");
            bots_.emplace_back(Process::Options{
                words, {{"XDG_STATE_HOME", (folder_ / ("state" + std::to_string(i))).string()}}});
        }
    }
    // Everybody hears what is said when all are in.
    void waitForAll(V2ByHand& witness) {
        std::set<std::string> here;
        while (here.size() < kBots) {
            const auto frame = witness.readUntil("presence");
            if (frame["state"] == "joined" && frame["nick"].starts_with("bot")) {
                here.insert(frame["nick"]);
            }
        }
    }

    TempFolder folder_;
    std::unique_ptr<ServerProcess> server_;
    std::list<Process> bots_;
};

TEST_F(RefusedForNow, AllOfACrowdBehindOneAddressGetIn) {
    start();
    V2ByHand witness(server_->port(), "witness");
    startBots(true);
    waitForAll(witness);
    witness.say("lobby", "1", "one");
    witness.say("lobby", "2", "two");
    for (Process& bot : bots_) {
        EXPECT_EQ(bot.waitForExit(), 0) << bot.errors();
        EXPECT_THAT(bot.errors(), Not(HasSubstr("--classic")));
    }
}

TEST_F(RefusedForNow, AllOfThemComeBackAfterARestart) {
    start();
    {
        V2ByHand witness(server_->port(), "witness");
        startBots(false);
        waitForAll(witness);
        witness.say("lobby", "1", "one");
    }
    const std::string port = std::to_string(server_->port());
    server_->process().signal(SIGKILL);
    server_->process().waitForExit();
    start(port);
    // It may have to wait its turn among the bots.
    std::unique_ptr<V2ByHand> witness;
    while (!witness) {
        auto comer = std::make_unique<V2ByHand>(server_->port());
        try {
            if (comer->hello("other").verb == "welcome") witness = std::move(comer);
        } catch (const std::runtime_error&) {
            // Closed without a word: too many come at once.
        }
    }
    witness->send("join", "room:lobby");
    std::set<std::string> here;
    const auto joined = witness->readUntil("joined");
    for (size_t at = 0; (at = joined.body.find("nick:bot", at)) != std::string::npos; ++at) {
        here.insert(joined.body.substr(at + 5, joined.body.find('\t', at) - at - 5));
    }
    while (here.size() < kBots) {
        const auto frame = witness->readUntil("presence");
        if (frame["state"] == "joined") here.insert(frame["nick"]);
    }
    witness->say("lobby", "2", "two");
    for (Process& bot : bots_) EXPECT_EQ(bot.waitForExit(), 0) << bot.errors();
}

TEST_F(RefusedForNow, WhoeverTypesIsToldWhyItTakesAMoment) {
    server_ = std::make_unique<ServerProcess>(std::vector<std::string>{"--max-connections", "1"});
    auto first = std::make_unique<V2ByHand>(server_->port(), "first");
    Process second({"connect", server_->address(), "--nick", "second", "--insecure"});
    EXPECT_THAT(second.waitForErrorLine("cannot connect to "),
                AllOf(HasSubstr("accepts no more connections"), HasSubstr("; trying again"),
                      Not(HasSubstr("--classic"))));
    first.reset();
    second.waitForLine("* you are in lobby");
    second.closeInput();
    EXPECT_EQ(second.waitForExit(), 0);
}

TEST_F(RefusedForNow, WhoeverDoesNotWantToWaitIsRefusedAtOnce) {
    server_ = std::make_unique<ServerProcess>(std::vector<std::string>{"--max-connections", "1"});
    const V2ByHand first(server_->port(), "first");
    Process second(
        {"connect", server_->address(), "--nick", "second", "--insecure", "--reconnect", "off"});
    EXPECT_EQ(second.waitForExit(), 3);
    EXPECT_THAT(second.errors(), HasSubstr("accepts no more connections"));
}

}  // namespace
}  // namespace netchat::test
