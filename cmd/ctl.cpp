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
#include "modes/serve/control_json.h"
#include "protocol/limits.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"
#include "protocol/time_text.h"

namespace netchat::cmd {

namespace {

using Poco::JSON::Object;
using serve::Act;

constexpr size_t kMotdBytesMax = 8192;
constexpr time_t kPatienceS = 30;
// For what goes through the whole log between other work.
constexpr time_t kLongPatienceS = 3600;

struct Form {
    Act act;
    const char* usage;
    bool target, text, time;
};

constexpr Form kForms[] = {
    {Act::Who, "who", false, false, false},
    {Act::Rooms, "rooms", false, false, false},
    {Act::Kick, "kick NICK [REASON]", true, true, false},
    {Act::Ban, "ban ADDRESS|NETWORK|CLOAK|NICK [--address] [--force] [--for 1h] [REASON]", true,
     true, true},
    {Act::Unban, "unban ADDRESS|NETWORK|CLOAK|NICK", true, false, false},
    {Act::Bans, "bans", false, false, false},
    {Act::Mute, "mute NICK|CLOAK [--for 10m] [REASON]", true, true, true},
    {Act::Unmute, "unmute NICK|CLOAK", true, false, false},
    {Act::CloseRoom, "close-room ROOM [REASON]", true, true, false},
    {Act::OpenRoom, "open-room ROOM", true, false, false},
    {Act::Stats, "stats", false, false, false},
    {Act::Motd, "motd [TEXT|-]", false, true, false},
    {Act::Drain, "drain [--for 30s] [REASON]", false, true, true},
    {Act::Op, "op NICK", true, false, false},
    {Act::Deop, "deop NICK", true, false, false},
    {Act::FreeNick, "free-nick NICK", true, false, false},
    {Act::Reload, "reload", false, false, false},
    {Act::PurgeRoom, "purge room ROOM [--before DATE]", true, false, false},
    {Act::PurgeUser, "purge user NICK|#NUMBER [--before DATE]", true, false, false},
    {Act::RemoveRoom, "remove-room ROOM [REASON]", true, true, false},
    {Act::RemoveFile, "remove-file SHA256|NAME", true, false, false},
};

const Form& formOf(const std::string& name) {
    const auto act = serve::actNamed(name);
    std::vector<std::string_view> names;
    for (const Form& form : kForms) {
        if (act == form.act) return form;
        names.push_back(serve::actName(form.act));
    }
    const auto near = nearestWord(name, names);
    throw UsageError("there is no order '" + forLog(name) + "'" +
                     (near.empty() ? "" : "; did you mean " + std::string(near) + "?") +
                     " (netchat ctl --help lists them)");
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
        "--before takes a date such as 2026-11-24, or a moment of it in UTC such as "
        "2026-11-24T05:00:00Z, not '" +
        forLog(text) + "'");
}

// "purge room" is one order's name.
std::vector<std::string> wordsOf(const Arguments& arguments) {
    std::vector<std::string> words = arguments.words();
    if (words.empty() || words[0] != "purge") return words;
    if (words.size() < 2 || (words[1] != "room" && words[1] != "user")) {
        throw UsageError(
            "it is used as: netchat ctl purge room ROOM [--before DATE], or: netchat "
            "ctl purge user NICK|#NUMBER [--before DATE]");
    }
    words[1] = "purge-" + words[1];
    words.erase(words.begin());
    return words;
}

serve::Order readOrder(const Arguments& arguments) {
    const auto words = wordsOf(arguments);
    if (words.empty()) throw UsageError("what to do is needed, such as: netchat ctl who");
    const Form& form = formOf(words[0]);
    const auto wrongUse = [&form] {
        throw UsageError(std::string("it is used as: netchat ctl ") + form.usage);
    };
    serve::Order order;
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
        order.text = form.act == Act::Motd && text == "-" ? allOfStdin() : text;
    }
    if (order.text && order.text->size() > kMotdBytesMax) {
        throw UsageError("a text has at most 8192 bytes here");
    }
    if (arguments.has("for")) {
        if (!form.time) throw UsageError("--for goes with ban, mute and drain only");
        order.forMs = arguments.durationMs("for");
    }
    order.address = arguments.flag("address");
    order.force = arguments.flag("force");
    if (form.act != Act::Ban && (order.address || order.force)) {
        throw UsageError("--address and --force go with ban only");
    }
    if (arguments.has("before")) {
        if (form.act != Act::PurgeRoom && form.act != Act::PurgeUser) {
            throw UsageError("--before goes with purge only");
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
                return Error{ErrorCode::BadText, "the server answers what is no answer"};
            }
        }
        const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return Error{ErrorCode::Timeout, "the server has not answered for a long time"};
        }
        if (size <= 0) {
            return Error{ErrorCode::BadState, "the server ended before it answered"};
        }
        bytes.append(buffer, static_cast<size_t>(size));
    }
}

int print(const std::string& text) {
    return printOut("netchat ctl", text);
}

int complain(const std::string& text, int code) {
    std::fprintf(stderr, "netchat ctl: %s\n", forLog(text, 400).c_str());
    return code;
}

