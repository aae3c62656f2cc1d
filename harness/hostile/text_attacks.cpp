// Texts and names that are made to do something where they are shown, kept or looked for.

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/peers.h"
#include "protocol/text_safety.h"

namespace netchat::harness::hostile {

namespace {

// In a name of one word, each of these hides something or writes where it should not.
const std::vector<std::string>& invisibleNames() {
    static const std::vector<std::string> all = {
        "a\u202Eb", "a\u200Bb", "\uFEFFa", "a\u2066b", "a\u200Fb", "a b",
        "a\u00A0b", "a\u2028b", "\u0085a", "a\u2060b", "\u00ADa",  std::string(65, 'n')};
    return all;
}

constexpr std::array<std::string_view, 8> kWriting = {
    "\x1b[2J", "\x1b]0;owned\x07", "a\nb", "a\rb", "a\bb", "\x7f", "a\x01", "\x1b]52;c;aGk=\x07"};

constexpr std::array<std::string_view, 6> kNoText = {"\xff",     "\xc0\xaf",         "\xed\xa0\x80",
                                                     "\xe2\x82", "\xf4\x90\x80\x80", "a\xc3"};

void refusesAll(V2Peer& peer, const std::string& before, const std::string& after,
                std::string_view code) {
    const auto ask = [&](std::string_view name) {
        std::string bytes;
        appendField(bytes, limits::kHeaderWidth, before + std::string(name) + after);
        peer.raw(bytes);
        // Answers come in the order of asking (a pong's may not).
        peer.send(v2::Rooms{});
        for (std::string got = "no refusal";;) {
            const Heard heard = peer.next();
            if (heard.verb() == v2::RoomList::kVerb) return got;
            if (heard.verb() == v2::Failure::kVerb) got = heard.label("code");
        }
    };
    for (const std::string& name : invisibleNames()) {
        const std::string got = ask(name);
        require(got == code, "'" + forLog(name) + "' gets " + got);
    }
    // A control character is no part of any head (but LF, which ends it); invalid UTF-8 no part of
    // a name.
    for (const auto name : kWriting) {
        if (name.find('\n') != name.npos) continue;
        const std::string got = ask(name);
        require(got == "bad-head", "'" + forLog(name) + "' gets " + got);
    }
    for (const auto name : kNoText) {
        const std::string got = ask(name);
        require(got == code || got == "bad-head", "invalid UTF-8 gets " + got);
    }
    peer.lives();
}

void hostileNicks(Target& target) {
    V2Peer peer(target);
    peer.enter();
    refusesAll(peer, "nick\tnick:", "\n", "bad-nick");
}

void hostileRooms(Target& target) {
    V2Peer peer(target);
    peer.enter();
    refusesAll(peer, "join\troom:", "\n", "bad-room");
}

void fileNames(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    peer.enter();
    peer.join(room);
    const std::string sha256(64, 'c');
    for (const std::string& name :
         {std::string(".."), std::string("."), std::string("../x"), std::string("..\\x"),
          std::string("/etc/passwd"), std::string("a/b"), std::string("C:\\x"), std::string(".ssh"),
          std::string("a."), std::string("a "), std::string(" a"), std::string("x\u202Egnp.exe"),
          std::string(256, 'a'), std::string("\xc0\xae\xc0\xae/"), std::string()}) {
        peer.send(v2::Offer{.room = room, .id = "1", .name = name, .size = 1, .sha256 = sha256});
        const std::string code = peer.until(v2::Failure::kVerb).label("code");
        require(code == "bad-name", "'" + forLog(name) + "' gets " + code);
    }
    peer.lives();
}

void invalidTexts(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target), other(target);
    const std::string nick = target.newName();
    peer.enter();
    peer.join(room);
    other.enter({.nick = nick});
    for (const auto text : kNoText) {
        peer.send(v2::Say{.room = room, .id = "1", .text = text});
        peer.refused("bad-text");
        peer.send(v2::Tell{.to = nick, .id = "2", .text = text});
        peer.refused("bad-text");
    }
    peer.send(v2::Say{.room = room, .id = "1", .text = ""});
    peer.refused("bad-text");
    const std::string huge(limits::kTextBytesMax + 1, 'x');
    peer.send(v2::Say{.room = room, .id = "1", .text = huge});
    peer.refused("too-long");
    peer.lives();
}

void searches(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    peer.enter();
    peer.join(room);
    for (const char* words :
         {"' OR 1=1 --", "\"", "\"\"\"", "a*", "NEAR(a b)", "a AND NOT b", "room:x", "-", "^a",
          "{a}: b", "%", "_", "'; DROP TABLE entries; --", "(((((((("}) {
        peer.send(v2::Search{.room = room, .words = words});
        const Heard heard = peer.next();
        const bool good = heard.verb() == v2::Found::kVerb || heard.label("code") == "bad-text";
        require(good,
                "'" + std::string(words) + "' gets " + heard.verb() + " " + heard.label("code"));
    }
    peer.send(v2::Search{.room = room, .words = std::string(300, 'w')});
    peer.refused("too-long");
    peer.lives();
}

void likeFiles(Target& target) {
    ClassicPeer witness(target, target.newName("witness"));
    witness.next();
    V2Peer peer(target);
    const std::string nick = target.newName();
    peer.enter({.nick = nick});
    peer.join(kLobby);
    for (const char* text : {"100%", "../../x%", "a b%", "photo.jpg%"}) {
        peer.send(v2::Say{.room = kLobby, .id = target.newName("t"), .text = text});
        const auto item = witness.from(nick);
        require(!item.isFile, "'" + std::string(text) + "' is sent as a file");
    }
}

void logInjection(Target& target) {
    const OtherServer other = target.another({"--log-level", "detail"});
    const std::string forged = "\n2026-01-01T00:00:00Z notice all is well\x1b[2J\r";
    const auto at = [&] { return RawConnection(other.address, target.patienceMs()); };
    const auto say = [&](const std::string& bytes) {
        RawConnection connection = at();
        connection.send(bytes);
        connection.finish();
        connection.readToEnd(target.patienceMs());
    };
    say(target.field("mallory" + forged) + target.field("hello"));
    say(target.field("mallory\u202E\x1b]0;x\x07") + target.field("x%") + target.field("bytes"));
    say(target.field("mallory") + target.field("..\x1b%") + target.field("bytes"));
    say(forged + forged);
    std::string bytes = v2::encoded(v2::Hello{.nick = "mallory"});
    appendField(bytes, limits::kHeaderWidth, "verb\x1b[2J" + forged);
    appendField(bytes, limits::kHeaderWidth, "join\troom:a\x1b[2J\n");
    say(bytes);
    bytes.clear();
    appendField(bytes, limits::kHeaderWidth, "netchat/2\tnick:x\u202E" + forged);
    say(bytes);
    std::ifstream in(other.folder->path() / "server.stderr", std::ios::binary);
    const std::string log((std::istreambuf_iterator<char>(in)), {});
    require(!log.empty(), "nothing was logged");
    const std::string safe = neutralised(log, true);
    require(safe == log || log.find_first_of("\x1b\r\x07") == log.npos,
            "the log has control characters");
    require(log.find("\n2026-01-01") == log.npos, "the log has a forged line");
    require(log.find("\u202E") == log.npos, "the log has bidi controls");
}

void classicNames(Target& target) {
    ClassicPeer witness(target, target.newName("witness"));
    witness.next();
    for (const auto bad : kWriting) {
        const std::string name = target.newName() + std::string(bad);
        ClassicPeer peer(target, name);
        peer.say("hello");
    }
    const std::string after = target.newName("after");
    ClassicPeer last(target, after);
    last.say("over");
    for (;;) {
        const auto item = witness.next();
        const bool harmless = std::ranges::none_of(
            item.user, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
        require(harmless, "a name with control characters is sent on: '" + forLog(item.user) + "'");
        if (item.user == after) return;
    }
}

void classicPaths(Target& target) {
    ClassicPeer witness(target, target.newName("witness"));
    witness.next();
    for (const char* path : {"../x%", "a/b%", "..%", "a\\b%", ".x%", "/x%"}) {
        const std::string name = target.newName();
        ClassicPeer peer(target, name);
        peer.say(path);
        peer.raw(target.header(4) + "path");
        const auto item = witness.from(name);
        const bool inside = item.text.find_first_of("/\\") == item.text.npos && item.text[0] != '.';
        require(!item.isFile || inside, "a path is sent on: '" + forLog(item.text) + "'");
    }
}

void classicNoText(Target& target) {
    for (const auto text : kNoText) {
        ClassicPeer peer(target, target.newName());
        peer.raw(target.header(text.size()) + std::string(text));
        peer.lives();
    }
}

}  // namespace

std::vector<Attack> textAttacks() {
    constexpr auto kKind = Kind::Text;
    constexpr auto kV2 = Dialect::V2;
    constexpr auto kClassic = Dialect::Classic;
    constexpr auto kOurs = Against::Ours;
    return {
        {kKind, 601, "nicks", kV2, kOurs,
         "nicks with bidi, invisible and control characters, escapes, invalid UTF-8",
         "bad-nick or bad-head, goes on", hostileNicks},
        {kKind, 602, "rooms", kV2, kOurs, "rooms of the same names",
         "bad-room or bad-head, goes on", hostileRooms},
        {kKind, 603, "file-names", kV2, kOurs, "offers of paths, hidden, reversed and long names",
         "bad-name, goes on", fileNames},
        {kKind, 604, "invalid-texts", kV2, kOurs, "texts of invalid UTF-8, empty, and too long",
         "bad-text or too-long, goes on", invalidTexts},
        {kKind, 605, "searches", kV2, kOurs, "searches for SQL and for a search language's signs",
         "take them for words", searches},
        {kKind, 606, "like-files", kV2, kOurs, "texts that classic clients would take for files",
         "send them as texts", likeFiles},
        {kKind, 607, "log-injection", kV2, Against::Child,
         "names, verbs and garbage with line ends, escapes and bidi",
         "log no control characters and no forged line", logInjection},
        {kKind, 651, "classic-names", kClassic, Against::Any,
         "names with escapes and control characters", "send none of them on", classicNames},
        {kKind, 652, "classic-paths", kClassic, Against::Any, "files named ../x, a/b, a\\b, /x",
         "send no path on", classicPaths},
        {kKind, 653, "classic-no-text", kClassic, kOurs, "messages that are no valid UTF-8",
         "drop that message alone", classicNoText},
    };
}

}  // namespace netchat::harness::hostile
