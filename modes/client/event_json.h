#pragma once

// Events as JSON lines, for `connect --json` and for bots. One object per event:
//
//     {"event":"message","room":"lobby","seq":42,"time":"2026-11-23T14:36:00.123Z","from":"alice",
//      "user":7,"id":"3","text":"hello","own":false,"history":false}
//
//     connected      nick user durability again text again: after a loss; text: what was lost
//     reconnecting   code text retryMs attempt       the connection was lost; it is tried again
//     disconnected   code text                       code "": this side asked for it
//     joined         room seq members roster         roster: [{"nick","user","dialect"}, …]
//     left           room text
//     message        room seq time from user id text own history
//     confirmed      room seq id                     what was said is there, and is not told again
//     private        time from to user id text own
//     file           room seq time from user id name size sha256 own history again
//                                                    again: it was told to an earlier run, and had
//                                                    not come
//     file-received  room from name size sha256 path
//     file-failed    room from name size sha256 code text
//     progress       room name id sha256 done size upload
//     uploaded       room id name size sha256
//     presence       room state nick user was
//     named          nick
//     roster         room members more roster
//     room-list      rooms                           [{"room","members","seq"}, …]
//     history-page   room first last more
//     history-end    room
//     search-page    room text first last more
//     search-end     room
//     pong           token rttMs
//     gap            room first last
//     log-changed    room common last text           the log is another behind `common`: its next
//                                                    entries are told again
//     notice         re text
//     refused        code re room nick id name sha256 text
//
// Each of an event's keys is always there: an unknown time is null, an unknown text is "". Texts
// are as they came but for invalid UTF-8, which becomes U+FFFD; what a terminal would obey or not
// show is written as \uXXXX. Pure; any thread.

#include <string>

#include "modes/client/event.h"

namespace netchat::client {

// Without a newline, inside or at the end.
std::string toJson(const Event& event);

}  // namespace netchat::client
