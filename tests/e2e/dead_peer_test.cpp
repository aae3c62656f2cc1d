// Peers that are gone without a word, in every way: nobody is listed as present for longer than
// --dead-after and a little. And those who only seem so: who is quiet, and who does not read.

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kDeadAfter{8'000};
// 130 s for two minutes, and more where other tests run as well.
constexpr milliseconds kBound{kDeadAfter * 130 / 120 + milliseconds{2'000}};

std::vector<std::string> arguments() {
    return {"--dead-after", "8s"};
}

// Talks to the room, as a pace and not as a wait, and hears who leaves it.
class Witness {
  public:
    explicit Witness(uint16_t port) : v2_(port, "witness") {
        v2_.send("join", "room:quiet");
        v2_.readUntil("joined");
    }
    // Until all of them are gone; when the last one was.
    milliseconds untilGone(std::set<std::string> nicks) {
        const auto start = steady_clock::now();
        while (!nicks.empty()) {
            const std::string id = std::to_string(++said_);
            v2_.send("say", "room:lobby\tid:" + id, "talk");
            for (auto frame = v2_.read(); frame["id"] != id; frame = v2_.read()) {
                if (frame.verb == "presence" && frame["state"] == "left") {
                    nicks.erase(frame["nick"]);
                }
            }
            std::this_thread::sleep_for(milliseconds{20});
            if (steady_clock::now() - start > 4 * kBound) {
                ADD_FAILURE() << "still there: " << *nicks.begin();
                break;
            }
        }
        return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
    }
    V2ByHand& v2() { return v2_; }

  private:
    V2ByHand v2_;
    int said_ = 0;
};

// With and without talk around them; both dialects; in TLS; a frozen program, whose machine
// answers.
TEST(DeadPeer, IsGoneInTimeInEveryCase) {
    ServerProcess server(arguments());
    Witness witness(server.port());
    V2ByHand idle(server.port(), "idle", "quiet"), busy(server.port(), "busy");
    RawSocket old = RawSocket::connectTo(server.port());
    old.sendField("old");
    const TempFolder state;
    const auto ear = [&](const std::string& nick, const char* how) {
        return Process::Options{
            {"bot", "--server", server.address(), "--nick", nick, "--listen", how},
            {{"XDG_STATE_HOME", state.path().string()}}};
    };
    Process frozen(ear("frozen", "--insecure")), secure(ear("secure", "--json"));
    // One asks for it, so that all are known to answer.
    V2ByHand asked(server.port(), "asked", "quiet");
    while (asked.read().verb != "ping") {
    }
    asked.send("pong", "");
    asked.readUntil("ping");
    frozen.signal(SIGSTOP);
    secure.signal(SIGSTOP);
    losePowerOf(secure.pid());
    idle.socket().losePower();
    busy.socket().losePower();
    old.losePower();
    asked.socket().losePower();
    EXPECT_LT(witness.untilGone({"idle", "busy", "old", "frozen", "secure", "asked"}), kBound);
    frozen.signal(SIGCONT);
    // Whoever wakes up comes back by itself.
    for (bool back = false; !back;) {
        const auto frame = witness.v2().readUntil("presence");
        back = frame["nick"] == "frozen" && frame["state"] == "joined";
    }
}

TEST(DeadPeer, AQuietOneStays) {
    ServerProcess server(arguments());
    Witness witness(server.port());
    V2ByHand quiet(server.port(), "quiet");  // it never answers a ping
    RawSocket old = RawSocket::connectTo(server.port());
    old.sendField("old");
    // As long as it takes for two others to be found dead, one after the other.
    for (const char* nick : {"one", "two"}) {
        V2ByHand dead(server.port(), nick, "quiet");
        dead.socket().losePower();
        witness.untilGone({nick});
    }
    witness.v2().send("say", "room:lobby\tid:last", "still there?");
    while (quiet.readUntil("msg").body != "still there?") {
    }
    quiet.say("lobby", "1", "yes");
    for (std::string text; text != "yes";) {
        old.readField();
        text = old.readField();
        old.readField();
    }
}

// The kernel counts a closed window as silence. It is none.
TEST(DeadPeer, WhoDoesNotReadForLongIsNotTakenForDead) {
    ServerProcess server(arguments());
    Witness witness(server.port());
    V2ByHand slow(server.port(), "slow");
    constexpr int kMany = 300;
    const std::string text(64 * 1024, 'x');
    for (int i = 1; i <= kMany; ++i) witness.v2().say("lobby", "m" + std::to_string(i), text);
    for (const char* nick : {"one", "two", "three"}) {
        V2ByHand dead(server.port(), nick, "quiet");
        dead.socket().losePower();
        witness.untilGone({nick});
    }
    for (int i = 1; i <= kMany; ++i) ASSERT_EQ(slow.readUntil("msg")["seq"], std::to_string(i));
}

// Its window was closed, and then its machine went.
TEST(DeadPeer, WhoDidNotReadAndIsGoneThenIsFound) {
    ServerProcess server(arguments());
    Witness witness(server.port());
    V2ByHand slow(server.port(), "slow");
    const std::string text(64 * 1024, 'x');
    for (int i = 1; i <= 300; ++i) witness.v2().say("lobby", "m" + std::to_string(i), text);
    {
        V2ByHand dead(server.port(), "one", "quiet");
        dead.socket().losePower();
        witness.untilGone({"one"});
    }
    slow.socket().losePower();
    EXPECT_LT(witness.untilGone({"slow"}), kBound + milliseconds{3'000});
}

}  // namespace
}  // namespace netchat::test
