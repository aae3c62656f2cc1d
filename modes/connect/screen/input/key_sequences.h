#pragma once

// Which key a control sequence of a terminal's keyboard names: the tables of xterm and its kin.
// What is in none of them is no key. Pure functions, any thread.
//
//     ESC [ 1;5 D    CSI, parameters, final byte       ESC O A    SS3, final byte

#include <optional>
#include <string_view>

#include "modes/connect/screen/input/key.h"

namespace netchat::connect {

// A byte of ASCII by itself, but ESC.
Key keyOfByte(unsigned char byte);
// The parameters are what stands between "ESC [" or "ESC O" and the final byte.
std::optional<Key> keyOfCsi(std::string_view parameters, char final);
std::optional<Key> keyOfSs3(std::string_view parameters, char final);
// The wheel of a mouse, by the number of its button; other buttons are none.
std::optional<Key> keyOfMouse(unsigned button);
// The linux console's ESC [ [ A to E.
std::optional<Key> keyOfLinuxConsole(char final);

}  // namespace netchat::connect
