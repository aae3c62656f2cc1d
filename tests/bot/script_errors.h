#pragma once

// What a script is read as, for tests of the language.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "modes/bot/parser.h"

namespace netchat::bot {

// The script; each of its errors is a failure.
inline Script good(std::string_view text, const ParseOptions& options = {}) {
    Parsed parsed = parseScript(text, options);
    for (const ParseError& error : parsed.errors)
        ADD_FAILURE() << errorLine("script", error) << "\n" << text;
    return parsed.script;
}

// "LINE:COLUMN text" of the only error; else how many there are, and which.
inline std::string bad(std::string_view text, const ParseOptions& options = {}) {
    Parsed parsed = parseScript(text, options);
    if (parsed.errors.size() != 1) {
        std::string all = std::to_string(parsed.errors.size()) + " errors";
        for (const ParseError& error : parsed.errors) all += "\n" + errorLine("", error);
        return all;
    }
    const ParseError& error = parsed.errors[0];
    return std::to_string(error.place.line) + ":" + std::to_string(error.place.column) + " " +
           error.text;
}

}  // namespace netchat::bot
