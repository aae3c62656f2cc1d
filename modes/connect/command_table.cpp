#include "modes/connect/command_table.h"

#include <algorithm>
#include <iterator>

namespace netchat::connect {

namespace {

using namespace command;

// In the order in which help shows them.
constexpr CommandInfo kCommands[] = {
    {.name = "help",
     .arguments = kNothing<Help>,
     .meaning = "show this list",
     .page = {"!help", "this page (F1)"},
     .irc = "h"},
    {.name = "exit",
     .arguments = kNothing<Exit>,
     .meaning = "finish sending, and leave",
     .page = {"!exit", "finish sending, and leave"},
     .irc = "quit bye",
     .ircArguments = IrcArguments::None},
    // ---- rooms
    {.name = "join",
     .arguments = kWord<&Join::room, Need::Required>,
     .argumentsText = "ROOM",
     .meaning = "join a room, or switch to it",
     .page = {"!join ROOM", "join; !room N switches to it"},
     .completes = Completes::Room,
     .irc = "j",
     .ircArguments = IrcArguments::Room},
    {.name = "room",
     .arguments = kWord<&Room::room, Need::Required>,
     .argumentsText = "NUMBER",
     .meaning = "switch to the room with this number",
     .completes = Completes::Room,
     .irc = "buffer",
     .withoutScreen = "!join switches to a room"},
    {.name = "leave",
     .arguments = kWord<&Leave::room, Need::Optional>,
     .argumentsText = "[ROOM]",
     .meaning = "leave a room",
     .page = {"!leave !close", "leave a room; a private chat"},
     .completes = Completes::Room,
     .irc = "part",
     .ircArguments = IrcArguments::Room},
    {.name = "close",
     .arguments = kNothing<Close>,
     .meaning = "close a private conversation",
     .irc = "wc",
     .withoutScreen = "!leave leaves a room"},
    {.name = "rooms",
     .arguments = kNothing<Rooms>,
     .meaning = "list the rooms",
     .page = {"!rooms !who", "list rooms; users of a room"},
     .irc = "list"},
    {.name = "who",
     .arguments = kWord<&Who::room, Need::Optional>,
     .argumentsText = "[ROOM]",
     .meaning = "list the users of a room",
     .completes = Completes::Room,
     .irc = "names",
     .ircArguments = IrcArguments::Room},
    {.name = "roster",
     .arguments = kNothing<Roster>,
     .meaning = "show or hide the list of users",
     .page = {"!roster", "show or hide the users (F2)"},
     .withoutScreen = "!who lists the users"},
    // ---- saying
    {.name = "nick",
     .arguments = kWord<&Nick::nick, Need::Required>,
     .argumentsText = "NAME",
     .meaning = "change your nick",
     .page = {"!nick NAME", "change your nick"}},
    {.name = "msg",
     .arguments = kNickText,
     .argumentsText = "NICK TEXT",
     .meaning = "send a private message",
     .page = {"!msg NICK [TEXT]", "private; alone: open a chat"},
     .completes = Completes::Nick,
     .irc = "query"},
    {.name = "me",
     .arguments = kText<&Me::what, Need::Required>,
     .argumentsText = "TEXT",
     .meaning = "say what you are doing: * NICK TEXT",
     .page = {"!me TEXT", "say what you are doing"},
     .irc = "describe action"},
    // ---- files
    {.name = "upload",
     .arguments = kPaths<&Upload::paths>,
     .argumentsText = "FILE",
     .meaning = "send files or folders to the room",
     .page = {"!upload FILE", "send a file to the room"},
     .completes = Completes::Path},
    {.name = "files",
     .arguments = kNothing<Files>,
     .meaning = "list the files sent so far",
     .page = {"!files !get FILE", "list files; download one"}},
    {.name = "get",
     .arguments = kPath<&Get::file, Need::Required>,
     .argumentsText = "FILE",
     .meaning = "download a file by its name or number",
     .completes = Completes::File},
    {.name = "transfers",
     .arguments = kNothing<Transfers>,
     .meaning = "list uploads and downloads in progress",
     .page = {"!transfers", "list transfers in progress"}},
    {.name = "cancel",
     .arguments = kPath<&Cancel::transfer, Need::Optional>,
     .argumentsText = "[NUMBER|FILE]",
     .meaning = "cancel an upload or download",
     .page = {"!cancel [NUMBER]", "cancel a transfer"},
     .completes = Completes::File},
    {.name = "preview",
     .arguments = kPath<&Preview::file, Need::Optional>,
     .argumentsText = "[FILE]",
     .meaning = "show a PNG or JPEG file",
     .page = {"!preview [FILE]", "show a PNG or JPEG"},
     .completes = Completes::File,
     .withoutScreen = "!get downloads a file"},
    // ---- what was said
    {.name = "history",
     .arguments = kCount,
     .argumentsText = "[N]",
     .meaning = "show earlier messages; again: still earlier ones",
     .page = {"!history", "earlier messages (PgUp)"}},
    {.name = "search",
     .arguments = kText<&Search::words, Need::Optional>,
     .argumentsText = "[WORDS]",
     .meaning = "find messages with all these words; alone: older ones",
     .page = {"!search WORDS", "find; alone: older matches"},
     .irc = "lastlog grep"},
    {.name = "ignore",
     .arguments = kPath<&Ignore::nick, Need::Optional>,
     .argumentsText = "[NICK]",
     .meaning = "hide messages and files of a user; alone: list whom",
     .page = {"!ignore [NICK]", "hide a user; !unignore NICK"},
     .completes = Completes::SpacyNick},
    {.name = "unignore",
     .arguments = kPath<&Unignore::nick, Need::Required>,
     .argumentsText = "NICK",
     .meaning = "show them again",
     .completes = Completes::SpacyNick},
    {.name = "quiet",
     .arguments = kWord<&Quiet::room, Need::Optional>,
     .argumentsText = "[ROOM]",
     .meaning = "count only mentions as unread; again: count everything",
     .page = {"!quiet [ROOM]", "count only mentions"},
     .completes = Completes::Room,
     .withoutScreen = "only the screen counts unread messages"},
    // ---- the client
    {.name = "set",
     .arguments = kSetting,
     .argumentsText = "[NAME [VALUE]]",
     .meaning = "change and save a setting; alone: list all settings",
     .page = {"!set NAME VALUE", "save a setting; !unset"},
     .completes = Completes::Setting,
     .withoutScreen = "use the options of netchat connect"},
    {.name = "unset",
     .arguments = kWord<&Unset::name, Need::Required>,
     .argumentsText = "NAME",
     .meaning = "reset a setting to its default",
     .completes = Completes::Setting,
     .withoutScreen = "use the options of netchat connect"},
    {.name = "reconnect",
     .arguments = kNothing<Reconnect>,
     .meaning = "reconnect now",
     .page = {"!reconnect", "reconnect now"},
     .withoutScreen = "lost connections are restored automatically"},
    // ---- for operators
    {.name = "kick",
     .arguments = kTarget,
     .argumentsText = "NICK [REASON]",
     .meaning = "operators: disconnect a user",
     .completes = Completes::Nick},
    {.name = "ban",
     .arguments = kTarget,
     .argumentsText = "NICK|CLOAK|ADDRESS|NETWORK [--address] [--force] [1h] [REASON]",
     .meaning = "operators: disconnect a user and refuse new connections",
     .completes = Completes::Nick},
    {.name = "unban",
     .arguments = kTarget,
     .argumentsText = "NICK|CLOAK|ADDRESS|NETWORK",
     .meaning = "operators: lift a ban"},
    {.name = "mute",
     .arguments = kTarget,
     .argumentsText = "NICK|CLOAK [10m] [REASON]",
     .meaning = "operators: refuse messages of a user",
     .completes = Completes::Nick},
    {.name = "unmute",
     .arguments = kTarget,
     .argumentsText = "NICK|CLOAK",
     .meaning = "operators: lift a mute",
     .completes = Completes::Nick,
     .irc = "unquiet"},
    {.name = "close-room",
     .arguments = kTarget,
     .argumentsText = "ROOM [REASON]",
     .meaning = "operators: remove everyone from a room and close it",
     .completes = Completes::Room},
    {.name = "open-room",
     .arguments = kTarget,
     .argumentsText = "ROOM",
     .meaning = "operators: open a closed room",
     .completes = Completes::Room},
};

constexpr CommandInfo::PageRow kTwoSigns{"!!text", "a text that begins with !"};
constexpr std::string_view kTwoSignsMeaning = "send a text that begins with '!'";

constexpr bool hasRow(size_t type) {
    return std::any_of(std::begin(kCommands), std::end(kCommands),
                       [&](const CommandInfo& row) { return row.arguments.type == type; });
}
// Those before the first command are no commands.
constexpr bool everyTypeHasARow() {
    for (size_t type = arguments::kPlace<Help>; type < std::variant_size_v<Command>; ++type) {
        if (!hasRow(type)) return false;
    }
    return true;
}
static_assert(everyTypeHasARow(), "a command has no row in kCommands");
static_assert(std::all_of(std::begin(kCommands), std::end(kCommands),
                          [](const CommandInfo& row) {
                              return row.arguments.screenOnly == !row.withoutScreen.empty();
                          }),
              "a command for the screen says what there is without, and no other does");

const CommandInfo* rowOf(const Command& command) {
    const auto* const row = std::find_if(
        std::begin(kCommands), std::end(kCommands),
        [&](const CommandInfo& each) { return each.arguments.type == command.index(); });
    return row == std::end(kCommands) ? nullptr : row;
}

std::vector<std::string_view> wordsOf(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) words.push_back(takeWord(text));
    return words;
}

}  // namespace

