// Whoever takes what others need: rooms, manyNicks, words, memory, the door, the disk. Users are
// free, so each attacker here is many users of one address, and the people come from another.

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/health.h"
#include "harness/hostile/peers.h"
#include "modes/net/clock.h"
#include "protocol/size_text.h"

namespace netchat::harness::hostile {

namespace {

// Of the server for these attacks: serverForResources() below.
constexpr size_t kRoomsOfOne = 20, kRoomsMax = 100, kNicksOfOne = 20, kRequestsOfOne = 64;
constexpr uint64_t kMemoryOfOne = 16 * limits::kMiB;
constexpr size_t kMessagesPerSecond = 250, kSavedMessages = 10 * kMessagesPerSecond;
// What is written besides: a log's pages, an allocator's reserve.
constexpr uint64_t kSlack = 24 * limits::kMiB + kSanitizerBytes;

using Peers = std::vector<std::unique_ptr<V2Peer>>;

// So many users of one address.
Peers bystandersOf(Target& target, size_t count, const std::string& address, int receiveBytes = 0) {
    Peers out;
    for (size_t i = 0; i < count; ++i) {
        out.push_back(std::make_unique<V2Peer>(
            target, RawConnection::Options{.receiveBytes = receiveBytes, .from = address}));
        out.back()->enter();
    }
    return out;
}

std::unique_ptr<V2Peer> personOf(Target& target) {
    auto person =
        std::make_unique<V2Peer>(target, RawConnection::Options{.from = target.newAddress()});
    person->enter();
    return person;
}

// Whether it was let into the room; otherwise it was told that there are too many.
bool enters(V2Peer& peer, const std::string& room) {
    peer.send(v2::Join{.room = room});
    for (;;) {
        const Heard heard = peer.next();
        if (heard.verb() == v2::Joined::kVerb && heard.label("room") == room) return true;
        if (heard.verb() != v2::Failure::kVerb) continue;
        require(heard.label("code") == "too-many", "refused as " + heard.label("code"));
        return false;
    }
}

// ---- rooms and nicks

void rooms(Target& target) {
    auto person = personOf(target);
    const std::string old = target.newName("old");
    require(enters(*person, old), "a room cannot be made");
    person->send(v2::Say{.room = old, .id = "1", .text = "history"});
    person->until(v2::Msg::kVerb);
    person->send(v2::Leave{.room = old});
    person->until(v2::Left::kVerb);
    size_t made = 0;
    for (size_t address = 0; address < kRoomsMax / kRoomsOfOne + 1; ++address) {
        const std::string from = target.newAddress();
        size_t own = 0;
        auto attackers = bystandersOf(target, 2, from);
        for (size_t i = 0; i < 2 * kRoomsOfOne; ++i) {
            V2Peer& peer = *attackers[i % attackers.size()];
            const std::string room = target.newName("taken");
            if (!enters(peer, room)) continue;
            ++own;
            peer.send(v2::Say{.room = room, .id = room, .text = "mine"});
            peer.send(v2::Leave{.room = room});
            peer.until(v2::Left::kVerb);
        }
        require(own <= kRoomsOfOne, "one address made " + std::to_string(own) + " rooms");
        made += own;
    }
    require(made <= kRoomsMax, "there are more rooms than there may be");
    auto newcomer = personOf(target);
    require(enters(*newcomer, std::string(kLobby)), "the lobby cannot be entered");
    require(enters(*newcomer, old), "a room with a history cannot be entered");
    newcomer->lives();
}

void manyNicks(Target& target) {
    const std::string from = target.newAddress();
    size_t notKept = 0;
    auto attackers = bystandersOf(target, kNicksOfOne + 10, from);
    for (const auto& each : attackers) {
        each->send(v2::Ping{.token = "t"});
        for (Heard heard = each->next(); heard.verb() != v2::Pong::kVerb; heard = each->next()) {
            notKept += heard.verb() == v2::Notice::kVerb;
        }
    }
    require(notKept >= 10, "an address may keep any number of nicks");
    attackers.clear();
    const std::string nick = target.newName("honest");
    {
        V2Peer person(target, RawConnection::Options{.from = target.newAddress()});
        person.enter({.nick = nick});
        person.lives();
    }
    // Until its owner is known to be gone it is in use; then it is kept.
    for (const int64_t end = net::monotonicMs() + target.patienceMs();;) {
        V2Peer thief(target, RawConnection::Options{.from = from});
        thief.send(v2::Hello{.nick = nick});
        const Heard heard = thief.next();
        require(heard.label("code") == "nick-in-use", "an honest newcomer's nick was not kept");
        if (heard.body().find("is reserved for") != std::string::npos) return;
        require(net::monotonicMs() < end, "its owner does not leave");
    }
}

// ---- words

void words(Target& target) {
    const std::string room = target.newName("den"), from = target.newAddress();
    auto witness = personOf(target);
    witness->join(room);
    constexpr size_t kConnections = 20, kEach = 150;
    auto attackers = bystandersOf(target, kConnections, from);
    for (const auto& each : attackers) each->join(room);
    const int64_t start = net::monotonicMs();
    for (size_t i = 0; i < kConnections; ++i) {
        std::string all;
        for (size_t n = 0; n < kEach; ++n) {
            const std::string id = std::to_string(n);
            v2::encode(all, v2::Say{.room = room, .id = id, .text = "flood"});
        }
        attackers[i]->raw(all);
    }
    size_t heard = 0;
    while (heard < kConnections * kEach) {
        heard += witness->next().verb() == v2::Msg::kVerb;
        const auto passed = static_cast<size_t>(net::monotonicMs() - start);
        const size_t most = kSavedMessages + kConnections + kMessagesPerSecond * passed / 1000;
        require(heard <= most,
                std::to_string(heard) + " messages within " + std::to_string(passed) + " ms");
    }
}

void classicWords(Target& target) {
    ClassicPeer witness(target, target.newName("witness"),
                        RawConnection::Options{.from = target.newAddress()});
    witness.next();
    const std::string from = target.newAddress();
    constexpr size_t kConnections = 14, kEach = 200;
    std::vector<std::unique_ptr<ClassicPeer>> attackers;
    std::string all;
    for (size_t n = 0; n < kEach; ++n) all += target.field("flood");
    for (size_t i = 0; i < kConnections; ++i) {
        attackers.push_back(std::make_unique<ClassicPeer>(target, target.newName("flood"),
                                                          RawConnection::Options{.from = from}));
    }
    const int64_t start = net::monotonicMs();
    for (const auto& each : attackers) each->raw(all);
    size_t heard = 0;
    while (heard < kConnections * kEach) {
        heard += witness.next().text == "flood";
        const auto passed = static_cast<size_t>(net::monotonicMs() - start);
        const size_t most = kSavedMessages + kConnections + kMessagesPerSecond * passed / 1000;
        require(heard <= most,
                std::to_string(heard) + " messages within " + std::to_string(passed) + " ms");
    }
}

// ---- memory

// Watches what the server holds while it is attacked.
class Residence {
  public:
    explicit Residence(Target& target) : process_(target.options().child) {
        before_ = healthOf(process_).residentBytes;
    }
    void look() {
        const uint64_t now = healthOf(process_).residentBytes;
        require(now <= before_ + kMemoryOfOne + kSlack,
                "it holds " + sizeText(now) + " after " + sizeText(before_));
    }

