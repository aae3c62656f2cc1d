// Much of what is allowed.

#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/health.h"
#include "harness/hostile/peers.h"

namespace netchat::harness::hostile {

namespace {

void connections(Target& target) {
    std::vector<RawConnection> all;
    for (int i = 0; i < 500; ++i) all.push_back(target.connection());
    V2Peer peer(target);
    peer.enter();
}

void comeAndGo(Target& target) {
    for (int i = 0; i < 1000; ++i) target.connection();
    V2Peer peer(target);
    peer.enter();
}

void users(Target& target) {
    for (int i = 0; i < 300; ++i) {
        V2Peer peer(target);
        peer.enter();
    }
}

void handshakes(Target& target) {
    for (int i = 0; i < 60; ++i) target.connection({.tls = true});
    V2Peer peer(target, RawConnection::Options{.tls = true});
    peer.enter();
}

// Everything that is asked is done, or refused as too fast: nothing is passed over in silence.
// Returns how much was done.
template <class Ask>
int allAnswered(V2Peer& peer, int count, std::string_view verb, Ask ask) {
    std::string bytes;
    for (int i = 0; i < count; ++i) ask(bytes, i);
    // Answers are taken while the rest is sent, or both would wait for the other.
    int done = 0, refused = 0;
    constexpr size_t kPiece = 16 * 1024;
    for (size_t at = 0; at < bytes.size(); at += kPiece) {
        require(peer.raw(std::string_view(bytes).substr(at, kPiece)), "nothing more is taken");
        while (done + refused < count && peer.hasMore()) {
            const Heard heard = peer.next();
            done += heard.verb() == verb;
            refused += heard.verb() == v2::Failure::kVerb;
        }
    }
    while (done + refused < count) {
        const Heard heard = peer.next();
        done += heard.verb() == verb;
        if (heard.verb() != v2::Failure::kVerb) continue;
        ++refused;
        const std::string code = heard.label("code");
        require(code == "too-fast" || code == "too-many", "refused as " + code);
    }
    return done;
}

void messages(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    peer.enter();
    peer.join(room);
    const int done = allAnswered(peer, 5000, v2::Msg::kVerb, [&](std::string& out, int i) {
        const std::string id = std::to_string(i);
        v2::encode(out, v2::Say{.room = room, .id = id, .text = "flood"});
    });
    require(done > 0, "no message was let through");
    peer.lives();
}

void lobby(Target& target) {
    V2Peer peer(target);
    peer.enter();
    peer.join(kLobby);
    const std::string text(1000, 'l');
    const std::string mark = target.newName();
    for (int i = 0; i < 300; ++i) {
        const std::string id = std::to_string(i);
        peer.send(v2::Say{.room = kLobby, .id = id, .text = i == 299 ? mark : text});
    }
    for (;;) {
        const Heard heard = peer.next();
        if (heard.body() == mark || heard.label("code") == "too-fast") return;
    }
}

void bigTexts(Target& target) {
    const std::string room = target.newName("den"), text(limits::kTextBytesMax, 'b');
    V2Peer peer(target);
    peer.enter();
    peer.join(room);
    for (int i = 0; i < 16; ++i) {
        const std::string id = std::to_string(i);
        require(peer.send(v2::Say{.room = room, .id = id, .text = text}), "nothing more is taken");
        while (true) {
            const Heard heard = peer.next();
            if (heard.label("code") == "too-fast") return;
            if (heard.verb() == v2::Msg::kVerb) break;
        }
    }
}

void joins(Target& target) {
    V2Peer peer(target);
    peer.enter();
    const std::string stem = target.newName("den");
    const int done = allAnswered(peer, 300, v2::Joined::kVerb, [&](std::string& out, int i) {
        const std::string room = stem + std::to_string(i);
        v2::encode(out, v2::Join{.room = room});
    });
    require(done > 0 && done <= static_cast<int>(limits::kRoomsPerUserMax),
            "it is in " + std::to_string(done) + " rooms");
    peer.lives();
}

void nicks(Target& target) {
    V2Peer peer(target);
    peer.enter();
    const std::string stem = target.newName();
    const int done = allAnswered(peer, 300, v2::Named::kVerb, [&](std::string& out, int i) {
        const std::string nick = stem + "-" + std::to_string(i);
        v2::encode(out, v2::Nick{.nick = nick});
    });
    require(done > 0, "no nick could be changed");
    peer.lives();
}

void offers(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    peer.enter();
    peer.join(room);
    Rng chance = target.chance(room);
    const int done = allAnswered(peer, 300, v2::Accept::kVerb, [&](std::string& out, int i) {
        const std::string id = std::to_string(i);
        std::string sha256;
        while (sha256.size() < 64) sha256 += "0123456789abcdef"[chance.below(16)];
        v2::encode(out,
                   v2::Offer{.room = room, .id = id, .name = "x", .size = 9, .sha256 = sha256});
    });
    require(done > 0 && done <= static_cast<int>(limits::kTransfersPerSessionMax),
            std::to_string(done) + " uploads at a time");
    peer.lives();
}

void questions(Target& target) {
    V2Peer peer(target);
    peer.enter();
    peer.join(kLobby);
    allAnswered(peer, 300, v2::Page::kVerb, [&](std::string& out, int) {
        v2::encode(out, v2::History{.room = kLobby, .limit = 20});
    });
    allAnswered(peer, 300, v2::Roster::kVerb,
                [&](std::string& out, int) { v2::encode(out, v2::Who{}); });
    allAnswered(peer, 40, v2::Found::kVerb, [&](std::string& out, int) {
        v2::encode(out, v2::Search{.room = kLobby, .words = "all is well"});
    });
    peer.lives();
}

// Puts back what the server may have, whatever happens.
struct DescriptorLimit {
    DescriptorLimit(pid_t process, rlim_t most) : process_(process) {
        require(prlimit(process, RLIMIT_NOFILE, nullptr, &before_) == 0, "no limits here");
        const rlimit low{most, before_.rlim_max};
        prlimit(process, RLIMIT_NOFILE, &low, nullptr);
    }
    ~DescriptorLimit() { prlimit(process_, RLIMIT_NOFILE, &before_, nullptr); }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;

