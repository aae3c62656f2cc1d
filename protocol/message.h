#pragma once

// v2's verbs, one struct each. visit() names the labels once, for the encoder and the decoder.
// Views borrow: from the caller when encoding, from the frame's bytes when decoded.
// protocol/README.md is the specification; this file is its table of contents.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/frame.h"
#include "protocol/names.h"
#include "protocol/result.h"

namespace netchat::v2 {

using std::string_view;

// The greeting's verb; the digit is the version.
inline constexpr string_view kGreeting = "netchat/2";

// ---- client to server

struct Hello {
    static constexpr string_view kVerb = kGreeting;
    string_view nick = {};
    string_view session = {};  // the secret of an earlier welcome: the same user again
    string_view auth = {};
    uint64_t guest = 0;  // not 0: no nick is to be kept for this user
    template <class V>
    void visit(V& v) {
        v.required("nick", nick), v.optional("session", session), v.optional("auth", auth);
        v.optional("guest", guest);
    }
};

struct Join {
    static constexpr string_view kVerb = "join";
    string_view room = {};
    std::optional<uint64_t> since =
        {};                // send what came after this seq; without it: only what comes
    string_view log = {};  // under which identities of the log it was read: LogPlaces
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.optional("since", since), v.optional("log", log);
    }
};

struct Leave {
    static constexpr string_view kVerb = "leave";
    string_view room = {};
    template <class V>
    void visit(V& v) {
        v.required("room", room);
    }
};

struct Say {
    static constexpr string_view kVerb = "say";
    string_view room = {}, id = {}, text = {};
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("id", id), v.body(text);
    }
};

struct Tell {  // also server to client, with from, user and time
    static constexpr string_view kVerb = "tell";
    string_view to = {}, id = {}, from = {};
    uint64_t user = 0;
    int64_t time = 0;
    string_view text = {};
    template <class V>
    void visit(V& v) {
        v.required("to", to), v.required("id", id), v.optional("from", from);
        v.optional("user", user), v.time("time", time), v.body(text);
    }
};

struct Nick {
    static constexpr string_view kVerb = "nick";
    string_view nick = {};
    template <class V>
    void visit(V& v) {
        v.required("nick", nick);
    }
};

struct Who {
    static constexpr string_view kVerb = "who";
    string_view room = {};  // without it: everyone on the server
    uint64_t after = 0;     // the page after this user
    template <class V>
    void visit(V& v) {
        v.optional("room", room), v.optional("after", after);
    }
};

struct Rooms {
    static constexpr string_view kVerb = "rooms";
    template <class V>
    void visit(V&) {}
};

struct History {
    static constexpr string_view kVerb = "history";
    string_view room = {};
    uint64_t before = 0;  // entries with a smaller seq; 0: the newest
    uint64_t limit = 50;
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.optional("before", before), v.defaulted("limit", limit);
    }
};

struct Search {
    static constexpr string_view kVerb = "search";
    string_view room = {};
    uint64_t before = 0;  // entries with a smaller seq; 0: the newest
    uint64_t limit = 20;
    string_view words = {};  // all of them must occur
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.optional("before", before), v.defaulted("limit", limit);
        v.body(words);
    }
};

struct Offer {
    static constexpr string_view kVerb = "offer";
    string_view room = {}, id = {}, name = {};
    uint64_t size = 0;
    string_view sha256 = {};
    string_view folder = {};  // of its sender, and when it was changed there: file_labels.h
    std::optional<int64_t> mtime = {};
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("id", id), v.required("name", name);
        v.required("size", size), v.required("sha256", sha256);
        v.optional("folder", folder), v.time("mtime", mtime);
    }
};

// Client to server: a chunk of an upload. Server to client: a chunk of a download.
struct Data {
    static constexpr string_view kVerb = "data";
    uint64_t transfer = 0;    // of an upload, from `accept`
    string_view sha256 = {};  // of a download
    uint64_t off = 0;
    string_view bytes = {};
    template <class V>
    void visit(V& v) {
        v.optional("transfer", transfer), v.optional("sha256", sha256);
        v.required("off", off), v.body(bytes);
    }
};

struct Get {
    static constexpr string_view kVerb = "get";
    string_view sha256 = {};
    uint64_t at = 0;
    uint64_t len = 0;  // so many bytes; 0: to the end
    template <class V>
    void visit(V& v) {
        v.required("sha256", sha256), v.optional("at", at), v.optional("len", len);
    }
};

// The bytes that came are not those of this SHA-256: the server is to read its own once more.
struct Verify {
    static constexpr string_view kVerb = "verify";
    string_view sha256 = {};
    template <class V>
    void visit(V& v) {
        v.required("sha256", sha256);
    }
};

