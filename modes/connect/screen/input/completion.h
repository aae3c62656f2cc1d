#pragma once

// What Tab makes of the input: words that begin as the one at the cursor does, in turns. What words
// there are is handed in; it is asked only when Tab is pressed. Pure but for the Words; one thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/input/completion_place.h"

namespace netchat::connect {

class Completion {
  public:
    // What can be completed, each in the order in which it is to be offered (those who spoke last
    // come first).
    class Words {
      public:
        virtual std::vector<std::string> nicks() const = 0;
        virtual std::vector<std::string> commands() const = 0;  // without their sign
        virtual std::vector<std::string> rooms() const = 0;
        virtual std::vector<std::string> files() const = 0;  // that can be fetched
        // Entries of a folder ("" is the current one, "~/" home), folders with a "/" at their end.
        virtual std::vector<std::string> paths(std::string_view folder) const = 0;
        virtual std::vector<std::string> settings() const { return {}; }

      protected:
        ~Words() = default;
    };

    struct Edit {
        size_t begin, end;  // bytes of the text that are replaced
        std::string with;
    };

    // The edit that a Tab (or Shift-Tab: backwards) makes of this text with the cursor at this
    // byte; none: nothing fits. The first Tab of several completes as far as all candidates agree
    // and, where that is nothing new, offers the first; each further one offers the next, as long
    // as the text is what the last one made of it. Where only one word fits, the next Tab begins
    // anew: in the folder that it is, or at the command's argument.
    //
    // What follows the cursor stays, and no space is put before a space or punctuation of it. Upper
    // and lower case are alike, and accents need not be typed, but of paths those in the typed case
    // come first. Words with control characters are never offered.
    //
    //   "al"        -> "alice: "     a nick at the text's start; "say al" -> "say alice "
    //   "@al"       -> "@alice "     anywhere in a text
    //   "!up"       -> "!upload "    a command, at the text's start only; "/up" as well
    //   "!join d"   -> "!join dev "  rooms, where the table of commands says so
    //   "!set be"   -> "!set bell "  settings
    //   "!msg a"    -> "!msg alice " nicks
    //   "!upload ~/p" -> paths: with their spaces, since the path is the rest of the line; a folder
    //                    gets "/" and no space, a file nothing. A path in quotes stays in them.
    //                    Hidden entries are offered where a dot was typed.
    //   "!get ph"   -> files of the room, with their spaces, and nothing after
    std::optional<Edit> tab(std::string_view text, size_t cursor, bool backwards,
                            const Words& words);
    // What is offered now, for a line that lists them: candidates and which one stands there.
    const std::vector<std::string>& candidates() const { return candidates_; }
    std::optional<size_t> chosen() const { return chosen_; }
    // Any other key: the next Tab begins anew.
    void reset();

  private:
    Edit offerWhole(std::string_view text, size_t end, size_t candidate);
    Edit remembered(std::string_view text, size_t end, std::string with);
    size_t nextOne(bool backwards) const;

    std::vector<std::string> candidates_;
    std::optional<size_t> chosen_;
    CompletionPlace place_;
    // What the last Tab made of the text, and where the cursor is then.
    std::string text_;
    size_t cursor_ = 0;
};

}  // namespace netchat::connect