std::string CommandInfo::usage() const {
    std::string text = "!" + std::string(name);
    if (!argumentsText.empty()) text += " " + std::string(argumentsText);
    return text;
}

std::span<const CommandInfo> commandTable() {
    return kCommands;
}

const CommandInfo* findCommand(std::string_view name) {
    const auto* const row =
        std::find_if(std::begin(kCommands), std::end(kCommands),
                     [&](const CommandInfo& each) { return each.name == name; });
    return row == std::end(kCommands) ? nullptr : row;
}

const CommandInfo* findIrcCommand(std::string_view name) {
    if (const CommandInfo* const ours = findCommand(name)) return ours;
    for (const CommandInfo& row : kCommands) {
        const auto names = wordsOf(row.irc);
        if (std::find(names.begin(), names.end(), name) != names.end()) return &row;
    }
    return nullptr;
}

std::vector<std::string> ircNames() {
    std::vector<std::string> names;
    for (const CommandInfo& row : kCommands) {
        for (const auto name : wordsOf(row.irc)) names.emplace_back(name);
    }
    return names;
}

std::span<const HelpLine> helpLines(Face face) {
    static const auto linesFor = [](Face shown) {
        std::vector<HelpLine> all;
        for (const CommandInfo& row : kCommands) {
            if (row.arguments.screenOnly && shown != Face::Screen) continue;
            all.push_back({row.usage(), std::string(row.meaning)});
        }
        all.push_back({std::string(kTwoSigns.usage), std::string(kTwoSignsMeaning)});
        return all;
    };
    static const auto ofLines = linesFor(Face::Lines), ofScreen = linesFor(Face::Screen);
    return face == Face::Screen ? ofScreen : ofLines;
}

std::span<const CommandInfo::PageRow> helpPage() {
    static const auto rows = [] {
        std::vector<CommandInfo::PageRow> all;
        for (const CommandInfo& row : kCommands) {
            if (!row.page.usage.empty()) all.push_back(row.page);
        }
        all.push_back(kTwoSigns);
        return all;
    }();
    return rows;
}

std::string operatorsLine() {
    std::string line = "operators:";
    for (const CommandInfo& row : kCommands) {
        if (row.forOperators()) line += " !" + std::string(row.name);
    }
    return line;
}

std::string usageText(const Command& command) {
    const CommandInfo* const row = rowOf(command);
    return row == nullptr ? "" : "usage: " + row->usage();
}

std::string screenOnlyText(const Command& command) {
    const CommandInfo* const row = rowOf(command);
    if (row == nullptr || !row->arguments.screenOnly) return {};
    return "!" + std::string(row->name) + " is for the full screen; " +
           std::string(row->withoutScreen);
}

}  // namespace netchat::connect
