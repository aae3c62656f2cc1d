#pragma once

// What names are made of, by the properties of Unicode: nicks by PRECIS's profile for user names
// (RFC 8265, UsernameCasePreserved, over the IdentifierClass of RFC 8264), rooms by its
// normalisation alone. It is stricter than PRECIS where a name would hold what nobody sees: fillers
// and joiners that draw nothing, and marks that are stacked or stand on another script's letter
// (UTS 39, 5.4). Pure; any thread. (ICU.)

#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::serve {

// A v2 nick as it is to be shown: its full-width and half-width characters mapped, composed (NFC).
// BadNick says which character is wrong.
Result<std::string> preparedNick(std::string_view nick);

// The same for a classic user, who cannot be asked for another name: what draws nothing goes, what
// else is not allowed becomes its compatible form or '_', and a single space between two characters
// stays. BadNick where nothing is left, or it cannot be read in one direction.
Result<std::string> mendedName(std::string_view name);

// A room's name, composed (NFC).
std::string composed(std::string_view name);
// A room that there is not yet: it is composed, all of it can be seen, and it does not look like a
// talk with a person. BadRoom.
Status checkNewRoom(std::string_view room);

}  // namespace netchat::serve
