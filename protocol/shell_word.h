#pragma once

// Words of a command that is shown to be pasted into a shell. A room, a nick or a file's name is
// whatever a stranger has called it: pasted, it must be one word, and nothing else.
//
//     lobby            ->  lobby
//     bob's            ->  'bob'\''s'
//     x;touch y;#.tar  ->  'x;touch y;#.tar'
//
// Pure functions, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace netchat {

// As any POSIX shell reads it. None for what has control or invisible characters, or is no UTF-8:
// it must not be shown as it is, and no portable quotes spell it.
std::optional<std::string> shellWord(std::string_view text);

// The same as the value of an option, "--room lobby", also where it begins with a dash, and as the
// first word behind the options.
std::optional<std::string> shellOption(std::string_view option, std::string_view value);
std::optional<std::string> shellOperand(std::string_view text);

}  // namespace netchat
