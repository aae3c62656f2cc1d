// Bytes that are no fields, for every server of the original's protocol. What is required is that
// nobody else is harmed and that those who are right are served.

#include <string>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/peers.h"

namespace netchat::harness::hostile {

namespace {

// Whoever sends this instead of a field is sent away, before and after its name.
void sendsAway(Site& site, const std::string& bytes) {
    ClassicPeer stranger(site);
    stranger.raw(bytes);
    stranger.closed();
    ClassicPeer peer(site, site.newName());
    peer.raw(bytes);
    peer.closed();
}

std::string padded(const Site& site, std::string text) {
    text.resize(site.options().headerWidth, ' ');
    return text;
}

// Somebody who has heard the crowd, and so is in.
void isIn(ClassicPeer& peer) {
    peer.next();
}

void byteByByte(Site& site) {
    ClassicPeer witness(site, site.newName("witness"));
    isIn(witness);
    const std::string name = site.newName();
    ClassicPeer peer(site);
    const std::string all = site.field(name) + site.field("one byte at a time");
    for (const char& byte : all) peer.raw({&byte, 1});
    require(witness.from(name).text == "one byte at a time", "another text arrived");
}

void manyAtOnce(Site& site) {
    ClassicPeer witness(site, site.newName("witness"));
    isIn(witness);
    const std::string name = site.newName();
    std::string all = site.field(name);
    constexpr int kCount = 20;
    for (int i = 0; i < kCount; ++i) all += site.field("number " + std::to_string(i));
    ClassicPeer peer(site);
    peer.raw(all);
    for (int i = 0; i < kCount; ++i) {
        const std::string text = witness.from(name).text;
        require(text == "number " + std::to_string(i), "not message " + std::to_string(i));
    }
}

void oversize(Site& site) {
    const std::string header(site.options().headerWidth, '9');
    ClassicPeer stranger(site);
    stranger.raw(header);
    stranger.closed();
    ClassicPeer peer(site, site.newName());
    peer.raw(header + std::string(1000, 'x'));
    peer.closed();
}

void negativeLength(Site& site) {
    sendsAway(site, padded(site, "-1"));
}

void noDigits(Site& site) {
    sendsAway(site, padded(site, "5 5"));
    sendsAway(site, padded(site, ""));
    sendsAway(site, padded(site, "xy"));
}

void emptyName(Site& site) {
    ClassicPeer peer(site);
    peer.raw(site.header(0));
    peer.closed();
}

void emptyText(Site& site) {
    ClassicPeer peer(site, site.newName());
    peer.raw(site.header(0));
    peer.lives();
}

void garbage(Site& site) {
    Seeded chance = site.chance("classic-garbage");
    for (int round = 0; round < 10; ++round) {
        ClassicPeer peer(site);
        std::string bytes = "x";  // no digit, and no TLS
        for (uint64_t i = 32 + chance.below(4000); i > 0; --i) {
            bytes += static_cast<char>(chance.next());
        }
        peer.raw(bytes);
        peer.closed();
    }
}

void halfAway(Site& site) {
    for (int i = 0; i < 40; ++i) {
        ClassicPeer peer(site);
        if (i % 4 == 1) peer.raw(padded(site, "10").substr(0, 3));
        if (i % 4 >= 2) peer.say(site.newName());
        if (i % 4 == 3) peer.raw(site.header(1000) + "half");
        if (i % 8 < 4) peer.wire().reset();
    }
    ClassicPeer(site, site.newName()).lives();
}

void halfFile(Site& site) {
    ClassicPeer witness(site, site.newName("witness"));
    isIn(witness);
    const std::string name = site.newName(), after = site.newName("after");
    {
        ClassicPeer peer(site, name);
        peer.say("half.txt%");
        peer.raw(site.header(1000) + "half");
    }
    ClassicPeer next(site, after);
    next.say("whole");
    for (;;) {
        const auto item = witness.next();
        require(item.user != name, "a file that was cut off was given to others");
        if (item.user == after) return;
    }
}

}  // namespace

std::vector<Attack> classicFramingAttacks() {
    constexpr auto kKind = Kind::Framing;
    constexpr auto kClassic = Dialect::Classic;
    constexpr auto kAny = Against::Any;
    return {
        {kKind, 151, "classic-byte-by-byte", kClassic, kAny,
         "a name and a message, a byte at a time", "tell the others what was said", byteByByte},
        {kKind, 152, "classic-many-at-once", kClassic, kAny, "a name and 20 messages in one piece",
         "tell the others all, in order", manyAtOnce},
        {kKind, 153, "classic-oversize", kClassic, kAny, "a header of nothing but nines",
         "close the connection", oversize},
        {kKind, 154, "classic-negative-length", kClassic, kAny, "a header -1",
         "close the connection", negativeLength},
        {kKind, 155, "classic-no-digits", kClassic, kAny, "headers '5 5', 'xy' and of spaces",
         "close the connection", noDigits},
        {kKind, 156, "classic-empty-name", kClassic, kAny, "a name of 0 bytes",
         "close the connection", emptyName},
        {kKind, 157, "classic-empty-text", kClassic, kAny, "a message of 0 bytes", "go on",
         emptyText},
        {kKind, 158, "classic-garbage", kClassic, kAny, "random bytes, 10 times",
         "close each connection", garbage},
        {kKind, 159, "classic-half-away", kClassic, kAny,
         "40 connections that end within a header, a name or a message",
         "forget them, and go on for all others", halfAway},
        {kKind, 160, "classic-half-file", kClassic, kAny,
         "a file whose sender leaves in its middle", "give it to nobody", halfFile},
    };
}

}  // namespace netchat::harness::hostile
