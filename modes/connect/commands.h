#pragma once

// What a typed line may be: one type for each command, with its arguments. Both clients visit the
// variant with one overload for each, so that the compiler names what a client does not carry out.
// Their names, arguments and help are rows of the table in command_table.cpp.

#include <string>
#include <string_view>
#include <variant>

namespace netchat::connect {

namespace command {

// ---- what is no command

struct Nothing {};  // an empty line
struct Say {
    std::string text = {};
};
// The line is said if it comes again (typed_line.h).
struct Ask {
    std::string question = {};
};
struct Wrong {
    std::string why = {};  // what is wrong with the line and what would be right
};

// ---- what both clients have

struct Help {};
struct Exit {};
struct Join {
    std::string room = {};
};
struct Leave {
    std::string room = {};  // empty: the current one
};
struct Rooms {};
struct Who {
    std::string room = {};  // empty: the current one
};
struct Nick {
    std::string nick = {};
};
struct Msg {
    std::string nick = {};
    std::string text = {};  // empty: the screen goes to the talk
    bool goes = false;      // to the talk in which it is said
};
struct Me {
    std::string what = {};  // without one's nick
};
struct Upload {
    std::string paths = {};  // as typed (client/upload_plan.h)
};
struct Files {};
struct Get {
    std::string file = {};  // a name, a number of !files, or the beginning of a SHA-256
};
struct Transfers {};
struct Cancel {
    std::string transfer = {};  // a number of !transfers, a name, or empty: the only one
};
struct History {
    unsigned count = 0;
};
struct Search {
    std::string words = {};  // empty: further back
};
struct Ignore {
    std::string nick = {};  // empty: list them
};
struct Unignore {
    std::string nick = {};
};
// All that only operators may do.
struct Operate {
    std::string_view act = {};  // the command's name; static
    std::string target = {};
    unsigned seconds = 0;  // 0: for ever
    std::string reason = {};
};

// ---- what only the screen has

struct Roster {
    static constexpr bool kScreenOnly = true;
};
struct Close {
    static constexpr bool kScreenOnly = true;
};
struct Room {
    static constexpr bool kScreenOnly = true;
    std::string room = {};  // a number of the bar, or a name
};
struct Preview {
    static constexpr bool kScreenOnly = true;
    std::string file = {};  // empty: the latest
};
struct Reconnect {
    static constexpr bool kScreenOnly = true;
};
struct Quiet {
    static constexpr bool kScreenOnly = true;
    std::string room = {};  // empty: the current one
};
struct Set {
    static constexpr bool kScreenOnly = true;
    std::string name = {};   // empty: list the settings
    std::string value = {};  // empty: show it
};
struct Unset {
    static constexpr bool kScreenOnly = true;
    std::string name = {};
};

}  // namespace command

using Command =
    std::variant<command::Nothing, command::Say, command::Ask, command::Wrong, command::Help,
                 command::Exit, command::Join, command::Leave, command::Rooms, command::Who,
                 command::Nick, command::Msg, command::Me, command::Upload, command::Files,
                 command::Get, command::Transfers, command::Cancel, command::History,
                 command::Search, command::Ignore, command::Unignore, command::Operate,
                 command::Roster, command::Close, command::Room, command::Preview,
                 command::Reconnect, command::Quiet, command::Set, command::Unset>;

// The client of lines answers each of these in the same way.
template <class C>
concept ScreenOnly = requires {
    C::kScreenOnly;
};

}  // namespace netchat::connect
