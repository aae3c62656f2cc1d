// Those who take their time: with every word, or with reading. All of these are tried together, as
// each of them waits for most of its time.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/peers.h"
#include "modes/client/sha256.h"
#include "modes/net/clock.h"

namespace netchat::harness::hostile {

namespace {

constexpr int kSmallBuffer = 4096;

void sleepMs(int64_t ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

// Until when the server must have ended who has not greeted.
int64_t greetingPatienceMs(const Target& target) {
    return target.options().greetingMs + target.patienceMs();
}

void silent(Target& target) {
    V2Peer peer(target);
    peer.closed(greetingPatienceMs(target));
}

// A byte now and then: each of them is news, but the whole is not there in time.
void drips(RawConnection connection, const std::string& bytes, int64_t patienceMs) {
    const int64_t deadline = net::monotonicMs() + patienceMs;
    for (const char& byte : bytes) {
        if (net::monotonicMs() >= deadline || !connection.send({&byte, 1})) break;
        if (connection.readable(500)) break;
    }
    require(connection.readToEnd(deadline - net::monotonicMs()).has_value(),
            "the server still waits for the rest after " + std::to_string(patienceMs) + " ms");
}

void slowHeader(Target& target) {
    drips(target.connection(), std::string("21") + std::string(60, ' '),
          greetingPatienceMs(target));
}

void slowGreeting(Target& target) {
    const std::string name(64, 'n');
    drips(target.connection(), v2::encoded(v2::Hello{.nick = name, .session = name}),
          greetingPatienceMs(target));
}

void slowHandshake(Target& target) {
    drips(target.connection(), tlsHello(), greetingPatienceMs(target));
}

void halfHandshake(Target& target) {
    RawConnection connection = target.connection();
    connection.send(tlsHello());
    require(connection.readToEnd(greetingPatienceMs(target)).has_value(),
            "the server waits for the rest of the handshake for ever");
}

void silentInsideTls(Target& target) {
    RawConnection connection = target.connection({.tls = true});
    require(connection.readToEnd(greetingPatienceMs(target)).has_value(),
            "the server waits for a greeting inside TLS for ever");
}

// Asks and asks, and takes no answer.
void neverReadsAnswers(Target& target) {
    V2Peer peer(target, RawConnection::Options{.receiveBytes = kSmallBuffer});
    const std::string room = target.newName("den");
    peer.enter();
    peer.join(room);
    const std::string text(100'000, 't');
    peer.send(v2::Say{.room = room, .id = "1", .text = text});
    peer.until(v2::Msg::kVerb);
    std::string questions;
    for (int i = 0; i < 20; ++i) v2::encode(questions, v2::History{.room = room});
    const int64_t deadline = net::monotonicMs() + target.patienceMs();
    while (net::monotonicMs() < deadline && peer.raw(questions)) continue;
    peer.closed();
}

// Takes nothing while its room talks, and then everything.
void neverReadsTheRoom(Target& target) {
    const std::string room = target.newName("den");
    V2Peer sleeper(target, RawConnection::Options{.receiveBytes = kSmallBuffer}), speaker(target);
    sleeper.enter();
    sleeper.join(room);
    speaker.enter();
    speaker.join(room);
    const std::string text(64 * limits::kKiB, 't');
    constexpr uint64_t kCount = 64;
    for (uint64_t i = 1; i <= kCount; ++i) {
        speaker.send(v2::Say{.room = room, .id = std::to_string(i), .text = text});
        speaker.until(v2::Msg::kVerb);
    }
    sleepMs(1'000);
    for (uint64_t i = 1; i <= kCount; ++i) {
        require(sleeper.until(v2::Msg::kVerb).number("seq") == i, "not entry " + std::to_string(i));
    }
}

void neverReadsFiles(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target, RawConnection::Options{.receiveBytes = kSmallBuffer});
    peer.enter();
    peer.join(room);
    const std::string bytes(limits::kMiB, 'f');
    client::Sha256 digest;
    digest.update(bytes);
    const std::string sha256 = digest.hex();
    peer.send(
        v2::Offer{.room = room, .id = "1", .name = "f", .size = bytes.size(), .sha256 = sha256});
    const Heard accept = peer.until(v2::Accept::kVerb);
    if (accept.number("at") < bytes.size()) {
        peer.send(v2::Data{.transfer = accept.number("transfer"), .off = 0, .bytes = bytes});
    }
    peer.until(v2::File::kVerb);
    for (int i = 0; i < 4; ++i) peer.send(v2::Get{.sha256 = sha256});
    sleepMs(1'000);
    peer.send(v2::Say{.room = room, .id = "2", .text = "chat"});
    peer.until(v2::Msg::kVerb);
}

void slowUpload(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    peer.enter();
    peer.join(room);
    const std::string sha256(64, 'd');
    peer.send(
        v2::Offer{.room = room, .id = "1", .name = "slow", .size = 1'000'000, .sha256 = sha256});
    const uint64_t transfer = peer.until(v2::Accept::kVerb).number("transfer");
    for (uint64_t off = 0; off < 40; ++off) {
        peer.send(v2::Data{.transfer = transfer, .off = off, .bytes = "x"});
        sleepMs(50);
    }
    peer.lives();
}

// From a balancer that the server believes: what ends never, and what says that it does not.
void endlessProxyHeader(Target& target) {
    constexpr int64_t kGreetingMs = 2'000;
    const OtherServer server =
        target.another({"--proxy-from", "127.0.0.1", "--greeting-timeout", "2s"});
    const auto connection = [&] { return RawConnection(server.address, target.patienceMs()); };
    std::string longer = proxyHeader();
    longer[14] = longer[15] = '\xFF';
    RawConnection longest = connection();
    longest.send(longer);
    require(longest.readToEnd(target.patienceMs()).has_value(), "it waits for 65,551 bytes");
    std::vector<RawConnection> silent;
    for (int i = 0; i < 100; ++i) {
        silent.push_back(connection());
        silent.back().send(proxyHeader().substr(0, 20));
    }
    V2Peer person(target, connection());
    person.raw(proxyHeader());
    person.enter();
    drips(connection(), proxyHeader(), kGreetingMs + target.patienceMs());
    for (RawConnection& each : silent) {
        require(each.readToEnd(target.patienceMs()).has_value(), "it waits for half a header");
    }
    person.lives();
}

void classicSilent(Target& target) {
    ClassicPeer silent(target);
    ClassicPeer(target, target.newName()).lives();
    ClassicPeer half(target);
    half.raw(target.header(5).substr(0, 1));
    ClassicPeer(target, target.newName()).lives();
    ClassicPeer name(target);
    name.raw(target.header(5) + "ab");
    ClassicPeer(target, target.newName()).lives();
}

void classicDrips(Target& target) {
    ClassicPeer peer(target, target.newName());
    peer.raw(target.header(10'000));
    for (int i = 0; i < 20; ++i) {
        peer.raw("x");
        sleepMs(50);
    }
    ClassicPeer(target, target.newName()).lives();
}

void classicNeverReads(Target& target) {
    const std::string name = target.newName();
    ClassicPeer witness(target, target.newName("witness"));
    ClassicPeer sleeper(target, RawConnection::Options{.receiveBytes = kSmallBuffer});
    sleeper.say(target.newName());
    ClassicPeer speaker(target, name);
    witness.next();
    const std::string text(20'000, 't');
    for (int i = 0; i < 100; ++i) {
        require(speaker.say(text + std::to_string(i)),
                "who speaks must wait for who does not read");
        require(witness.from(name).text == text + std::to_string(i), "another text arrived");
    }
}

}  // namespace

std::vector<Attack> slowAttacks() {
    constexpr auto kKind = Kind::Slow;
    constexpr auto kV2 = Dialect::V2;
    constexpr auto kClassic = Dialect::Classic;
    constexpr auto kOurs = Against::Ours;
    return {
        {kKind, 201, "silent", kV2, kOurs, "nothing", "close it in time", silent},
        {kKind, 202, "slow-header", kV2, kOurs, "a header, a byte every half second",
         "close it in time", slowHeader},
        {kKind, 203, "slow-greeting", kV2, kOurs, "a greeting, a byte every half second",
         "close it in time", slowGreeting},
        {kKind, 204, "slow-handshake", kV2, kOurs, "a TLS hello, a byte every half second",
         "close it in time", slowHandshake},
        {kKind, 205, "half-handshake", kV2, kOurs, "a TLS hello, and nothing more",
         "close it in time", halfHandshake},
        {kKind, 206, "silent-inside-tls", kV2, kOurs, "a TLS handshake, and nothing more",
         "close it in time", silentInsideTls},
        {kKind, 207, "never-reads-answers", kV2, kOurs,
         "questions with long answers, of which none is read", "too-many, closed",
         neverReadsAnswers},
        {kKind, 208, "never-reads-the-room", kV2, kOurs,
         "nothing, and reads nothing, while its room says 4 MiB",
         "hold no memory for it, and give it all when it reads", neverReadsTheRoom},
        {kKind, 209, "never-reads-files", kV2, kOurs, "four requests for a file, and reads nothing",
         "hold no memory for it; chat is not behind them", neverReadsFiles},
        {kKind, 210, "slow-upload", kV2, kOurs, "a file, a byte at a time", "go on", slowUpload},
        {kKind, 211, "endless-proxy-header", kV2, Against::Child,
         "as a balancer: half a header, one byte by byte, one of 65,551 bytes",
         "close each in time; serve who comes through it", endlessProxyHeader},
        {kKind, 251, "classic-silent", kClassic, Against::Any,
         "nothing, half a header, half a name", "let others in meanwhile", classicSilent},
        {kKind, 252, "classic-drips", kClassic, Against::Any, "a message, a byte at a time",
         "serve the others meanwhile", classicDrips},
        {kKind, 253, "classic-never-reads", kClassic, Against::Any,
         "nothing, and reads nothing, while somebody says 2 MB", "serve the others meanwhile",
         classicNeverReads},
    };
}

}  // namespace netchat::harness::hostile
