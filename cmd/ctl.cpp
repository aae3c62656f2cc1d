// netchat ctl: an order into the control socket of a running server, its answer as a table or JSON.

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "cmd/arguments.h"
#include "cmd/commands.h"
#include "cmd/control_table.h"
#include "cmd/standard_output.h"
#include "cmd/state_folder.h"
#include "modes/client/small_file.h"
#include "modes/net/unix_socket.h"
#include "modes/serve/control/control_json.h"
#include "protocol/limits.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"
#include "protocol/time_text.h"

namespace netchat::cmd {

namespace {

using Poco::JSON::Object;
using serve::AdminAction;

constexpr size_t kMotdBytesMax = 8192;
constexpr time_t kPatienceS = 30;
// For what goes through the whole log between other work.
constexpr time_t kLongPatienceS = 3600;

struct Form {
    AdminAction act;
    const char* usage;
    bool target, text, time;
    const char* help;
};

constexpr Form kForms[] = {
    {AdminAction::Who, "who", false, false, false, "List the connected users."},
    {AdminAction::Rooms, "rooms", false, false, false, "List the rooms."},
    {AdminAction::Kick, "kick NICK [REASON]", true, true, false, "Disconnect a user."},
    {AdminAction::Ban, "ban ADDRESS|NETWORK|CLOAK|NICK [--address] [--force] [--for 1h] [REASON]",
     true, true, true,
     "Disconnect users and refuse them from now on. A ban of a NICK also covers similar nicks, and "
     "its user under any other nick."},
    {AdminAction::Unban, "unban ADDRESS|NETWORK|CLOAK|NICK", true, false, false, "Lift a ban."},
    {AdminAction::Bans, "bans", false, false, false,
     "List bans, mutes, closed rooms and operators."},
    {AdminAction::Mute, "mute NICK|CLOAK [--for 10m] [REASON]", true, true, true,
     "Refuse what a user says."},
    {AdminAction::Unmute, "unmute NICK|CLOAK", true, false, false, "Lift a mute."},
    {AdminAction::CloseRoom, "close-room ROOM [REASON]", true, true, false,
     "Remove everyone from a room. Nobody can join it until open-room."},
    {AdminAction::OpenRoom, "open-room ROOM", true, false, false, "Open a closed room again."},
    {AdminAction::Stats, "stats", false, false, false, "Show counters of the server."},
    {AdminAction::Motd, "motd [TEXT|-]", false, true, false,
     "Show or set the message of the day. Everyone gets a new one at once, and later users when "
     "they connect. \"\" removes it. - reads it from stdin."},
    {AdminAction::Drain, "drain [--for 30s] [REASON]", false, true, true,
     "Announce the end to everyone and refuse new users. The server stops when all have left, or "
     "after the time of --for."},
    {AdminAction::Op, "op NICK", true, false, false,
     "Make a user an operator, who can use kick, ban, mute and close-room (and their opposites) in "
     "the chat, as !kick and so on."},
    {AdminAction::Deop, "deop NICK", true, false, false, "Make an operator a normal user again."},
    {AdminAction::FreeNick, "free-nick NICK", true, false, false,
     "Release a nick that is reserved for an absent user."},
    {AdminAction::Reload, "reload", false, false, false,
     "Reload the configuration file, the certificate and the password file, and show what "
     "changed."},
    {AdminAction::PurgeRoom, "purge room ROOM [--before DATE]", true, false, false,
     "Delete the messages of a room."},
    {AdminAction::PurgeUser, "purge user NICK|#NUMBER [--before DATE]", true, false, false,
     "Delete the messages of a user: those under this nick, or with #NUMBER under every nick."},
    {AdminAction::RemoveRoom, "remove-room ROOM [REASON]", true, true, false,
     "Delete a room with its messages. Its members leave it."},
    {AdminAction::RemoveFile, "remove-file SHA256|NAME", true, false, false,
     "Delete a stored file."},
};

const Form& formOf(const std::string& name) {
    const auto act = serve::actionNamed(name);
    std::vector<std::string_view> names;
    for (const Form& form : kForms) {
        if (act == form.act) return form;
        names.push_back(serve::actionName(form.act));
    }
    const auto near = nearestWord(name, names);
    throw UsageError("unknown action '" + forLog(name) + "'" +
                     (near.empty() ? "" : "; did you mean " + std::string(near) + "?") +
                     " (netchat ctl --help lists the actions)");
}

std::string allOfStdin() {
    std::string text;
    if (!client::readAll(STDIN_FILENO, limits::kMiB, text)) {
        throw UsageError("standard input cannot be read: " + std::generic_category().message(errno),
                         kExitBadInput);
    }
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// A day, or a moment of it, in UTC.
int64_t readDate(const std::string& text) {
    const auto moment = parseIsoTime(text.size() == 10 ? text + "T00:00:00.000Z"
                                     : text.ends_with("Z") && text.find('.') == std::string::npos
                                         ? text.substr(0, text.size() - 1) + ".000Z"
                                         : text);
    if (moment && *moment > 0) return *moment;
    throw UsageError(
        "--before must be a date such as 2026-11-24, or a time in UTC such as "
        "2026-11-24T05:00:00Z, not '" +
        forLog(text) + "'");
}

// "purge room" is one order's name.
std::vector<std::string> wordsOfOrder(const Arguments& arguments) {
    std::vector<std::string> words = arguments.words();
    if (words.empty() || words[0] != "purge") return words;
    if (words.size() < 2 || (words[1] != "room" && words[1] != "user")) {
        throw UsageError(
            "usage: netchat ctl purge room ROOM [--before DATE], or: netchat ctl purge user "
            "NICK|#NUMBER [--before DATE]");
    }
    words[1] = "purge-" + words[1];
    words.erase(words.begin());
    return words;
}

serve::AdminCommand readOrder(const Arguments& arguments) {
    const auto words = wordsOfOrder(arguments);
    if (words.empty()) throw UsageError("usage: netchat ctl ACTION, such as: netchat ctl who");
    const Form& form = formOf(words[0]);
    const auto wrongUse = [&form] {
        throw UsageError(std::string("usage: netchat ctl ") + form.usage);
    };
    serve::AdminCommand order;
    order.act = form.act;
    size_t next = 1;
    if (form.target) {
        if (words.size() < 2) wrongUse();
        order.target = words[next++];
    }
    if (next < words.size()) {
        if (!form.text) wrongUse();
        std::string text = words[next++];
        for (; next < words.size(); ++next) text += " " + words[next];
        order.text = form.act == AdminAction::Motd && text == "-" ? allOfStdin() : text;
    }
    if (order.text && order.text->size() > kMotdBytesMax) {
        throw UsageError("the text can have at most 8192 bytes");
    }
    if (arguments.has("for")) {
        if (!form.time) throw UsageError("--for can be used only with ban, mute and drain");
        order.forMs = arguments.durationMs("for");
    }
    order.address = arguments.flag("address");
    order.force = arguments.flag("force");
    if (form.act != AdminAction::Ban && (order.address || order.force)) {
        throw UsageError("--address and --force can be used only with ban");
    }
    if (arguments.has("before")) {
        if (form.act != AdminAction::PurgeRoom && form.act != AdminAction::PurgeUser) {
            throw UsageError("--before can be used only with purge");
        }
        order.beforeMs = readDate(arguments.text("before"));
    }
    return order;
}

// ---- the conversation

bool sendAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(size));
    }
    return true;
}

