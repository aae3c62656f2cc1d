// Bytes that are no fields, for every server of the original's protocol. What is required is that
// nobody else is harmed and that those who are right are served.

#include <string>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/peers.h"

namespace netchat::harness::hostile {

namespace {

// Whoever sends this instead of a field is sent away, before and after its name.
void sendsAway(Target& target, const std::string& bytes) {
    ClassicPeer stranger(target);
    stranger.raw(bytes);
    stranger.closed();
    ClassicPeer peer(target, target.newName());
    peer.raw(bytes);
    peer.closed();
}

std::string paddedHeader(const Target& target, std::string text) {
    text.resize(target.options().headerWidth, ' ');
    return text;
}

// Somebody who has heard the bystanders, and so is in.
void isIn(ClassicPeer& peer) {
    peer.next();
}

void classicByteByByte(Target& target) {
    ClassicPeer witness(target, target.newName("witness"));
    isIn(witness);
    const std::string pacerName = target.newName("pacer");
    ClassicPeer pacer(target, pacerName);
    const std::string name = target.newName();
    ClassicPeer peer(target);
    const std::string all = target.field(name) + target.field("one byte at a time");
    for (const char& byte : all) {
        peer.raw({&byte, 1});
        if (&byte == &all.back()) break;  // what is owed now may come before anything of the pacer
        // A busy machine's server would take them all together, and show nothing.
        pacer.say("next");
        (void)witness.from(pacerName);
    }
    require(witness.from(name).text == "one byte at a time", "another text arrived");
}

void classicManyAtOnce(Target& target) {
    ClassicPeer witness(target, target.newName("witness"));
    isIn(witness);
    const std::string name = target.newName();
    std::string all = target.field(name);
    constexpr int kCount = 20;
    for (int i = 0; i < kCount; ++i) all += target.field("number " + std::to_string(i));
    ClassicPeer peer(target);
    peer.raw(all);
    for (int i = 0; i < kCount; ++i) {
        const std::string text = witness.from(name).text;
        require(text == "number " + std::to_string(i), "not message " + std::to_string(i));
    }
}

void classicOversize(Target& target) {
    const std::string header(target.options().headerWidth, '9');
    ClassicPeer stranger(target);
    stranger.raw(header);
    stranger.closed();
    ClassicPeer peer(target, target.newName());
    peer.raw(header + std::string(1000, 'x'));
    peer.closed();
}

void classicNegativeLength(Target& target) {
    sendsAway(target, paddedHeader(target, "-1"));
}

void classicNoDigits(Target& target) {
    sendsAway(target, paddedHeader(target, "5 5"));
    sendsAway(target, paddedHeader(target, ""));
    sendsAway(target, paddedHeader(target, "xy"));
}

void classicEmptyName(Target& target) {
    ClassicPeer peer(target);
    peer.raw(target.header(0));
    peer.closed();
}

void classicEmptyText(Target& target) {
    ClassicPeer peer(target, target.newName());
    peer.raw(target.header(0));
    peer.lives();
}

void classicGarbage(Target& target) {
    Rng chance = target.chance("classic-garbage");
    for (int round = 0; round < 10; ++round) {
        ClassicPeer peer(target);
        std::string bytes = "x";  // no digit, and no TLS
        for (uint64_t i = 32 + chance.below(4000); i > 0; --i) {
            bytes += static_cast<char>(chance.next());
        }
        peer.raw(bytes);
        peer.closed();
    }
}

void halfAway(Target& target) {
    for (int i = 0; i < 40; ++i) {
        ClassicPeer peer(target);
        if (i % 4 == 1) peer.raw(paddedHeader(target, "10").substr(0, 3));
        if (i % 4 >= 2) peer.say(target.newName());
        if (i % 4 == 3) peer.raw(target.header(1000) + "half");
        if (i % 8 < 4) peer.connection().reset();
    }
    ClassicPeer(target, target.newName()).lives();
}

void halfFile(Target& target) {
    ClassicPeer witness(target, target.newName("witness"));
    isIn(witness);
    const std::string name = target.newName(), after = target.newName("after");
    {
        ClassicPeer peer(target, name);
        peer.say("half.txt%");
        peer.raw(target.header(1000) + "half");
    }
    ClassicPeer next(target, after);
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
         "a name and a message, a byte at a time", "tell the others what was said",
         classicByteByByte},
        {kKind, 152, "classic-many-at-once", kClassic, kAny, "a name and 20 messages in one piece",
         "tell the others all, in order", classicManyAtOnce},
        {kKind, 153, "classic-oversize", kClassic, kAny, "a header of nothing but nines",
         "close the connection", classicOversize},
        {kKind, 154, "classic-negative-length", kClassic, kAny, "a header -1",
         "close the connection", classicNegativeLength},
        {kKind, 155, "classic-no-digits", kClassic, kAny, "headers '5 5', 'xy' and of spaces",
         "close the connection", classicNoDigits},
        {kKind, 156, "classic-empty-name", kClassic, kAny, "a name of 0 bytes",
         "close the connection", classicEmptyName},
        {kKind, 157, "classic-empty-text", kClassic, kAny, "a message of 0 bytes", "go on",
         classicEmptyText},
        {kKind, 158, "classic-garbage", kClassic, kAny, "random bytes, 10 times",
         "close each connection", classicGarbage},
        {kKind, 159, "classic-half-away", kClassic, kAny,
         "40 connections that end within a header, a name or a message",
         "forget them, and go on for all others", halfAway},
        {kKind, 160, "classic-half-file", kClassic, kAny,
         "a file whose sender leaves in its middle", "give it to nobody", halfFile},
    };
}

}  // namespace netchat::harness::hostile