  private:
    pid_t process_;
    uint64_t before_;
};

// The server ends some of them, as soon as they read what is left.
template <class All>
void someAreEnded(Target& target, const All& all, const std::string& otherwise) {
    const int64_t end = net::monotonicMs() + target.patienceMs();
    while (
        std::ranges::none_of(all, [](const auto& each) { return each->connection().hasEnded(); })) {
        require(net::monotonicMs() < end, otherwise);
    }
}

// What the kernel takes of an answer that nobody reads, for each connection.
uint64_t kernelTakes() {
    uint64_t least = 0, usual = 0, most = 0;
    std::ifstream("/proc/sys/net/ipv4/tcp_wmem") >> least >> usual >> most;
    return std::max<uint64_t>(most, 4 * limits::kMiB);
}

void unreadAnswers(Target& target) {
    Residence residence(target);
    auto person = personOf(target);
    const std::string room = target.newName("den");
    person->join(room);
    constexpr size_t kTextBytes = 45'000, kTexts = 4;
    for (size_t i = 0; i < kTexts; ++i) {
        const std::string id = std::to_string(i);
        person->send(v2::Say{.room = room, .id = id, .text = std::string(kTextBytes, 'x')});
        person->until(v2::Msg::kVerb);
    }
    // Each has less than one client may leave unread; all together have more than an address may.
    constexpr size_t kConnections = 12;
    constexpr uint64_t kEach = kMemoryOfOne * 3 / 2 / kConnections;
    auto attackers = bystandersOf(target, kConnections, target.newAddress(), 4096);
    for (const auto& each : attackers) each->join(room);
    const uint64_t rounds = (kernelTakes() + kEach) / (kTextBytes * kTexts);
    for (uint64_t round = 0; round < rounds; ++round) {
        for (const auto& each : attackers) {
            each->send(v2::History{.room = room, .limit = kTexts});
        }
        residence.look();
        person->lives();
    }
    someAreEnded(target, attackers, "none of those who read nothing was ended");
    residence.look();
}

void unfinishedFrames(Target& target) {
    Residence residence(target);
    auto person = personOf(target);
    constexpr size_t kConnections = 60, kBytes = 900 * limits::kKiB;
    auto attackers = bystandersOf(target, kConnections, target.newAddress());
    const std::string part = "1000000   " + std::string(kBytes, 'x');
    for (const auto& each : attackers) {
        each->raw(part);
        residence.look();
    }
    person->lives();
    someAreEnded(target, attackers, "none of those who finish nothing was ended");
    residence.look();
}

void classicUnfinished(Target& target) {
    Residence residence(target);
    auto person = personOf(target);
    const std::string from = target.newAddress();
    const std::string part = target.header(1'000'000) + std::string(900 * limits::kKiB, 'x');
    std::vector<std::unique_ptr<ClassicPeer>> attackers;
    for (size_t i = 0; i < 60; ++i) {
        attackers.push_back(std::make_unique<ClassicPeer>(target, target.newName("half"),
                                                          RawConnection::Options{.from = from}));
        attackers.back()->raw(part);
        residence.look();
    }
    person->lives();
    someAreEnded(target, attackers, "none of those who finish nothing was ended");
}

// ---- requests

void requests(Target& target) {
    auto person = personOf(target);
    auto attackers = bystandersOf(target, 40, target.newAddress());
    std::string all;
    for (int i = 0; i < 8; ++i) v2::encode(all, v2::Who{});
    for (const auto& each : attackers) each->raw(all);
    person->lives();
    for (const auto& each : attackers) {
        for (int answers = 0; answers < 8;) {
            const Heard heard = each->next();
            const bool refused = heard.verb() == v2::Failure::kVerb;
            if (refused) require(heard.label("code") == "too-many", heard.label("code"));
            answers += refused || heard.verb() == v2::Roster::kVerb;
        }
    }
}

void newUsers(Target& target) {
    const OtherServer server = target.another({"--rate-limit", "on", "--users-per-hour", "20"});
    const std::string from = target.newAddress();
    const auto in = [&](const std::string& address) {
        V2Peer peer(target, RawConnection(server.address, target.patienceMs(), {.from = address}));
        peer.send(v2::Hello{.nick = target.newName()});
        const Heard heard = peer.next();
        if (heard.verb() == v2::Welcome::kVerb) return true;
        require(heard.label("code") == "too-fast", "refused as " + heard.label("code"));
        return false;
    };
    size_t made = 0;
    for (int i = 0; i < 60; ++i) made += in(from);
    require(made >= 20 && made <= 21, std::to_string(made) + " users were made");
    require(in(target.newAddress()), "nobody else may come");
}

// ---- the door and the disk

void passwords(Target& target) {
    RunFolder folder;
    require(static_cast<bool>(folder.create({})), "no folder for the password");
    const auto file = folder.path() / "password";
    // Of "open sesame".
    std::ofstream(file) << "scrypt:10:8:1:000102030405060708090a0b0c0d0e0f:"
                           "7b3642486b4e1eb058b3803815a9423e8a4469064857d1e4356ca5e00000c1f5\n";
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    const OtherServer server = target.another({"--password-file", file.string()});
    const std::string from = target.newAddress();
    std::map<std::string, size_t> told;
    const int64_t start = net::monotonicMs();
    const auto greet = [&](const std::string& address, std::string_view password) {
        V2Peer peer(target, RawConnection(server.address, target.patienceMs(), {.from = address}));
        peer.send(v2::Hello{.nick = target.newName(), .auth = password});
        const Heard heard = peer.next();
        return heard.verb() == v2::Failure::kVerb ? heard.label("code") : heard.verb();
    };
    for (int i = 0; i < 40; ++i) ++told[greet(from, "guess" + std::to_string(i))];
    // Ten at once, and then one in six seconds.
    const auto most = 11 + static_cast<size_t>(net::monotonicMs() - start) / 6000;
    require(told["bad-password"] <= most, std::to_string(told["bad-password"]) + " guesses");
    require(told["too-fast"] + most >= 40, "it may guess as often as it likes");
    require(greet(target.newAddress(), "open sesame") == v2::Welcome::kVerb,
            "whoever knows the password is kept out");
}

uint64_t sizeOf(const std::filesystem::path& file) {
    std::error_code none;
    const auto size = std::filesystem::file_size(file, none);
    return none ? 0 : size;
}

void attempts(Target& target) {
    const auto file = target.options().folder / "data" / "audit.log";
    const uint64_t before = sizeOf(file);
    auto attackers = bystandersOf(target, 8, target.newAddress());
    const std::string text(2000, 'z');
    size_t refused = 0;
    for (int i = 0; i < 60; ++i) {
        for (const auto& each : attackers) {
            each->send(v2::Op{.act = "ban", .target = text, .reason = text});
            refused += each->next().verb() == v2::Failure::kVerb;
        }
    }
    require(refused == 60 * attackers.size(), "somebody was obeyed, or not answered");
    const uint64_t written = sizeOf(file) - before;
    require(written <= 64 * limits::kKiB, "they wrote " + sizeText(written) + " of the audit log");
}

}  // namespace

std::vector<std::string> serverForResources() {
    return {"--rate-limit",
            "on",
            "--max-rooms",
            std::to_string(kRoomsMax),
            "--max-rooms-per-address",
            std::to_string(kRoomsOfOne),
            "--max-nicks-per-address",
            std::to_string(kNicksOfOne),
            "--max-requests-per-address",
            std::to_string(kRequestsOfOne),
            "--messages-per-second-per-address",
            std::to_string(kMessagesPerSecond),
            "--max-memory-per-address",
            std::to_string(kMemoryOfOne / limits::kMiB) + "MiB"};
}

std::vector<Attack> resourceAttacks() {
    constexpr auto kKind = Kind::Resources;
    constexpr auto kV2 = Dialect::V2;
    constexpr auto kClassic = Dialect::Classic;
    constexpr auto kChild = Against::Child;
    return {
        {kKind, 701, "nicks-taken", kV2, kChild, "more nicks than an address may keep",
         "say that they are not kept, and keep those of others", manyNicks},
        {kKind, 702, "words-of-many", kV2, kChild, "3,000 messages at once over 20 connections",
         "read their address more slowly, and lose nothing", words},
        {kKind, 703, "unread-answers", kV2, kChild,
         "more pages of history for 12 connections that do not read than the kernel takes",
         "end those who hold most; hold no more than it may", unreadAnswers},
        {kKind, 704, "unfinished-frames", kV2, kChild, "60 frames of 1 MB without their ends",
         "end those who hold most; hold no more than it may", unfinishedFrames},
        {kKind, 705, "unanswered-requests", kV2, kChild,
         "320 questions over 40 connections at once", "answer each, or refuse it as too-many",
         requests},
        {kKind, 706, "new-users", kV2, kChild, "more new users than an address may make",
         "refuse them as too-fast; let others come", newUsers},
        {kKind, 707, "passwords", kV2, kChild, "40 guesses from one address",
         "look at ten of them; let in whoever knows it", passwords},
        {kKind, 708, "attempts", kV2, kChild, "480 long orders of those who are no operators",
         "refuse each, and write down few", attempts},
        // The last in which a room is made.
        {kKind, 709, "rooms-taken", kV2, kChild, "join, say and leave, for all rooms that may be",
         "refuse further ones of each address; always let others into the lobby and old rooms",
         rooms},
        {kKind, 751, "classic-words-of-many", kClassic, kChild,
         "2,800 messages at once over 14 connections",
         "read their address more slowly, and lose nothing", classicWords},
        {kKind, 752, "classic-unfinished", kClassic, kChild, "60 texts of 1 MB without their ends",
         "end those who hold most; hold no more than it may", classicUnfinished},
    };
}

}  // namespace netchat::harness::hostile