struct Cancel {
    static constexpr string_view kVerb = "cancel";
    uint64_t transfer = 0;    // an upload
    string_view sha256 = {};  // or a download
    template <class V>
    void visit(V& v) {
        v.optional("transfer", transfer), v.optional("sha256", sha256);
    }
};

// An operator's command; the reason is for whom it concerns.
struct Op {
    static constexpr string_view kVerb = "op";
    string_view act = {};  // kick, ban, unban, mute, unmute, close-room, open-room
    string_view target = {};
    uint64_t seconds = 0;  // of a ban or a mute; 0: until it is taken back
    string_view reason = {};
    template <class V>
    void visit(V& v) {
        v.required("act", act), v.required("target", target), v.optional("seconds", seconds);
        v.body(reason);
    }
};

struct Ping {  // both ways; answered by Pong with the same token
    static constexpr string_view kVerb = "ping";
    string_view token = {};
    template <class V>
    void visit(V& v) {
        v.optional("token", token);
    }
};

struct Pong {
    static constexpr string_view kVerb = "pong";
    string_view token = {};
    template <class V>
    void visit(V& v) {
        v.optional("token", token);
    }
};

struct Bye {  // both ways: nothing follows
    static constexpr string_view kVerb = "bye";
    string_view reason = {};
    template <class V>
    void visit(V& v) {
        v.optional("reason", reason);
    }
};

// ---- server to client

struct Welcome {
    static constexpr string_view kVerb = "welcome";
    string_view session = {};  // a secret
    uint64_t user = 0;
    string_view nick = {};
    string_view durability = {};
    uint64_t textMax = 0, fileMax = 0, chunkMax = 0;
    string_view server = {};
    string_view log = {};  // the identity of the rooms' logs
    uint64_t guest = 0;    // not 0: a guest, as the greeting has asked
    template <class V>
    void visit(V& v) {
        v.required("session", session), v.required("user", user), v.required("nick", nick);
        v.optional("durability", durability), v.optional("text-max", textMax);
        v.optional("file-max", fileMax), v.optional("chunk-max", chunkMax);
        v.optional("server", server), v.optional("log", log), v.optional("guest", guest);
    }
};

struct Joined {
    static constexpr string_view kVerb = "joined";
    string_view room = {};
    uint64_t seq = 0;      // the last entry of the room's log at this moment
    uint64_t members = 0;  // the one who joined included
    string_view log = {};  // the identity of the log
    // The last entry that the log and its reader have in common, where the reader has read more.
    std::optional<uint64_t> common = {};
    string_view roster = {};  // lines of Member, up to limits::kPresenceMembersMax
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("seq", seq), v.optional("members", members);
        v.optional("log", log), v.optional("common", common);
        v.body(roster);
    }
};

struct Left {
    static constexpr string_view kVerb = "left";
    string_view room = {};
    uint64_t seq = 0;
    string_view reason = {};  // unasked: an operator has closed the room
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.optional("seq", seq), v.optional("reason", reason);
    }
};

struct Msg {
    static constexpr string_view kVerb = "msg";
    string_view room = {};
    uint64_t seq = 0;
    int64_t time = 0;
    string_view from = {};
    uint64_t user = 0;
    string_view id = {};  // empty for classic users, who have none
    uint64_t again = 0;   // 1: the answer to a `say` that was in the log already, out of its order
    string_view text = {};
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("seq", seq), v.time("time", time);
        v.required("from", from), v.optional("user", user), v.optional("id", id);
        v.optional("again", again), v.body(text);
    }
};

struct File {
    static constexpr string_view kVerb = "file";
    string_view room = {};
    uint64_t seq = 0;
    int64_t time = 0;
    string_view from = {};
    uint64_t user = 0;
    string_view id = {}, name = {};
    uint64_t size = 0;
    string_view sha256 = {};
    uint64_t again = 0;       // as in Msg
    string_view folder = {};  // as in Offer
    std::optional<int64_t> mtime = {};
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("seq", seq), v.time("time", time);
        v.required("from", from), v.optional("user", user), v.optional("id", id);
        v.required("name", name), v.required("size", size), v.required("sha256", sha256);
        v.optional("again", again), v.optional("folder", folder), v.time("mtime", mtime);
    }
};

struct Accept {
    static constexpr string_view kVerb = "accept";
    string_view id = {};
    uint64_t transfer = 0;
    uint64_t at = 0;  // send from here; equal to the size: the store has it all
    template <class V>
    void visit(V& v) {
        v.required("id", id), v.required("transfer", transfer), v.required("at", at);
    }
};

