// Operators, from outside: every order by the program, what those see whom it concerns, and what
// whoever misuses the socket achieves.

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "tests/support/person.h"
#include "tests/support/raw_socket.h"
#include "tests/support/v2_by_hand.h"

namespace netchat {
namespace {

using test::Person;
using test::Process;
using test::RawSocket;
using test::ServerProcess;
using test::TempFolder;
using test::V2ByHand;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// What a client remembers of a server would be another's that has its port next.
const std::vector<std::string> kPlain = {"--insecure"};

// By the number of the server's loops: with one, the hub is in it.
class Ctl : public ::testing::TestWithParam<const char*> {
  protected:
    Ctl() : data_((folder_ / "data").string()) { start(); }

    void start() {
        server_ = std::make_unique<ServerProcess>(
            std::vector<std::string>{"--data", data_, "--loops", GetParam()});
    }
    void killAndStart() {
        server_->process().signal(SIGKILL);
        server_->process().waitForExit();
        start();
    }
    struct Done {
        int exit;
        std::string out, err;
    };
    static Done run(std::vector<std::string> words, const std::string& input = "") {
        words.insert(words.begin(), "ctl");
        Process process(words);
        process.write(input);
        process.closeInput();
        const int exit = process.waitForExit();
        return {exit, process.output(), process.errors()};
    }
    Done ctl(std::vector<std::string> words, const std::string& input = "") const {
        words.insert(words.end(), {"--data", data_});
        return run(std::move(words), input);
    }
    // What is said where it is done.
    std::string good(std::vector<std::string> words, const std::string& input = "") const {
        const Done done = ctl(std::move(words), input);
        EXPECT_EQ(done.exit, 0) << done.err;
        return done.out;
    }
    // The one line that says why it is not.
    std::string bad(int exit, std::vector<std::string> words) const {
        const Done done = ctl(std::move(words));
        EXPECT_EQ(done.exit, exit) << done.out << done.err;
        EXPECT_THAT(done.err, StartsWith("netchat ctl: "));
        EXPECT_EQ(done.err.find('\n'), done.err.size() - 1) << done.err;
        return done.err;
    }
    Process::Options overTls(const std::string& nick) const {
        return {{"connect", server_->address(), "--nick", nick},
                {{"XDG_STATE_HOME", (folder_ / "state").string()}}};
    }
    std::string audit() const { return folder_.read("data/audit.log"); }
    // A socket of this test's to the server's.
    RawSocket control() const {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        (data_ + "/ctl.sock").copy(address.sun_path, sizeof address.sun_path - 1);
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            ::close(fd);
            throw std::runtime_error("cannot connect to ctl.sock");
        }
        return RawSocket(fd);
    }
    static unsigned modeOf(const std::string& path) {
        struct stat about {};
        EXPECT_EQ(stat(path.c_str(), &about), 0) << path;
        return about.st_mode & 0777;
    }

