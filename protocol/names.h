#pragma once

// What may be called what: nicks, rooms, ids and files, and how the two dialects' names meet.
// A name that passes here can be shown, logged and put into a head line; no file name that passes
// can lead out of a folder. Pure functions, any thread.

#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

// The room that every classic user is in.
inline constexpr std::string_view kLobby = "lobby";

// A classic user's name: 1 to 64 code points of valid UTF-8 without control characters.
Status checkClassicName(std::string_view name);
// A v2 nick: the same, and no white space or invisible characters.
Status checkNick(std::string_view nick);
// A room: the same as a nick.
Status checkRoom(std::string_view room);
// A client's id: 1 to 64 characters of printable ASCII without spaces.
Status checkId(std::string_view id);
// A SHA-256: 64 lower-case hexadecimal digits.
Status checkSha256(std::string_view hex);

// A file's name: 1 to 255 bytes of valid UTF-8; no '/', no '\', no control or invisible character,
// no leading dot or space, no trailing dot or space.
Status checkFileName(std::string_view name);
// The nearest name that passes checkFileName(): "file" where nothing is left.
std::string safeFileName(std::string_view name);
// "photo (2).jpg" for ("photo.jpg", 2): what a file is called when its name is taken.
std::string numberedFileName(std::string_view name, unsigned number);

// ---- the classic dialect's file rule, Python's re.match(r'^[a-zA-Z0-9_.+-]+.\w*%$', text)

bool matchesFileRule(std::string_view text);
// The announcement (with its %) of a file for classic clients: always matches the rule, and its
// name is always safe; what the rule does not cover becomes '_'.
std::string classicFileAnnouncement(std::string_view name);
// The text as it is sent to classic clients: one that matches the rule, or
// might for a newer Python, gets a trailing space.
std::string_view classicText(std::string_view text, std::string& buffer);

}  // namespace netchat
