#pragma once

// What a client tells its user: one struct for both dialects. Views are valid during the callback;
// whoever keeps an event copies what it needs. Remote text is as it came: who shows it on a
// terminal neutralises it (protocol/text_safety.h).

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/message.h"

namespace netchat::client {

enum class EventKind {
    Connected,     // the greeting was accepted: nick, user, durability; classic: written. `again`:
                   // not for the first time; text: what was lost in between, if anything
    Reconnecting,  // the connection was lost, or could not be made again; it will be tried: code,
                   // text as of Disconnected, retryMs: in how long, attempt: the how manyth
    Disconnected,  // text: why; code: empty after an end that this side asked for, "unreachable",
                   // "lost", "timeout", "closing" (the server shuts down) or an error's name
    Joined,        // room, seq, members, roster
    Left,          // room; text: why, where this side did not ask
    Message,       // room, seq, time, from, user, id, text, own
    Confirmed,     // what was said stands in the room's log, and is not told (again) as a Message:
                   // room, seq, id
    Private,       // from, to, user, id, time, text, own
    File,  // a file's announcement: room, seq, time, from, user, id, name, size, sha256, own;
           // folder: where its sender had it, below the folder that was sent; mtime: when it was
           // changed there; fetching: it comes without being asked for, else text: why not, beyond
           // its size; again: of an earlier run, where it did not come
    FileReceived,  // verified and in its place: room, from, name, size, sha256, path; again: the
                   // same bytes were there already
    FileFailed,    // a download that did not succeed: name, sha256, code, text; code "cancelled":
                   // its user gave it up
    Progress,      // of a transfer: name, id (upload), sha256, done, size, upload
    Uploaded,      // one's own file is at the server, verified: id, name, size, sha256
    Presence,      // room, state (joined, left, renamed), nick, user, was
    Named,         // one's own new nick: nick
    Roster,        // the answer to who(): room, members, roster
    RoomList,      // the answer to rooms(): rooms
    HistoryPage,   // before its entries, which follow as Message and File with `history` set:
                   // room, first, last, more
    HistoryEnd,    // after them: room
    SearchPage,    // before what was found, which follows as Message and File with `history` set:
                   // room, text: the words, first, last, more
    SearchEnd,     // after it: room
    Pong,          // token, rttMs
    Gap,           // room, first, last: entries that are kept no longer
    LogChanged,    // before Joined: the room's log was restored from a copy, or has lost its end.
                   // room, seq: the last entry that it has in common with what was told, last: the
                   // last that was told, text: that in words. What is told from here on follows seq
    Notice,        // text: from whoever runs the server, of one or more lines; re: "op", where it
                   // says that an operator's command is done
    Refused,       // the server's error: code, re, id, room, nick, text; code "unsure": the server
                   // has forgotten this user, and this may be in the log or not; code "cancelled":
                   // an upload that its user gave up
};

// "message", "file-received" …: the names in scripts and in JSON.
std::string_view kindName(EventKind kind);

struct Event {
    EventKind kind;
    std::string_view room = {}, from = {}, to = {}, nick = {}, was = {}, state = {}, id = {},
                     text = {}, name = {}, folder = {}, path = {}, sha256 = {}, code = {}, re = {},
                     token = {}, durability = {};
    uint64_t user = 0, seq = 0, size = 0, done = 0, members = 0, first = 0, last = 0, attempt = 0;
    int64_t time = 0;                   // Unix milliseconds; 0 where unknown
    std::optional<int64_t> mtime = {};  // Unix milliseconds, also before 1970
    int64_t rttMs = 0;
    int64_t retryMs = 0;
    bool own = false;      // this client said it
    bool history = false;  // part of a page of history, or came before the join's live part
    bool more = false;
    bool again = false;
    bool anew = false;  // Connected: the server has lost its memory, and the rooms' logs with it
    bool upload = false;
    bool fetching = false;
    std::span<const v2::Member> roster = {};
    std::span<const v2::RoomLine> rooms = {};
};

// Implemented by whoever owns a Client; called on its loop's thread.
class Listener {
  public:
    virtual void onEvent(const Event& event) = 0;

  protected:
    ~Listener() = default;
};

}  // namespace netchat::client