    TempFolder folder_;
    std::string data_;
    std::unique_ptr<ServerProcess> server_;
};

TEST_P(Ctl, TheSocketAndWhatIsRuledAreTheOwnersOnly) {
    EXPECT_EQ(modeOf(data_), 0700u);
    for (const char* name : {"ctl.sock", "control.sqlite", "audit.log"}) {
        EXPECT_EQ(modeOf(data_ + "/" + name), 0600u) << name;
    }
}

TEST_P(Ctl, SaysWhoIsThereAndHowTheServerIs) {
    V2ByHand alice(server_->port(), "alice");
    alice.say("lobby", "1", "hello");
    Process bob(overTls("bob"));
    bob.waitForLine("* you are in lobby");
    const std::string who = good({"who"});
    EXPECT_THAT(who, StartsWith("nick "));
    EXPECT_THAT(who, HasSubstr("alice  1     127.0.0.1:"));
    EXPECT_THAT(who, HasSubstr("yes  lobby"));  // bob's TLS
    EXPECT_THAT(good({"who", "--json"}),
                AllOf(StartsWith("{\"nick\":\"alice\",\"user\":1,\"address\":\"127.0.0.1:"),
                      HasSubstr("\"tls\":false,\"rooms\":[\"lobby\"]"),
                      HasSubstr("\"messages\":1,\"bytes\":5"), HasSubstr("\"nick\":\"bob\"")));
    EXPECT_THAT(good({"rooms", "--json"}),
                HasSubstr("{\"room\":\"lobby\",\"members\":2,\"seq\":1,\"bytes\":"));
    EXPECT_THAT(good({"stats"}), AllOf(HasSubstr("connections      2"), HasSubstr("memory"),
                                       HasSubstr("log              good")));
    EXPECT_EQ(good({"bans"}), "");
}

TEST_P(Ctl, WhoeverIsKickedReadsWhyAndDoesNotComeBack) {
    Person bob(server_->address(), "bob", kPlain);
    bob.isInside();
    EXPECT_EQ(good({"kick", "bob", "enough", "of", "it"}), "bob was kicked: enough of it\n");
    bob.isTold("an operator has disconnected you: enough of it");
    EXPECT_EQ(bob.process().waitForExit(), 3);
    EXPECT_THAT(bob.process().errors(), Not(HasSubstr("trying again")));
    EXPECT_THAT(audit(), HasSubstr("\tact:kick\ttarget:bob\ttext:enough of it\n"));
}

TEST_P(Ctl, TheBannedReadWhyInEveryDialect) {
    Person bob(server_->address(), "bob", kPlain);
    bob.isInside();
    good({"ban", "127.0.0.0/8", "--for", "1h", "spam"});
    bob.isTold("an operator has banned 127.0.0.0/8 until ");
    EXPECT_EQ(bob.process().waitForExit(), 3);
    Process again(overTls("bob"));
    again.waitForErrorLine("an operator has banned 127.0.0.0/8 until ");
    EXPECT_EQ(again.waitForExit(), 3);
    V2ByHand plain(server_->port());
    plain.send("netchat/2", "nick:carol");
    EXPECT_EQ(plain.read()["code"], "banned");
    RawSocket classic = RawSocket::connectTo(server_->port());
    classic.sendField("old");
    EXPECT_EQ(classic.readField(), "netchat");
    EXPECT_THAT(classic.readField(), HasSubstr("an operator has banned"));
    good({"unban", "127.0.0.0/8"});
    V2ByHand(server_->port(), "carol");
    EXPECT_THAT(bad(1, {"unban", "127.0.0.0/8"}), HasSubstr("is not banned"));
}

TEST_P(Ctl, WhoeverIsMutedMayReadOnly) {
    Person bob(server_->address(), "bob", kPlain);
    bob.isInside();
    good({"mute", "bob", "--for", "10m", "spam"});
    bob.sees("an operator has muted you until ");
    bob.type("hello?");
    bob.isTold("an operator has muted you");
    EXPECT_EQ(good({"unmute", "bob"}), "bob is no longer muted\n");
    bob.type("hello!");
    bob.sees("<bob> hello!");
}

TEST_P(Ctl, AClosedRoomIsLeftWithItsReason) {
    Person bob(server_->address(), "bob", {"--room", "attic", "--insecure"});
    bob.isInside();
    good({"close-room", "attic", "cleaning"});
    bob.sees("* you left attic: an operator has closed the room: cleaning");
    bob.type("!join attic");
    bob.isTold("an operator has closed the room: cleaning");
    good({"open-room", "attic"});
    bob.type("!join attic");
    bob.sees("* you are in attic");
}

TEST_P(Ctl, TheMotdIsReadByWhoIsThereAndWhoComes) {
    Person bob(server_->address(), "bob", kPlain);
    bob.isInside();
    good({"motd", "-"}, "be kind\n12:00:00 <carol> not me\n");
    bob.sees("* be kind");
    bob.sees("         | 12:00:00 <carol> not me");
    Person carol(server_->address(), "carol", kPlain);
    carol.sees("* be kind");
    EXPECT_EQ(good({"motd"}), "be kind\n12:00:00 <carol> not me\n");
    good({"motd", ""});
    EXPECT_EQ(good({"motd"}), "");
}

TEST_P(Ctl, AnOperatorInTheChatOrdersToo) {
    Person alice(server_->address(), "alice", kPlain);
    alice.isInside();
    Person bob(server_->address(), "bob", kPlain);
    bob.isInside();
    alice.type("!kick bob");
    alice.isTold("you are not an operator");
    good({"op", "alice"});
    alice.sees("you are an operator now");
    alice.type("!mute bob 10m spam");
    alice.sees("* bob is muted for 10m: spam");
    alice.type("!kick bob enough");
    bob.isTold("an operator has disconnected you: enough");
    alice.sees("* bob was kicked: enough");
    good({"deop", "alice"});
    alice.type("!open-room attic");
    alice.isTold("you are not an operator");
    EXPECT_THAT(audit(), AllOf(HasSubstr("by:user 1 (alice)\tact:kick\ttarget:bob\tdetail:refused"),
                               HasSubstr("by:operator 1 (alice)\tact:kick\ttarget:bob")));
}

TEST_P(Ctl, ABotCanBeAnOperator) {
    Person bob(server_->address(), "bob", kPlain);
    bob.isInside();
    Process bot({"bot", "-", "--server", server_->address(), "--insecure"});
    bot.write(
        "bot mod\n"
        "! mod: op kick bob\n"
        "mod: say 'make me one'\n"
        "mod: expect notice /you are an operator now/\n"
        "mod: op kick bob 'says the bot'\n"
        "mod: expect left from=bob\n");
    bot.closeInput();
    bob.sees("<mod> make me one");
    good({"op", "mod"});
    bob.isTold("an operator has disconnected you: says the bot");
    EXPECT_EQ(bot.waitForExit(), 0) << bot.errors();
}

TEST_P(Ctl, WhatIsRuledSurvivesKill9) {
    auto alice = std::make_unique<V2ByHand>(server_->port());
    const std::string secret = alice->hello("alice")["session"];
    good({"op", "alice"});
    good({"ban", "eve"});
    good({"close-room", "attic"});
    good({"motd", "be kind"});
    killAndStart();
    EXPECT_EQ(modeOf(data_ + "/ctl.sock"), 0600u);
    V2ByHand eve(server_->port());
    eve.send("netchat/2", "nick:Eve");
    EXPECT_EQ(eve.read()["code"], "banned");
    V2ByHand again(server_->port());
    again.send("netchat/2", "nick:alice\tsession:" + secret);
    EXPECT_EQ(again.readUntil("notice").body, "be kind");
    again.send("join", "room:attic");
    EXPECT_EQ(again.readUntil("error")["code"], "bad-room");
    again.send("op", "act:open-room\ttarget:attic");
    EXPECT_EQ(again.readUntil("done").body, "the room 'attic' is open again");
    // The right is not the number's or the nick's.
    again.send("bye", "");
    again.readUntil("bye");
    good({"free-nick", "alice"});
    V2ByHand other(server_->port(), "alice");
    other.send("op", "act:kick\ttarget:alice");
    EXPECT_EQ(other.readUntil("error")["code"], "not-operator");
}

TEST_P(Ctl, WhoeverIsBannedByNickIsNotBackByItsSecret) {
    const auto greet = [this](const std::string& labels) {
        V2ByHand user(server_->port());
        user.send("netchat/2", labels);
        return user.read();
    };
    auto bob = std::make_unique<V2ByHand>(server_->port());
    const std::string secret = bob->hello("bob")["session"];
    EXPECT_EQ(good({"ban", "bob", "spam"}), "the nick 'bob' with user #1 is banned: spam\n");
    EXPECT_EQ(bob->readUntil("error")["code"], "banned");
    const auto isOut = [&](const std::string& other) {
        EXPECT_EQ(greet("nick:innocent\tsession:" + secret)["code"], "banned");
        EXPECT_EQ(greet("nick:B0B")["code"], "banned");
        EXPECT_EQ(greet("nick:" + other).verb, "welcome");
    };
    isOut("carol");
    killAndStart();
    isOut("dave");
    good({"unban", "bob"});
    EXPECT_EQ(greet("nick:innocent\tsession:" + secret)["user"], "1");
    // Away, and known by the nick that was last its own.
    EXPECT_THAT(good({"ban", "innocent"}), HasSubstr("with user #1"));
    EXPECT_EQ(greet("nick:bob\tsession:" + secret)["code"], "banned");
}

TEST_P(Ctl, CloaksAreShownToOperatorsAndStayTheSame) {
    const auto cloakInWho = [this] {
        const std::string who = good({"who", "--json"});
        const size_t at = who.find("\"cloak\":\"");
        EXPECT_NE(at, std::string::npos) << who;
        return who.substr(at + 9, 10);
    };
    std::string secret;
    {
        Person alice(server_->address(), "alice", kPlain);
        alice.isInside();
        alice.type("!who");
        alice.sees("* 1 in lobby: alice");
        good({"op", "alice"});
        alice.sees("you are an operator now");
        alice.type("!who");
        alice.sees("* 1 in lobby: alice [cloak:" + cloakInWho() + "]");
    }
    V2ByHand bob(server_->port(), "bob");
    const std::string before = cloakInWho();
    killAndStart();
    V2ByHand again(server_->port(), "carol");
    EXPECT_EQ(cloakInWho(), before);
    // A cloak is an address: carol is sent out, and nobody comes from there.
    good({"ban", "cloak:" + before, "spam"});
    EXPECT_THAT(again.readUntil("error").body, HasSubstr("banned your address: spam"));
    V2ByHand other(server_->port());
    other.send("netchat/2", "nick:dave");
    EXPECT_EQ(other.read()["code"], "banned");
    good({"unban", "cloak:" + before});
    V2ByHand(server_->port(), "dave");
}

TEST_P(Ctl, ASlipIsAskedAbout) {
    V2ByHand alice(server_->port(), "alice"), bob(server_->port(), "bob");
    good({"op", "alice"});
    EXPECT_THAT(bad(1, {"ban", "0.0.0.0/1"}), HasSubstr("use --force to do it anyway"));
    EXPECT_THAT(bad(1, {"ban", "127.0.0.1"}), HasSubstr("the operator 'alice'; use --force"));
    EXPECT_THAT(bad(1, {"ban", "bob", "--address"}), HasSubstr("use --force"));
    EXPECT_THAT(bad(1, {"ban", "127.0.0.1/33"}), HasSubstr("is not an address or network"));
    EXPECT_THAT(bad(1, {"ban", "1.2.3.4/x"}), HasSubstr("is not an address or network"));
    EXPECT_THAT(bad(1, {"ban", "1.2.3"}), HasSubstr("is not an address or network"));
    EXPECT_THAT(bad(1, {"ban", "::/0", "--force"}), HasSubstr("would ban everybody"));
    EXPECT_THAT(bad(64, {"kick", "bob", "--force"}), HasSubstr("can be used only with ban"));
    EXPECT_EQ(good({"bans"}).find("ban "), std::string::npos);
    good({"ban", "bob", "--address", "--force"});
    EXPECT_EQ(bob.readUntil("error")["code"], "banned");
    EXPECT_EQ(alice.readUntil("error")["code"], "banned");
    good({"unban", "bob"});
    V2ByHand(server_->port(), "dave");
}

TEST_P(Ctl, DrainTellsEveryoneLetsNobodyInAndEnds) {
    Person bob(server_->address(), "bob", kPlain);
    bob.isInside();
    EXPECT_THAT(good({"drain", "an", "update"}), HasSubstr("new users are refused"));
    bob.sees("* this server stops soon: an update");
    Process carol(
        {"connect", server_->address(), "--nick", "carol", "--reconnect", "off", "--insecure"});
    EXPECT_EQ(carol.waitForExit(), 3);
    bob.type("still here");
    bob.sees("<bob> still here");
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_EQ(server_->process().waitForExit(), 0);
    EXPECT_THAT(bad(3, {"who"}), HasSubstr("no server is running with the data folder " + data_));
}

TEST_P(Ctl, DrainEndsWhenItsTimeIsOver) {
    V2ByHand bob(server_->port(), "bob");
    good({"drain", "--for", "100ms"});
    EXPECT_EQ(bob.readUntil("bye")["reason"], "the server is shutting down");
    EXPECT_EQ(server_->process().waitForExit(), 0);
}

TEST_P(Ctl, WrongUseIsOneLineThatSaysWhatWouldBeRight) {
    EXPECT_THAT(bad(64, {}), HasSubstr("usage: netchat ctl ACTION"));
    EXPECT_THAT(bad(64, {"kik", "bob"}), HasSubstr("did you mean kick?"));
    EXPECT_THAT(bad(64, {"kick"}), HasSubstr("usage: netchat ctl kick NICK [REASON]"));
    EXPECT_THAT(bad(64, {"who", "bob"}), HasSubstr("usage: netchat ctl who"));
    EXPECT_THAT(bad(64, {"kick", "bob", "--for", "1h"}),
                HasSubstr("--for can be used only with ban"));
    EXPECT_THAT(bad(64, {"ban", "bob", "--for", "soon"}), HasSubstr("--for"));
    EXPECT_THAT(bad(1, {"kick", "bob\x1b[2J"}), AllOf(HasSubstr("nobody"), Not(HasSubstr("\x1b"))));
    EXPECT_THAT(bad(1, {"ban", "::/0"}), HasSubstr("would ban everybody"));
    const Done none = run({"who", "--data", "none"});
    EXPECT_EQ(none.exit, 64);
    EXPECT_THAT(none.err, HasSubstr("--data none has no control socket"));
    const Done nowhere = run({"who", "--data", (folder_ / "nothing").string()});
    EXPECT_EQ(nowhere.exit, 3);
    EXPECT_THAT(nowhere.err, HasSubstr("no server is running"));
}

TEST_P(Ctl, AFolderWithALongNameHasASocketToo) {
    const std::string part(120, 'a');
    const std::string longer = (folder_ / (part + "/" + part)).string();
    std::filesystem::create_directories(longer);
    const ServerProcess other({"--data", longer});
    EXPECT_EQ(run({"stats", "--data", longer}).exit, 0);
}

TEST_P(Ctl, WhatIsNoRequestHurtsNobody) {
    V2ByHand alice(server_->port(), "alice");
    // Garbage, and requests that are none.
    RawSocket garbage = control();
    garbage.send(std::string("\xFF\x00\x16\x03\n", 5) + "{}\n{\"v\":1,\"act\":\"shout\"}\n");
    for (int i = 0; i < 3; ++i) {
        std::string line;
        while (line.empty() || line.back() != '\n') line += garbage.readExactly(1);
        EXPECT_THAT(line, AllOf(HasSubstr("\"ok\":false"), HasSubstr("invalid request")));
    }
    // A line without an end is refused before it is a burden.
    RawSocket endless = control();
    endless.sendUnlessEnded(std::string(80'000, 'x'));
    EXPECT_THAT(endless.readToEnd(), HasSubstr("at most 65536 bytes"));
    // Half a line, from as many as may come, and then some.
    std::vector<RawSocket> crowd;
    for (int i = 0; i < 100; ++i) {
        crowd.push_back(control());
        crowd.back().sendUnlessEnded("{\"v\":1,");
    }
    alice.say("lobby", "1", "undisturbed");
    // The server takes the end of each in its turn: one that is let in again says nothing of the
    // others, so each is waited for.
    for (RawSocket& one : crowd) one.finishSending(), (void)one.readToEnd();
    EXPECT_THAT(good({"who"}), HasSubstr("alice"));
    // Deep and wide ones.
    RawSocket deep = control();
    deep.send(std::string(60'000, '[') + "\n");
    std::string line;
    while (line.empty() || line.back() != '\n') line += deep.readExactly(1);
    EXPECT_THAT(line, HasSubstr("invalid request"));
    alice.say("lobby", "2", "still");
}

TEST_P(Ctl, NothingThatIsChosenForgesALineOfTheAuditLog) {
    const std::string forged = "time:2000-01-01T00:00:00.000Z\tby:ctl uid 0\tact:op\ttarget:eve";
    ctl({"kick", "x\n" + forged, "\r\n\x1b[2J"});
    const std::string log = audit();
    EXPECT_THAT(log, HasSubstr("target:x\\x0Atime:2000"));
    EXPECT_THAT(log, Not(HasSubstr("\ntime:2000")));
    EXPECT_THAT(log, Not(HasSubstr("\x1b")));
}

INSTANTIATE_TEST_SUITE_P(Loops, Ctl, ::testing::Values("1", "2"));

}  // namespace
}  // namespace netchat