// How much of an upload is stored: a cut one goes on from there.
struct Stored {
    static constexpr string_view kVerb = "stored";
    uint64_t transfer = 0;
    uint64_t off = 0;
    template <class V>
    void visit(V& v) {
        v.required("transfer", transfer), v.required("off", off);
    }
};

// Who comes, goes and is renamed in a room of up to limits::kPresenceMembersMax members.
struct Presence {
    static constexpr string_view kVerb = "presence";
    string_view room = {};
    string_view state = {};  // joined, left, renamed
    string_view nick = {};
    uint64_t user = 0;
    string_view was = {};  // renamed: the nick before
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("state", state), v.required("nick", nick);
        v.optional("user", user), v.optional("was", was);
    }
};

// The answer to Nick; the rooms learn it by Presence.
struct Named {
    static constexpr string_view kVerb = "named";
    string_view nick = {};
    template <class V>
    void visit(V& v) {
        v.required("nick", nick);
    }
};

struct Roster {  // the answer to Who
    static constexpr string_view kVerb = "roster";
    string_view room = {};
    uint64_t members = 0;
    uint64_t more = 0;       // 1: ask again with `after` the last user listed
    string_view lines = {};  // of Member
    template <class V>
    void visit(V& v) {
        v.optional("room", room), v.required("members", members), v.optional("more", more);
        v.body(lines);
    }
};

struct RoomList {  // the answer to Rooms
    static constexpr string_view kVerb = "room-list";
    uint64_t count = 0;
    string_view lines = {};  // of RoomLine
    template <class V>
    void visit(V& v) {
        v.required("count", count), v.body(lines);
    }
};

struct Page {  // the answer to History: a body of whole `msg` and `file` frames, oldest first
    static constexpr string_view kVerb = "page";
    string_view room = {};
    uint64_t first = 0, last = 0;  // the seqs in it; 0 and 0 when empty
    uint64_t more = 0;             // 1: there are older ones
    string_view frames = {};
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("first", first), v.required("last", last);
        v.optional("more", more), v.body(frames);
    }
};

struct Found {  // the answer to Search: a body of whole `msg` and `file` frames, oldest first
    static constexpr string_view kVerb = "found";
    string_view room = {};
    uint64_t first = 0, last = 0;  // the oldest and newest seq in it; 0 and 0 when empty
    uint64_t more = 0;             // 1: older ones were found, too; ask again with `before` first
    string_view frames = {};
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("first", first), v.required("last", last);
        v.optional("more", more), v.body(frames);
    }
};

struct Gap {  // entries that are kept no longer
    static constexpr string_view kVerb = "gap";
    string_view room = {};
    uint64_t from = 0, to = 0;
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.required("from", from), v.required("to", to);
    }
};

// The answer to Verify: the server's bytes are right.
struct Verified {
    static constexpr string_view kVerb = "verified";
    string_view sha256 = {};
    template <class V>
    void visit(V& v) {
        v.required("sha256", sha256);
    }
};

struct Done {  // the answer to Op
    static constexpr string_view kVerb = "done";
    string_view act = {}, target = {};
    string_view text = {};
    template <class V>
    void visit(V& v) {
        v.required("act", act), v.required("target", target), v.body(text);
    }
};

struct Notice {  // from whoever runs the server, for the user to read
    static constexpr string_view kVerb = "notice";
    string_view text = {};
    template <class V>
    void visit(V& v) {
        v.body(text);
    }
};

struct Failure {
    static constexpr string_view kVerb = "error";
    string_view code = {};
    string_view re = {};  // the verb that it answers
    string_view id = {}, room = {}, nick = {},
                sha256 = {};  // of what it answers, where it had them
    uint64_t transfer = 0;
    string_view text = {};
    template <class V>
    void visit(V& v) {
        v.required("code", code), v.optional("re", re), v.optional("id", id);
        v.optional("room", room), v.optional("nick", nick), v.optional("sha256", sha256);
        v.optional("transfer", transfer), v.body(text);
    }
};

// ---- lines in bodies

struct Member {
    string_view nick = {};
    uint64_t user = 0;
    string_view dialect = {};
    string_view cloak = {};  // of its address, the same for all who come from there; to operators
    template <class V>
    void visit(V& v) {
        v.required("nick", nick), v.optional("user", user), v.optional("dialect", dialect);
        v.optional("cloak", cloak);
    }
};

struct RoomLine {
    string_view room = {};
    uint64_t members = 0, seq = 0;
    template <class V>
    void visit(V& v) {
        v.required("room", room), v.optional("members", members), v.optional("seq", seq);
    }
};

}  // namespace netchat::v2

#include "protocol/message_codec.h"
