#pragma once

// What people are told of connections and refusals, in whatever view. Remote text is made safe
// here. Pure functions, any thread.

#include <string>
#include <string_view>

#include "modes/client/event.h"
#include "modes/net/address.h"

namespace netchat::connect {

// "192.168.1.7:6121", "[fe80::1]:6121"
std::string serverText(const net::HostPort& server);

// 'text', shortened.
std::string inQuotes(std::string_view text);

// Of the first Reconnecting after a connection, or in place of one.
std::string awayText(const client::event::Reconnecting& away, const std::string& server,
                     bool connectedOnce);
// Of a Refused that keeps out of the first room.
std::string noEntryText(const client::event::Refused& refused, std::string_view room);

// Why: an event's text, which says it best, or its code.
std::string reasonText(std::string_view text, std::string_view code);
template <class E>
std::string reasonText(const E& event) {
    return reasonText(event.text, event.code);
}

// Of a Disconnected that is the end: what happened and what the user can do about it.
// `server`: as serverText() has it; `unacknowledged`: what may not have arrived; `connectedOnce`:
// it was connected before.
std::string endText(const client::event::Disconnected& ended, const std::string& server,
                    std::string_view nick, bool connectedOnce, size_t unacknowledged);

// Of a Refused: a line without a full stop.
std::string refusalText(const client::event::Refused& refused);

// ---- what both clients answer to a command

inline constexpr std::string_view kNoTransfers = "no transfers in progress";
inline constexpr std::string_view kSeveralTransfers =
    "several transfers in progress: use !cancel NUMBER or FILE; !transfers lists them";
// Of a !search alone that has none before it.
inline constexpr std::string_view kSearchNeedsWords = "usage: !search WORDS";
std::string noFileText(std::string_view which);
std::string alreadyWantedText(std::string_view file);
std::string noTransferText(std::string_view which);

}  // namespace netchat::connect
