#pragma once

// The two settings of the classic dialect that every subcommand takes, in one form.

#include <string>

#include "cmd/arguments.h"
#include "cmd/command.h"

namespace netchat::cmd {

inline constexpr OptionSpec kHeaderOption = {.name = "header",
                                             .argument = "DIGITS",
                                             .fallback = "10",
                                             .help = "Width of the length header, 2 to 20 digits.",
                                             .environment = "HEADER"};
inline constexpr OptionSpec kEncodingOption = {.name = "encoding",
                                               .argument = "CHARSET",
                                               .fallback = "utf-8",
                                               .help = "Character encoding of names and texts.",
                                               .environment = "ENCODING"};

struct ClassicFormat {
    size_t headerWidth;
    std::string encoding;
};

// A UsageError for a width out of range, or a charset that this machine does not know, with those
// that it does.
ClassicFormat readClassicFormat(const Arguments& arguments);

}  // namespace netchat::cmd
