// Bytes that are no frames, or frames in pieces.

#include <string>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/peers.h"

namespace netchat::harness::hostile {

namespace {

// What comes instead of a frame, from somebody who is in.
void refuses(Target& target, std::string_view bytes, std::string_view code) {
    V2Peer peer(target);
    peer.enter();
    peer.raw(bytes);
    peer.refused(code);
    peer.closed();
}

// A head that makes no sense in a frame that does.
void answers(Target& target, std::string_view payload, std::string_view code) {
    V2Peer peer(target);
    peer.enter();
    std::string bytes;
    appendField(bytes, limits::kHeaderWidth, payload);
    peer.raw(bytes);
    peer.refused(code);
    peer.lives();
}

void byteByByte(Target& target) {
    V2Peer peer(target);
    std::string all;
    v2::encode(all, v2::Hello{.nick = target.newName()});
    v2::encode(all, v2::Ping{.token = "slow"});
    for (const char& byte : all) peer.raw({&byte, 1});
    // Either may come first.
    for (bool welcome = false, pong = false; !welcome || !pong;) {
        const std::string verb = peer.next().verb();
        welcome = welcome || verb == v2::Welcome::kVerb;
        pong = pong || verb == v2::Pong::kVerb;
    }
}

void manyAtOnce(Target& target) {
    V2Peer peer(target);
    std::string all;
    v2::encode(all, v2::Hello{.nick = target.newName()});
    constexpr int kCount = 1000;
    for (int i = 0; i < kCount; ++i) v2::encode(all, v2::Ping{.token = std::to_string(i)});
    peer.raw(all);
    // A pong may overtake the welcome, but no other pong.
    bool welcome = false;
    for (int next = 0; next < kCount || !welcome;) {
        const Heard heard = peer.next();
        welcome = welcome || heard.verb() == v2::Welcome::kVerb;
        if (heard.verb() != v2::Pong::kVerb) continue;
        require(heard.label("token") == std::to_string(next++), "the pongs are out of order");
    }
}

void oversize(Target& target) {
    refuses(target, "9999999999", "too-long");
    refuses(target, std::to_string(limits::kFrameBytesMax + 1) + "   ", "too-long");
}

void zeroLength(Target& target) {
    answers(target, "", "bad-head");
}

void negativeLength(Target& target) {
    refuses(target, "-1        ", "bad-header");
    refuses(target, "+1        ", "bad-header");
}

void strangeHeaders(Target& target) {
    for (const char* header : {" 5        ", "5 5       ", "0x10      ", "1e3       ", "          ",
                               "5\t        ", "5.0       ", "5,000     "}) {
        refuses(target, header, "bad-header");
    }
    refuses(target, std::string(10, '\0'), "bad-header");
}

void garbage(Target& target) {
    Rng chance = target.chance("garbage");
    for (int round = 0; round < 20; ++round) {
        V2Peer peer(target);
        std::string bytes;
        for (uint64_t i = 16 + chance.below(4000); i > 0; --i) {
            bytes += static_cast<char>(chance.next());
        }
        // Half of them from somebody who is in, who is told; who is not may be taken for a classic
        // client, and for TLS.
        if (round % 2 == 0) {
            peer.enter();
            bytes[0] |= '\x80';
        } else if (bytes[0] == net::TlsChannel::kFirstByte) {
            bytes[0] = 'x';
        }
        peer.raw(bytes);
        peer.closed();
    }
}

void badHeads(Target& target) {
    answers(target, "say", "bad-head");                       // no end of the line
    answers(target, "say\troom\n", "bad-head");               // no colon
    answers(target, "say\troom:a\x01\tid:1\nx", "bad-head");  // a control character
    answers(target, "join\n", "bad-head");                    // a label is missing
    answers(target, "no-such-verb\n", "bad-verb");
    std::string labels = "ping";
    for (int i = 0; i < 100; ++i) labels += "\ta:" + std::to_string(i);
    answers(target, labels + "\n", "bad-head");
    answers(target, "ping\ttoken:" + std::string(limits::kHeadBytesMax, 'x') + "\n", "too-long");
}

void hugeNumbers(Target& target) {
    for (const char* number :
         {"18446744073709551616", "99999999999999999999999", "-1", "1e9", ""}) {
        answers(target, "join\troom:den\tsince:" + std::string(number) + "\n", "bad-head");
        answers(target, "data\ttransfer:1\toff:" + std::string(number) + "\nx", "bad-head");
    }
}

void greetings(Target& target) {
    const auto refusesGreeting = [&](std::string_view payload) {
        V2Peer peer(target);
        std::string bytes;
        appendField(bytes, limits::kHeaderWidth, payload);
        peer.raw(bytes);
        peer.until(v2::Failure::kVerb);
        peer.closed();
    };
    refusesGreeting("netchat/2");
    refusesGreeting("netchat/2\n");
    refusesGreeting("netchat/2\tnick:\n");
    refusesGreeting("netchat/20\tnick:x\n");
    V2Peer twice(target);
    twice.enter();
    twice.send(v2::Hello{.nick = target.newName()});
    twice.refused("bad-state");
}

void tlsGarbage(Target& target) {
    V2Peer peer(target);
    peer.raw(std::string("\x16\x03\x01\x02\x00", 5) + std::string(600, 'x'));
    peer.closed();
}

void plainInsideTls(Target& target) {
    V2Peer peer(target);
    const std::string hello = tlsHello();
    peer.raw(hello + v2::encoded(v2::Hello{.nick = target.newName()}));
    peer.closed();
}

void tlsTwice(Target& target) {
    V2Peer peer(target, RawConnection::Options{.tls = true});
    peer.raw(tlsHello());
    peer.closed();
}

void plainWhereTlsIsWanted(Target& target) {
    const OtherServer other = target.another({"--ip", "0.0.0.0"});
    V2Peer plain(target, RawConnection(other.address, target.patienceMs()));
    plain.send(v2::Hello{.nick = "plain"});
    plain.refused("needs-tls");
    plain.closed();
    RawConnection classic(other.address, target.patienceMs());
    classic.send(target.field("plain") + target.field("hello"));
    require(classic.readToEnd(target.patienceMs()).has_value(), "a classic client was let in");
    V2Peer inside(target, RawConnection(other.address, target.patienceMs(), {.tls = true}));
    inside.enter();
}

void halfOpen(Target& target) {
    for (int i = 0; i < 50; ++i) {
        V2Peer peer(target);
        if (i % 5 != 0) peer.enter();
        if (i % 5 == 2) peer.raw("100       say\troom");
        if (i % 5 == 3) peer.connection().finish();
        if (i % 5 != 4) peer.connection().reset();
    }
    V2Peer peer(target);
    peer.enter();
    peer.connection().finish();
    peer.closed();
}

}  // namespace

std::vector<Attack> framingAttacks() {
    constexpr auto kKind = Kind::Framing;
    constexpr auto kV2 = Dialect::V2;
    constexpr auto kOurs = Against::Ours;
    return {
        {kKind, 101, "byte-by-byte", kV2, kOurs, "a greeting and a ping, a byte at a time",
         "answer both", byteByByte},
        {kKind, 102, "many-at-once", kV2, kOurs, "a greeting and 1,000 pings in one piece",
         "answer all, the pings in order", manyAtOnce},
        {kKind, 103, "oversize", kV2, kOurs, "headers of ten nines, and of one byte too many",
         "too-long, closed", oversize},
        {kKind, 104, "zero-length", kV2, kOurs, "a frame of 0 bytes", "bad-head, goes on",
         zeroLength},
        {kKind, 105, "negative-length", kV2, kOurs, "headers -1 and +1", "bad-header, closed",
         negativeLength},
        {kKind, 106, "strange-headers", kV2, kOurs,
         "headers with spaces in front, hexadecimal, exponents, tabs, NULs", "bad-header, closed",
         strangeHeaders},
        {kKind, 107, "garbage", kV2, kOurs, "random bytes before and after a greeting, 20 times",
         "close each connection", garbage},
        {kKind, 108, "bad-heads", kV2, kOurs,
         "heads without an end, a colon, a label, with control characters, 100 labels, 4 KiB",
         "bad-head, bad-verb or too-long, goes on", badHeads},
        {kKind, 109, "beyond-64-bits", kV2, kOurs, "numbers of more than 64 bits, negative, empty",
         "bad-head, goes on", hugeNumbers},
        {kKind, 110, "greetings", kV2, kOurs, "greetings without a nick, of version 20, and twice",
         "refuse them; bad-state to the second", greetings},
        {kKind, 111, "tls-garbage", kV2, kOurs, "a TLS record that holds no hello", "close it",
         tlsGarbage},
        {kKind, 112, "plain-after-tls-hello", kV2, kOurs, "a TLS hello, then a plain greeting",
         "close it", plainInsideTls},
        {kKind, 113, "tls-inside-tls", kV2, kOurs, "a TLS hello within TLS", "close it", tlsTwice},
        {kKind, 114, "plain-where-tls-is-wanted", kV2, Against::Child,
         "plain v2 and classic to a server that all can reach",
         "needs-tls, closed; let nobody in but through TLS", plainWhereTlsIsWanted},
        {kKind, 115, "half-open", kV2, kOurs,
         "50 connections that are reset, half-closed or left at any moment",
         "forget them; end who half-closes", halfOpen},
    };
}

}  // namespace netchat::harness::hostile
