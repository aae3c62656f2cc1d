#pragma once

// What a client tells its user, the same in both dialects: one struct for each thing that can
// happen, with exactly its fields.
//
// Views are valid during the callback. Whoever keeps an event copies it (stored_event.h). Remote
// text is as it came: whoever shows it on a terminal neutralises it (protocol/text_safety.h).
//
// A consumer visits the variant. It has a case for each event, or says that it ignores the others:
//
//     std::visit(Overloaded{[&](const event::Message& message) { … },
//                           [&](const event::Private& message) { … },
//                           IgnoreOthers{}},
//                event);
//
// The compiler then finds every consumer that lacks a case for a new event.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "protocol/message.h"

namespace netchat::client {

namespace event {

using std::string_view;

// In each struct, kName is the event's name in scripts and in JSON. visit() names the fields in the
// order of the JSON keys (event_json.h): key() for a field of the JSON, time() for a time, and
// local() for a field that only this program sees.

// ---- the connection

// The server accepted the greeting. Classic: the greeting was written.
struct Connected {
    static constexpr string_view kName = "connected";
    string_view nick = {};
    string_view text = {};  // what was lost since the last connection; empty: nothing
    string_view durability = {};
    uint64_t user = 0;
    bool again = false;  // not for the first time
    bool anew = false;   // the server lost its memory, and the rooms' logs with it
    template <class V>
    void visit(V& v) {
        v.key("nick", nick), v.key("user", user), v.key("durability", durability);
        v.key("again", again), v.key("text", text), v.local(anew);
    }
};

// The connection was lost, or could not be made. The client will try again.
struct Reconnecting {
    static constexpr string_view kName = "reconnecting";
    string_view text = {}, code = {};  // as in Disconnected
    uint64_t attempt = 0;              // from 1 after each loss
    int64_t retryMs = 0;               // the time until this attempt
    template <class V>
    void visit(V& v) {
        v.key("code", code), v.key("text", text);
        v.key("retryMs", retryMs), v.key("attempt", attempt);
    }
};

// The connection ended, and the client will not try again.
struct Disconnected {
    static constexpr string_view kName = "disconnected";
    string_view text = {};  // the reason
    // Empty: this side asked for it. Else "unreachable", "lost", "timeout", "closing" (the server
    // shuts down) or the name of an error.
    string_view code = {};
    template <class V>
    void visit(V& v) {
        v.key("code", code), v.key("text", text);
    }
};

// ---- rooms and who is there

struct Joined {
    static constexpr string_view kName = "joined";
    string_view room = {};
    uint64_t seq = 0;      // the last entry of the room's log
    uint64_t members = 0;  // the roster may list fewer
    std::span<const v2::Member> roster = {};
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("seq", seq), v.key("members", members), v.key("roster", roster);
    }
};

struct Left {
    static constexpr string_view kName = "left";
    string_view room = {};
    string_view text = {};  // the reason, if this side did not ask
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("text", text);
    }
};

// Somebody joined or left a room, or changed their nick there.
struct Presence {
    static constexpr string_view kName = "presence";
    string_view room = {};
    string_view nick = {};
    string_view was = {};    // renamed: the nick before
    string_view state = {};  // joined, left, renamed
    uint64_t user = 0;
    bool own = false;  // it is this client's user
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("state", state), v.key("nick", nick), v.key("user", user);
        v.key("was", was), v.local(own);
    }
};

// This client's user has a new nick.
struct Named {
    static constexpr string_view kName = "named";
    string_view nick = {};
    template <class V>
    void visit(V& v) {
        v.key("nick", nick);
    }
};

// The answer to who().
struct Roster {
    static constexpr string_view kName = "roster";
    string_view room = {};  // empty: everybody on the server
    uint64_t members = 0;
    bool more = false;  // another Roster of this answer follows
    std::span<const v2::Member> roster = {};
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("members", members), v.key("more", more);
        v.key("roster", roster);
    }
};

// The answer to rooms().
struct RoomList {
    static constexpr string_view kName = "room-list";
    std::span<const v2::RoomLine> rooms = {};
    template <class V>
    void visit(V& v) {
        v.key("rooms", rooms);
    }
};

// ---- entries of a room's log

