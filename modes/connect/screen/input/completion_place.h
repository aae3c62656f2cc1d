#pragma once

// What a word at the cursor is, so that Tab knows what it may become and how that is written. Pure
// functions, any thread.
//
//     !upload "my docs/ph| and what follows       begin: at the quote; folder: my docs/; typed: ph
//             ^-- replaced --^

#include <cstddef>
#include <string>
#include <string_view>

namespace netchat::connect {

struct CompletionPlace {
    enum class Kind { Nothing, Nick, CommandName, Room, File, Path, Setting };
    // What follows a whole word.
    enum class Ending {
        Address,  // ": ", of a nick at the beginning of a text
        Word,     // a space
        Rest,     // nothing: the argument is the rest of the line, in quotes if need be
    };

    Kind kind = Kind::Nothing;
    Ending ending = Ending::Word;
    size_t begin = 0;         // what is replaced: from here to the cursor
    char quote = 0;           // that the argument began with
    std::string folder = {};  // of a path; "@" of a nick; the sign of a command
    std::string typed = {};   // what the words are to begin with
};

CompletionPlace placeOf(std::string_view text, size_t cursor);

// A word, or a beginning of one that is not whole yet, as it replaces what was typed. `rest` is
// what follows the cursor and stays.
std::string wordAt(const CompletionPlace& place, std::string_view word, std::string_view rest);
std::string beginningAt(const CompletionPlace& place, std::string_view beginning);

}  // namespace netchat::connect