// Lines until the one that ends the answer; an Error where it does not come.
struct Reply {
    std::vector<std::string> lines;  // of rows
    std::vector<Object::Ptr> rows;
    Object::Ptr end;
};

Result<Reply> readReply(int fd) {
    Reply reply;
    std::string bytes;
    char buffer[16384];
    for (;;) {
        for (size_t end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n')) {
            const std::string line = bytes.substr(0, end);
            bytes.erase(0, end + 1);
            try {
                // With the keys in their order, which is that of the columns.
                Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
                auto object = parser.parse(line).extract<Object::Ptr>();
                if (object->has("ok")) {
                    reply.end = object;
                    return reply;
                }
                reply.rows.push_back(object);
                reply.lines.push_back(line);
            } catch (const Poco::Exception&) {
                return Error{ErrorCode::BadValue, "invalid reply from the server"};
            }
        }
        const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return Error{ErrorCode::Timeout, "no reply from the server for a long time"};
        }
        if (size <= 0) {
            return Error{ErrorCode::BadState, "the server exited before it replied"};
        }
        bytes.append(buffer, static_cast<size_t>(size));
    }
}

int printAnswer(const std::string& text) {
    return printOut("netchat ctl", text);
}

int ctlFailed(const std::string& text, int code) {
    std::fprintf(stderr, "netchat ctl: %s\n", forLog(text, 400).c_str());
    return code;
}

int show(const serve::AdminCommand& order, const Reply& reply, bool json) {
    const bool good = reply.end->optValue<bool>("ok", false);
    const std::string text = reply.end->optValue<std::string>("text", "");
    if (!good) {
        // A request that this server does not know is no refusal of what is asked for.
        return ctlFailed(text, kExitNotHeld);
    }
    std::string out;
    if (json) {
        for (const auto& line : reply.lines) out += line + "\n";
        if (serve::isQuestion(order.act)) return printAnswer(out);
        std::ostringstream end;
        reply.end->stringify(end);
        return printAnswer(out + escapedJson(end.str()) + "\n");
    }
    if (order.act == AdminAction::Stats && !reply.rows.empty())
        return printAnswer(listOf(*reply.rows[0]));
    if (serve::isQuestion(order.act)) return printAnswer(tableOf(reply.rows));
    return printAnswer(text.empty() ? text : neutralised(text, true) + "\n");
}