// A message in a room.
struct Message {
    static constexpr string_view kName = "message";
    string_view room = {}, from = {}, id = {}, text = {};
    uint64_t user = 0;
    uint64_t seq = 0;      // 0 in the classic dialect
    int64_t time = 0;      // Unix milliseconds; 0: unknown
    bool own = false;      // this client's user said it
    bool history = false;  // of a page of history, or older than the join
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("seq", seq), v.time("time", time), v.key("from", from);
        v.key("user", user), v.key("id", id), v.key("text", text), v.key("own", own);
        v.key("history", history);
    }
};

// A file was offered in a room. The bytes follow as FileReceived if they are fetched.
struct File {
    static constexpr string_view kName = "file";
    string_view room = {}, from = {}, id = {};
    string_view text = {};  // the reason why it is not fetched, unless its size is the reason
    string_view name = {};
    string_view folder = {};  // where its sender had it, below the folder that was sent
    string_view sha256 = {};
    uint64_t user = 0, seq = 0, size = 0;
    int64_t time = 0;                   // as in Message
    std::optional<int64_t> mtime = {};  // Unix milliseconds, also before 1970
    bool own = false, history = false;  // as in Message
    bool again = false;                 // an earlier run was told, and did not fetch it whole
    bool fetching = false;              // it is fetched without being asked for
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("seq", seq), v.time("time", time), v.key("from", from);
        v.key("user", user), v.key("id", id), v.key("name", name), v.key("size", size);
        v.key("sha256", sha256), v.key("own", own), v.key("history", history);
        v.key("again", again);
        v.local(text), v.local(folder), v.local(mtime), v.local(fetching);
    }
};

// What this user said is in the room's log. It is not told (again) as a Message.
struct Confirmed {
    static constexpr string_view kName = "confirmed";
    string_view room = {}, id = {};
    uint64_t seq = 0;
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("seq", seq), v.key("id", id);
    }
};

// These entries are kept no longer.
struct Gap {
    static constexpr string_view kName = "gap";
    string_view room = {};
    uint64_t first = 0, last = 0;
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("first", first), v.key("last", last);
    }
};

// Before Joined: the room's log was restored from a copy, or lost its end. What is told from here
// on follows `common`.
struct LogChanged {
    static constexpr string_view kName = "log-changed";
    string_view room = {};
    string_view text = {};  // the same in words
    uint64_t common = 0;    // the last entry that the log and what was told have in common
    uint64_t last = 0;      // the last entry that was told
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("common", common), v.key("last", last), v.key("text", text);
    }
};

// A page of history begins. Its entries follow as Message and File with `history` set.
struct HistoryPage {
    static constexpr string_view kName = "history-page";
    string_view room = {};
    uint64_t first = 0, last = 0;  // 0 and 0: it is empty
    bool more = false;             // there are older entries
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("first", first), v.key("last", last), v.key("more", more);
    }
};

struct HistoryEnd {
    static constexpr string_view kName = "history-end";
    string_view room = {};
    bool more = false;  // as in HistoryPage
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.local(more);
    }
};

// Search results begin. They follow as Message and File with `history` set.
struct SearchPage {
    static constexpr string_view kName = "search-page";
    string_view room = {};
    string_view text = {};         // the words
    uint64_t first = 0, last = 0;  // 0 and 0: nothing was found
    bool more = false;             // a part of the room was not searched
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("text", text), v.key("first", first), v.key("last", last);
        v.key("more", more);
    }
};

struct SearchEnd {
    static constexpr string_view kName = "search-end";
    string_view room = {};
    bool more = false;  // as in SearchPage
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.local(more);
    }
};

// ---- between two users

struct Private {
    static constexpr string_view kName = "private";
    string_view from = {}, to = {}, id = {}, text = {};
    uint64_t user = 0;
    int64_t time = 0;  // as in Message
    bool own = false;  // this client's user said it
    template <class V>
    void visit(V& v) {
        v.time("time", time), v.key("from", from), v.key("to", to), v.key("user", user);
        v.key("id", id), v.key("text", text), v.key("own", own);
    }
};

// ---- transfers

// A download is complete: its bytes are right, and it is in its place.
struct FileReceived {
    static constexpr string_view kName = "file-received";
    string_view room = {}, from = {}, name = {}, folder = {};
    string_view path = {};  // empty: it was removed again (Options::discardDownloads)
    string_view sha256 = {};
    uint64_t size = 0;
    int64_t time = 0;    // classic: as in Message
    bool again = false;  // the same bytes were there already
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("from", from), v.key("name", name), v.key("size", size);
        v.key("sha256", sha256), v.key("path", path);
        v.local(folder), v.local(time), v.local(again);
    }
};