  private:
    pid_t process_;
    rlimit before_{};
};

void descriptors(Target& target) {
    const pid_t server = target.options().child;
    V2Peer inside(target);
    inside.enter();
    {
        const DescriptorLimit low(server, healthOf(server).descriptors + 20);
        std::vector<RawConnection> all;
        // Never in TLS: there is nobody to shake hands with.
        for (int i = 0; i < 60; ++i) {
            all.emplace_back(target.options().server, target.patienceMs());
        }
        inside.lives();
        all.clear();
    }
    inside.lives();
    V2Peer next(target);
    next.enter();
}

void classicConnections(Target& target) {
    std::vector<std::unique_ptr<ClassicPeer>> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(std::make_unique<ClassicPeer>(target, target.newName()));
    }
    all.back()->lives();
}

void classicComeAndGo(Target& target) {
    for (int i = 0; i < 200; ++i) ClassicPeer(target, target.newName());
    ClassicPeer(target, target.newName()).lives();
}

void classicMessages(Target& target) {
    ClassicPeer witness(target, target.newName("witness"));
    witness.next();
    const std::string name = target.newName();
    ClassicPeer peer(target, name);
    constexpr int kCount = 300;
    for (int i = 0; i < kCount; ++i) {
        require(peer.say("flood " + std::to_string(i)), "the server takes nothing more");
    }
    for (int i = 0; i < kCount; ++i) {
        const std::string text = witness.from(name).text;
        require(text == "flood " + std::to_string(i), "not message " + std::to_string(i));
    }
}

}  // namespace

std::vector<Attack> floodAttacks() {
    constexpr auto kKind = Kind::Floods;
    constexpr auto kV2 = Dialect::V2;
    constexpr auto kClassic = Dialect::Classic;
    constexpr auto kOurs = Against::Ours;
    constexpr auto kAny = Against::Any;
    return {
        {kKind, 301, "connections", kV2, kOurs, "500 connections that say nothing",
         "serve the others, and forget them", connections},
        {kKind, 302, "come-and-go", kV2, kOurs, "1,000 connections that are closed at once",
         "serve the others, and forget them", comeAndGo},
        {kKind, 303, "users", kV2, kOurs, "300 greetings, one after the other",
         "serve the others; hold little for each", users},
        {kKind, 304, "handshakes", kV2, kOurs, "60 TLS handshakes, one after the other",
         "serve the others meanwhile", handshakes},
        {kKind, 305, "messages", kV2, kOurs, "5,000 messages at once, in a room of its own",
         "deliver each, or refuse it as too-fast", messages},
        {kKind, 306, "lobby", kV2, kOurs, "300 messages of 1 KB at once, where everyone is",
         "deliver each, or refuse it as too-fast", lobby},
        {kKind, 307, "big-texts", kV2, kOurs, "16 texts of 1 MiB",
         "deliver each, or refuse it as too-fast", bigTexts},
        {kKind, 308, "joins", kV2, kOurs, "300 rooms to join at once",
         "let it into some, and refuse the others", joins},
        {kKind, 309, "nicks", kV2, kOurs, "300 changes of its nick at once",
         "answer each, or refuse it as too-fast", nicks},
        {kKind, 310, "offers", kV2, kOurs, "300 offers at once",
         "accept some, and refuse the others", offers},
        {kKind, 311, "questions", kV2, kOurs, "640 questions: history, who and search",
         "answer each, or refuse it as too-fast", questions},
        {kKind, 312, "descriptors", kV2, Against::Child,
         "more connections than the server has descriptors for",
         "keep whoever is in; serve newcomers when there is room again", descriptors},
        {kKind, 351, "classic-connections", kClassic, kAny, "100 users at once", "serve them all",
         classicConnections},
        {kKind, 352, "classic-come-and-go", kClassic, kAny, "200 users who leave at once",
         "serve the others, and forget them", classicComeAndGo},
        {kKind, 353, "classic-messages", kClassic, kAny, "300 messages at once",
         "tell the others each, in order", classicMessages},
    };
}

}  // namespace netchat::harness::hostile
