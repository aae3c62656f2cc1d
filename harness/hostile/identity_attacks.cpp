// Those who say that they are somebody else.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/peers.h"

namespace netchat::harness::hostile {

namespace {

void forgedSession(Target& target) {
    V2Peer victim(target);
    const Heard welcome = victim.enter();
    std::string close = welcome.label("session");
    close.back() = close.back() == '0' ? '1' : '0';
    const std::string number = welcome.label("session").substr(0, 2);
    for (const std::string& secret :
         {close, number + std::string(32, '0'), std::string("1-"), std::string("-"),
          close.substr(0, close.size() - 1), close + "0", std::string(3000, 'f')}) {
        V2Peer thief(target);
        const Heard other = thief.enter({.nick = target.newName(), .session = secret});
        require(other.label("user") != welcome.label("user"), "a forged secret was good enough");
    }
    victim.lives();
}

void replayedSession(Target& target) {
    V2Peer first(target);
    const std::string nick = target.newName();
    const Heard welcome = first.enter({.nick = nick});
    V2Peer second(target);
    const std::string session = welcome.label("session");
    const Heard again = second.enter({.nick = nick, .session = session});
    require(again.label("user") == welcome.label("user"), "its own user is not known again");
    first.refused("bad-state");
    first.closed();
    second.lives();
}

void nickTakeover(Target& target) {
    V2Peer victim(target);
    const std::string nick = target.newName();
    victim.enter({.nick = nick});
    V2Peer greeter(target);
    greeter.send(v2::Hello{.nick = nick});
    greeter.refused("nick-in-use");
    greeter.closed();
    V2Peer renamer(target);
    renamer.enter();
    for (const std::string& wanted : {nick, std::string("netchat")}) {
        renamer.send(v2::Nick{.nick = wanted});
        renamer.refused("nick-in-use");
    }
    renamer.lives();
    victim.lives();
}

void classicTakeover(Target& target) {
    V2Peer victim(target);
    const std::string nick = target.newName(), room = std::string(kLobby);
    victim.enter({.nick = nick});
    victim.join(room);
    for (const std::string& name : {nick, std::string("netchat")}) {
        ClassicPeer thief(target, name);
        thief.say("it is me, really");
        for (;;) {
            const Heard heard = victim.until(v2::Msg::kVerb);
            if (heard.body() != "it is me, really") continue;
            require(heard.label("from") != name, "it speaks as " + name);
            break;
        }
    }
}

// A user's ids are its own: others who use them neither stop nor answer for it.
void foreignIds(Target& target) {
    const std::string room = target.newName("den");
    V2Peer one(target), two(target);
    one.enter();
    two.enter();
    one.join(room);
    two.join(room);
    one.send(v2::Say{.room = room, .id = "1", .text = "the first"});
    require(two.until(v2::Msg::kVerb).body() == "the first", "another text");
    two.send(v2::Say{.room = room, .id = "1", .text = "the second"});
    const Heard second = two.until(v2::Msg::kVerb);
    require(second.body() == "the second" && second.label("again").empty(),
            "somebody else's id was taken for its own");
}

void replayedIds(Target& target) {
    const std::string room = target.newName("den");
    V2Peer speaker(target), witness(target);
    speaker.enter();
    witness.enter();
    speaker.join(room);
    witness.join(room);
    for (int i = 0; i < 20; ++i) {
        const std::string text = "what was said " + std::to_string(i);
        speaker.send(v2::Say{.room = room, .id = "same", .text = text});
    }
    speaker.send(v2::Say{.room = room, .id = "last", .text = "over"});
    require(witness.until(v2::Msg::kVerb).body() == "what was said 0", "another text");
    const Heard after = witness.until(v2::Msg::kVerb);
    require(after.body() == "over" && after.label("seq") == "2",
            "a message that was said again is there twice");
}

void badIds(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    peer.enter();
    peer.join(room);
    for (const std::string& id : {std::string(), std::string("a b"), std::string(65, 'i'),
                                  std::string("\xD0\xB9"), std::string("\x7F")}) {
        std::string said = "say\troom:", bytes;
        said.append(room).append("\tid:").append(id).append("\nx");
        appendField(bytes, limits::kHeaderWidth, said);
        peer.raw(bytes);
        peer.refused(id == "\x7F" ? "bad-head" : "bad-id");
    }
    peer.lives();
}

void cursorsBeyond(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    peer.enter();
    peer.send(v2::Join{.room = room, .since = UINT64_MAX});
    require(peer.until(v2::Joined::kVerb).number("seq") == 0, "a new room has entries");
    peer.send(v2::Say{.room = room, .id = "1", .text = "first"});
    require(peer.until(v2::Msg::kVerb).number("seq") == 1, "the first is not entry 1");
    for (const uint64_t limit : {uint64_t{0}, UINT64_MAX}) {
        peer.send(v2::History{.room = room, .before = UINT64_MAX, .limit = limit});
        peer.until(v2::Page::kVerb);
    }
    peer.lives();
}

void roomsOfOthers(Target& target) {
    const std::string room = target.newName("den");
    V2Peer member(target), stranger(target);
    member.enter();
    member.join(room);
    stranger.enter();
    stranger.send(v2::Say{.room = room, .id = "1", .text = "let me in"});
    stranger.refused("not-in-room");
    stranger.send(v2::History{.room = room});
    stranger.refused("not-in-room");
    stranger.send(v2::Search{.room = room, .words = "secret"});
    stranger.refused("not-in-room");
    const std::string sha256(64, 'a');
    stranger.send(v2::Offer{.room = room, .id = "2", .name = "x", .size = 1, .sha256 = sha256});
    stranger.refused("not-in-room");
    stranger.send(v2::Leave{.room = room});
    stranger.refused("not-in-room");
    stranger.lives();
}

void operatorsActs(Target& target) {
    V2Peer victim(target), peer(target);
    const std::string nick = target.newName();
    victim.enter({.nick = nick});
    peer.enter();
    for (const char* act : {"kick", "ban", "unban", "mute", "unmute", "close-room", "open-room"}) {
        peer.send(v2::Op{.act = act, .target = nick});
        peer.refused("not-operator");
    }
    peer.lives();
    victim.lives();
}

// The name in capitals, with digits for letters, with a Greek or a Cyrillic letter, and in capitals
// with a small l for every I.
std::vector<std::string> lookAlikesOf(const std::string& name) {
    std::string capitals = name, digits = name;
    for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    std::replace(digits.begin(), digits.end(), 'o', '0');
    std::replace(digits.begin(), digits.end(), 'l', '1');
    std::string greek = capitals, cyrillic = name, small = capitals;
    std::replace(small.begin(), small.end(), 'I', 'l');
    if (const size_t at = greek.find('O'); at != std::string::npos) greek.replace(at, 1, "\u039F");
    if (const size_t at = name.find('a'); at != std::string::npos)
        cyrillic.replace(at, 1, "\u0430");
    return {capitals, digits, greek, cyrillic, small};
}

// Each draws nothing.
const std::vector<std::string>& blanks() {
    static const std::vector<std::string> all = {"\u2800", "\U00016FE4", "\U0001D159", "\uFFFC",
                                                 "\uE000", "\u3164",     "\u034F",     "\uFE0F",
                                                 "\u202E", "\u200B",     "\U000E0041"};
    return all;
}

void lookAlikes(Target& target) {
    V2Peer victim(target), renamer(target);
    const std::string nick = target.newName("alicool");
    victim.enter({.nick = nick});
    renamer.enter();
    for (const std::string& taken : {nick, std::string("netchat")}) {
        for (const std::string& wanted : lookAlikesOf(taken)) {
            V2Peer greeter(target);
            greeter.send(v2::Hello{.nick = wanted});
            greeter.refused("nick-in-use");
            greeter.closed();
            renamer.send(v2::Nick{.nick = wanted});
            renamer.refused("nick-in-use");
        }
    }
    renamer.lives();
    victim.lives();
}

void invisibleNicks(Target& target) {
    V2Peer victim(target), renamer(target);
    const std::string nick = target.newName();
    victim.enter({.nick = nick});
    renamer.enter();
    for (const std::string& blank : blanks()) {
        for (const std::string& wanted : {nick + blank, blank + nick, "netchat" + blank, blank}) {
            V2Peer greeter(target);
            greeter.send(v2::Hello{.nick = wanted});
            greeter.refused("bad-nick");
            greeter.closed();
        }
        renamer.send(v2::Nick{.nick = nick + blank});
        renamer.refused("bad-nick");
    }
    renamer.lives();
    victim.lives();
}

// A classic name is mended: nobody is refused, and nobody speaks as somebody else.
void classicLookAlikes(Target& target) {
    V2Peer victim(target);
    const std::string nick = target.newName("alicool"), room = std::string(kLobby);
    victim.enter({.nick = nick});
    victim.join(room);
    std::vector<std::string> names = lookAlikesOf(nick);
    for (const std::string& blank : blanks()) {
        names.push_back(nick + blank);
        names.push_back(blank + "netchat");
    }
    for (const char* name : {"netchat ", "\u00A0netchat", "NETCHAT", "netch\u0430t"}) {
        names.emplace_back(name);
    }
    for (const std::string& name : names) {
        ClassicPeer thief(target, name);
        const std::string text = target.newName("it is me");
        thief.say(text);
        for (;;) {
            const Heard heard = victim.until(v2::Msg::kVerb);
            if (heard.body() != text) continue;
            // A number was added: nick_2.
            require(heard.label("from").find('_') != std::string::npos,
                    "it speaks as " + heard.label("from"));
            break;
        }
    }
}

void roomLookAlikes(Target& target) {
    V2Peer owner(target), peer(target);
    const std::string room = target.newName("Alicoal");
    owner.enter();
    owner.join(room);
    peer.enter();
    std::vector<std::string> wanted = lookAlikesOf(room);
    wanted.insert(wanted.end(), {"Lobby", "l0bby", "cafe\u0301-" + room});
    for (const std::string& blank : blanks()) wanted.push_back(room + blank);
    for (const std::string& name : wanted) {
        peer.send(v2::Join{.room = name});
        peer.refused("bad-room");
    }
    peer.join(room);
    peer.lives();
}

// Only a balancer that the operator has named says who its clients are.
void forgedProxyHeader(Target& target) {
    V2Peer peer(target);
    peer.raw(proxyHeader() + v2::encoded(v2::Hello{.nick = target.newName()}));
    const auto answer = peer.connection().readToEnd(target.patienceMs());
    require(answer.has_value(), "the server did not close the connection");
    require(answer->find(v2::Welcome::kVerb) == std::string::npos, "a stranger was believed");
}

void classicForgedProxyHeader(Target& target) {
    ClassicPeer peer(target);
    peer.raw(proxyHeader() + target.field(target.newName()));
    peer.closed();
}

}  // namespace

std::vector<Attack> identityAttacks() {
    constexpr auto kKind = Kind::Identity;
    constexpr auto kV2 = Dialect::V2;
    constexpr auto kOurs = Against::Ours;
    return {
        {kKind, 401, "forged-session", kV2, kOurs,
         "secrets that are one digit off, short, long, of zeros", "make each a user of its own",
         forgedSession},
        {kKind, 402, "replayed-session", kV2, kOurs,
         "a secret that is in use, over another connection",
         "know the user, and end the older connection with bad-state", replayedSession},
        {kKind, 403, "nick-takeover", kV2, kOurs,
         "the nick of somebody present, and the server's, in a greeting and by nick", "nick-in-use",
         nickTakeover},
        {kKind, 404, "classic-takeover", kV2, kOurs,
         "the nick of somebody present, and the server's, as a classic name",
         "not let them speak by it", classicTakeover},
        {kKind, 405, "foreign-ids", kV2, kOurs, "the id that somebody else has used",
         "take it for another message", foreignIds},
        {kKind, 406, "replayed-ids", kV2, kOurs, "20 texts with one id",
         "tell others the first, once", replayedIds},
        {kKind, 407, "bad-ids", kV2, kOurs, "ids that are empty, long, with spaces, not ASCII",
         "bad-id, goes on", badIds},
        {kKind, 408, "cursors-beyond", kV2, kOurs, "since, before and limit of 2^64 - 1",
         "answer with what is there", cursorsBeyond},
        {kKind, 409, "rooms-of-others", kV2, kOurs,
         "say, history, search, offer and leave in a room that was not joined", "not-in-room",
         roomsOfOthers},
        {kKind, 410, "operators-acts", kV2, kOurs,
         "all acts of operators, from somebody who is none", "not-operator", operatorsActs},
        {kKind, 411, "look-alikes", kV2, kOurs,
         "nicks that look like somebody's, or the server's: capitals, digits, Greek, Cyrillic",
         "nick-in-use", lookAlikes},
        {kKind, 412, "invisible-nicks", kV2, kOurs,
         "somebody's nick, and the server's, with a character that draws nothing", "bad-nick",
         invisibleNicks},
        {kKind, 413, "classic-look-alikes", kV2, kOurs, "all of these as classic names",
         "not let them speak by it", classicLookAlikes},
        {kKind, 414, "room-look-alikes", kV2, kOurs,
         "rooms that look like one that there is, or hold what draws nothing", "bad-room",
         roomLookAlikes},
        {kKind, 415, "forged-proxy-header", kV2, kOurs,
         "a balancer's header, which says that it is from elsewhere, and a greeting",
         "close the connection", forgedProxyHeader},
        {kKind, 451, "classic-forged-proxy-header", Dialect::Classic, Against::Any,
         "a balancer's header, which says that it is from elsewhere, and a name",
         "close the connection", classicForgedProxyHeader},
    };
}

}  // namespace netchat::harness::hostile