// A download failed. Code "cancelled": its user cancelled it.
struct FileFailed {
    static constexpr string_view kName = "file-failed";
    string_view room = {}, from = {}, text = {}, name = {}, folder = {}, sha256 = {}, code = {};
    uint64_t size = 0;
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("from", from), v.key("name", name), v.key("size", size);
        v.key("sha256", sha256), v.key("code", code), v.key("text", text), v.local(folder);
    }
};

// How far a transfer is.
struct Progress {
    static constexpr string_view kName = "progress";
    string_view room = {}, from = {};
    string_view id = {};  // of an upload
    string_view name = {}, sha256 = {};
    uint64_t size = 0, done = 0;
    bool upload = false;
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("name", name), v.key("id", id), v.key("sha256", sha256);
        v.key("done", done), v.key("size", size), v.key("upload", upload), v.local(from);
    }
};

// This user's file is at the server, and its bytes are right there. Classic: all was written.
struct Uploaded {
    static constexpr string_view kName = "uploaded";
    string_view room = {}, id = {}, name = {}, folder = {}, sha256 = {};
    uint64_t size = 0;
    template <class V>
    void visit(V& v) {
        v.key("room", room), v.key("id", id), v.key("name", name), v.key("size", size);
        v.key("sha256", sha256), v.local(folder);
    }
};

// ---- the rest

// The answer to ping().
struct Pong {
    static constexpr string_view kName = "pong";
    string_view token = {};
    int64_t rttMs = 0;
    template <class V>
    void visit(V& v) {
        v.key("token", token), v.key("rttMs", rttMs);
    }
};

// From the server's operators, for the user to read: one or more lines.
struct Notice {
    static constexpr string_view kName = "notice";
    string_view text = {};
    string_view re = {};  // "op": an operator's command is done
    template <class V>
    void visit(V& v) {
        v.key("re", re), v.key("text", text);
    }
};

// An error, of the server or of this side, that answers a request.
struct Refused {
    static constexpr string_view kName = "refused";
    string_view room = {}, nick = {}, id = {}, text = {}, name = {}, folder = {}, sha256 = {};
    // The name of an error. "unsure": the server has forgotten this user, and this may be in the
    // log or not. "cancelled": an upload that its user cancelled.
    string_view code = {};
    string_view re = {};  // the verb of the request
    bool upload = false;  // it was to be uploaded
    template <class V>
    void visit(V& v) {
        v.key("code", code), v.key("re", re), v.key("room", room), v.key("nick", nick);
        v.key("id", id), v.key("name", name), v.key("sha256", sha256), v.key("text", text);
        v.local(folder), v.local(upload);
    }
};

}  // namespace event

using Event =
    std::variant<event::Connected, event::Reconnecting, event::Disconnected, event::Joined,
                 event::Left, event::Presence, event::Named, event::Roster, event::RoomList,
                 event::Message, event::File, event::Confirmed, event::Gap, event::LogChanged,
                 event::HistoryPage, event::HistoryEnd, event::SearchPage, event::SearchEnd,
                 event::Private, event::FileReceived, event::FileFailed, event::Progress,
                 event::Uploaded, event::Pong, event::Notice, event::Refused>;

// One function object of several, for std::visit.
template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

// The last case of a visit that has nothing to do for the other events.
struct IgnoreOthers {
    template <class E>
    void operator()(const E&) const {}
};

// Whether it is one of these.
template <class... Es>
bool isOneOf(const Event& event) {
    return (std::holds_alternative<Es>(event) || ...);
}

// "message", "file-received" …
inline std::string_view kindName(const Event& event) {
    return std::visit([]<class E>(const E&) { return E::kName; }, event);
}

// The room that it is about; empty: none.
inline std::string_view roomOf(const Event& event) {
    return std::visit(
        []<class E>(const E& one) {
            if constexpr (requires { one.room; }) return one.room;
            return std::string_view();
        },
        event);
}

// This client's user said, sent or did it.
inline bool isOwn(const Event& event) {
    return std::visit(
        []<class E>(const E& one) {
            if constexpr (requires { one.own; }) return one.own;
            return false;
        },
        event);
}

// Implemented by whoever owns a Client; called on its loop's thread.
class Listener {
  public:
    virtual void onEvent(const Event& event) = 0;

  protected:
    ~Listener() = default;
};

}  // namespace netchat::client