std::filesystem::path folderOf(const Arguments& arguments) {
    if (arguments.has("data")) {
        const std::string data = arguments.text("data");
        if (data == "none") {
            throw UsageError(
                "a server with --data none has no control socket; start it with --data DIR to "
                "manage it");
        }
        return data;
    }
    const auto folder = stateFolder();
    if (folder.empty()) throw UsageError("no home folder; use --data DIR");
    return folder;
}

// Whose server it is, as far as that can be seen.
std::string notAllowed(const std::filesystem::path& folder) {
    struct stat about {};
    const bool known = ::stat(folder.c_str(), &about) == 0;
    const passwd* const owner =
        known ? ::getpwuid(about.st_uid) : nullptr;  // NOLINT(concurrency-mt-unsafe)
    return "permission denied: only the owner of the data folder " + folder.string() +
           (owner ? " ('" + std::string(owner->pw_name) + "')" : "") +
           " and root can manage its server";
}

int runCtl(const Arguments& arguments) {
    const serve::AdminCommand order = readOrder(arguments);
    const auto folder = folderOf(arguments);
    const auto fd = net::connectLocally(folder, "ctl.sock");
    if (!fd && fd.error().code == ErrorCode::BadState) {
        return ctlFailed("no server is running with the data folder " + folder.string() +
                             "; use --data DIR to name another",
                         kExitNoServer);
    }
    if (!fd && fd.error().code == ErrorCode::NotOperator) {
        return ctlFailed(notAllowed(folder), kExitNotHeld);
    }
    if (!fd) return ctlFailed(fd.error().text, kExitNoServer);
    const timeval patience{serve::takesLong(order.act) ? kLongPatienceS : kPatienceS, 0};
    ::setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // Whoever is not let in is told so before anything is asked.
    (void)sendAll(*fd, serve::toJsonLine(order));
    auto reply = readReply(*fd);
    ::close(*fd);
    if (!reply) {
        const bool late = reply.error().code == ErrorCode::Timeout;
        return ctlFailed(reply.error().text, late ? kExitTimedOut : kExitNoServer);
    }
    return show(order, *reply, arguments.flag("json"));
}

std::vector<ActionNote> actionNotes() {
    std::vector<ActionNote> notes;
    for (const Form& form : kForms) notes.push_back({form.usage, form.help});
    return notes;
}

}  // namespace

const Command& ctlCommand() {
    static const Command command = define({
        .name = "ctl",
        .usage = "ACTION [ARGUMENT...]",
        .summary = "manage a running server: list users, kick, ban, mute, drain",
        .description =
            "Sends one command to a server on this machine, through a socket in the server's data "
            "folder. Only root and the owner of that folder can use it.\n\n"
            "A NICK can also be #NUMBER, the user number that who shows. A CLOAK is cloak: and the "
            "cloak that who shows. All users of one address (IPv6: /64) have the same cloak.\n\n"
            "Bans, mutes, closed rooms, operators and the motd survive a restart. audit.log in the "
            "data folder records every action but who, rooms, bans and stats.\n\n"
            "purge also deletes files that no other message announces. People who have read a "
            "deleted message keep their copy. Later readers see a gap.",
        .actions = actionNotes(),
        .groups = {{"Options",
                    {{.name = "data",
                      .argument = "DIR",
                      .help = "Data folder of the server. (default: that of netchat serve)"},
                     {.name = "for",
                      .argument = "DURATION",
                      .help = "ban, mute: how long it holds (default: until it is lifted). drain: "
                              "how long to wait (default: until all have left)."},
                     {.name = "address",
                      .help = "ban NICK: also ban the address from which the nick is connected."},
                     {.name = "force",
                      .help = "ban: allow networks wider than /8 (IPv6: /32), and bans that hit a "
                              "connected operator."},
                     {.name = "before",
                      .argument = "DATE",
                      .help = "purge: only messages before this day or time (UTC), such as "
                              "2026-11-24 or 2026-11-24T05:00:00Z."},
                     {.name = "json",
                      .help = "Print JSON: one line for each row, or one for the result."}}}},
        .wordsMax = 1000,
        .exits = {{kExitOk, "done"},
                  {kExitNotHeld, "refused, with the reason on stderr, or stdout failed"},
                  {kExitNoServer, "no server is running with this data folder"},
                  {kExitTimedOut, "the server does not answer"}},
        .examples = "netchat ctl who\n"
                    "netchat ctl ban 192.0.2.0/24 --for 1h spam\n"
                    "netchat ctl motd - < welcome.txt\n"
                    "netchat ctl drain --for 30s 'an update'\n",
        .run = runCtl,
    });
    return command;
}

}  // namespace netchat::cmd
