#pragma once

// What the keys of the screen do: a table of actions with the keys that they have at first, and
// what a configuration has changed. The keys of the input line are the line editor's; one of them
// that is given to an action or a command here is no longer its. Pure; one thread.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "modes/connect/screen/input/key.h"
#include "protocol/result.h"

namespace netchat::connect {

enum class Action {
    PageUp,
    PageDown,
    PreviousRoom,
    NextRoom,
    NextActive,
    Jump,
    Top,
    End,
    FirstUnread,
    PreviousMention,
    NextMention,
    Search,
    Help,
    Roster,
    Bare,
    Fold,
    Redraw,
    Suspend,
    Fetch,
};

struct ActionName {
    std::string_view name;
    Action action;
    std::string_view keys;  // at first, with spaces between
};
std::span<const ActionName> actionNames();

class KeyMap {
  public:
    KeyMap();

    // `key`: "M-u". `what`: the name of an action, a command that begins with '!', or "none".
    Status bind(std::string_view key, std::string_view what);
    // As it was at first.
    Status unbind(std::string_view key);

    struct Bound {
        const Action* action = nullptr;  // null: the command
        std::string command = {};
    };
    // Null: the key is not the screen's.
    const Bound* find(const Key& key) const;

  private:
    std::map<std::string, Bound, std::less<>> bound_;
};

}  // namespace netchat::connect