int show(const serve::Order& order, const Reply& reply, bool json) {
    const bool good = reply.end->optValue<bool>("ok", false);
    const std::string text = reply.end->optValue<std::string>("text", "");
    if (!good) {
        // A request that this server does not know is no refusal of what is asked for.
        return complain(text, kExitNotHeld);
    }
    std::string out;
    if (json) {
        for (const auto& line : reply.lines) out += line + "\n";
        if (serve::isQuestion(order.act)) return print(out);
        std::ostringstream end;
        reply.end->stringify(end);
        return print(out + escapedJson(end.str()) + "\n");
    }
    if (order.act == Act::Stats && !reply.rows.empty()) return print(listOf(*reply.rows[0]));
    if (serve::isQuestion(order.act)) return print(tableOf(reply.rows));
    return print(text.empty() ? text : neutralised(text, true) + "\n");
}

std::filesystem::path folderOf(const Arguments& arguments) {
    if (arguments.has("data")) {
        const std::string data = arguments.text("data");
        if (data == "none") {
            throw UsageError(
                "a server with --data none has no folder for a control socket; start it with "
                "--data DIR to operate it");
        }
        return data;
    }
    const auto folder = stateFolder();
    if (folder.empty()) throw UsageError("there is no home folder: say with --data DIR where");
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
           " and root may give orders to its server";
}

int run(const Arguments& arguments) {
    const serve::Order order = readOrder(arguments);
    const auto folder = folderOf(arguments);
    const auto fd = net::connectLocally(folder, "ctl.sock");
    if (!fd && fd.error().code == ErrorCode::BadState) {
        return complain("no server is running with the data folder " + folder.string() +
                            "; --data DIR says which one is meant",
                        kExitNoServer);
    }
    if (!fd && fd.error().code == ErrorCode::NotOperator) {
        return complain(notAllowed(folder), kExitNotHeld);
    }
    if (!fd) return complain(fd.error().text, kExitNoServer);
    const timeval patience{serve::takesLong(order.act) ? kLongPatienceS : kPatienceS, 0};
    ::setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // Whoever is not let in is told so before anything is asked.
    (void)sendAll(*fd, serve::toJsonLine(order));
    auto reply = readReply(*fd);
    ::close(*fd);
    if (!reply) {
        const bool late = reply.error().code == ErrorCode::Timeout;
        return complain(reply.error().text, late ? kExitTimedOut : kExitNoServer);
    }
    return show(order, *reply, arguments.flag("json"));
}

std::string usages() {
    std::string all;
    for (const Form& form : kForms) all += std::string(all.empty() ? "" : "; ") + form.usage;
    return all;
}

}  // namespace

const Command& ctlCommand() {
    static const std::string description =
        "Gives an order to the server that is running with the data folder, over a socket in it "
        "that only its owner can use. Orders: " +
        usages() +
        ". A NICK may be #NUMBER, the user's as who shows it; a CLOAK is cloak: and what who "
        "shows, "
        "which is the same for everybody of one address (IPv4, or IPv6 /64). A ban of an address, "
        "a network or a cloak holds for who is here and who comes; one of a nick also for nicks "
        "that look like it, and for the user behind it, whatever they are called later; what "
        "a muted user says is refused; who is in a closed room is sent out of it, and nobody "
        "enters it before open-room; a motd is told to everyone now and to who comes, \"\" ends "
        "it and - reads it from stdin; reload reads the configuration file, the certificate and "
        "the password file again, as SIGHUP does, and says what has changed; drain lets nobody in, "
        "tells everyone, and ends the server "
        "when they have left or after the time. purge takes out what was said in a room, or by a "
        "user (as a NICK: under it; as #NUMBER: under every nick), with files that nothing else "
        "announces: its numbers are never given again, readers are told of a gap, and who has read "
        "it keeps it. remove-room does so with a whole room, whose members leave it, and "
        "remove-file takes the bytes out of the store. An operator (op) has the orders from kick "
        "to "
        "open-room in the chat, as !kick and so on. What is ruled survives restarts; every "
        "order but the questions is in the folder's audit.log.";
    static const Command command = define({
        .name = "ctl",
        .usage = "ORDER [WHOM|WHAT] [REASON]",
        .summary = "operate a running server: who is there, kick, ban, mute, drain",
        .description = description.c_str(),
        .groups = {{"Options",
                    {{.name = "data",
                      .argument = "DIR",
                      .help = "the server's data folder (default: as of netchat serve)"},
                     {.name = "for",
                      .argument = "DURATION",
                      .help = "how long a ban or a mute holds (default: until it is taken back), "
                              "or drain waits (default: until all have left)"},
                     {.name = "address",
                      .help = "with a ban of a nick: also of the address of who has it now"},
                     {.name = "force",
                      .help = "ban what is wider than /8 (IPv6: /32), or concerns an operator who "
                              "is here"},
                     {.name = "before",
                      .argument = "DATE",
                      .help = "purge only what is older: a day or a moment of it, in UTC"},
                     {.name = "json",
                      .help = "JSON instead: a line for each row, or one for what was done"}}}},
        .wordsMax = 1000,
        .exits = {{kExitOk, "done, or answered"},
                  {kExitNotHeld, "refused, or stdout cannot be written: stderr says why"},
                  {kExitNoServer, "no server is running there"},
                  {kExitTimedOut, "the server does not answer"}},
        .examples = "netchat ctl who\n"
                    "netchat ctl ban 192.0.2.0/24 --for 1h spam\n"
                    "netchat ctl motd - < welcome.txt\n"
                    "netchat ctl reload\n"
                    "netchat ctl purge room lobby --before 2026-01-01\n"
                    "netchat ctl drain --for 30s 'an update'\n",
        .run = run,
    });
    return command;
}

}  // namespace netchat::cmd
