// netchat connect: options into connect::Chat::Options, the views for stdout and stderr, and the
// outcome into an exit code.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "cmd/arguments.h"
#include "cmd/classic_format.h"
#include "cmd/commands.h"
#include "cmd/downloads_folder.h"
#include "cmd/environment.h"
#include "cmd/reconnecting.h"
#include "cmd/screen_settings.h"
#include "cmd/secrets.h"
#include "cmd/signals.h"
#include "cmd/trusting.h"
#include "modes/client/reader_watch.h"
#include "modes/client/write_wait.h"
#include "modes/connect/chat.h"
#include "modes/connect/json_view.h"
#include "modes/connect/plain_view.h"
#include "modes/connect/screen/app.h"
#include "modes/connect/screen/edited_lines.h"
#include "modes/connect/screen/terminal/terminfo_capabilities.h"
#include "modes/connect/typed_lines.h"
#include "modes/net/address.h"
#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::cmd {

namespace {

// What somebody who comes to a terminal wants to know of what was said before.
constexpr unsigned kHistoryAtTerminal = 50;

// Who is logged in, if that is a nick.
std::string defaultNick() {
    const std::string user = environment("USER");
    return checkNick(user) ? user : "guest";
}

net::ServerLink readServerWord(const Arguments& arguments) {
    const net::HostPort fallback{arguments.text("ip"), arguments.port("port")};
    if (arguments.words().empty()) return {fallback, {}, {}};
    bool portSaid = false;
    auto link = parseServer(arguments.words()[0], portSaid);
    if (!link) throw UsageError(link.error().text);
    // HOST alone: its port may be said by the option or the environment.
    if (!portSaid) link->where.port = fallback.port;
    return *link;
}

void checkDialect(const Arguments& arguments, const connect::Chat::Options& options) {
    const auto& client = options.client;
    const Status nick = client.classic ? checkClassicName(client.nick) : checkNick(client.nick);
    if (!nick) throw UsageError("--nick: " + nick.error().text + "; choose one with --nick NAME");
    if (const auto room = checkRoom(options.room); !room) arguments.refuse("room", room.error());
    if (client.classic && options.room != kLobby) {
        arguments.reject("room", "must be lobby with --classic, which has no other rooms");
    }
}

void readMemory(const SinceWhen& since, connect::Chat::Options& options) {
    auto memory = client::recall(since.since, since.stateFolder, options.client,
                                 [](const std::string& notice) {
                                     std::fprintf(stderr, "netchat connect: %s\n", notice.c_str());
                                 });
    if (!memory) throw UsageError("--since last: " + memory.error().text);
    if (*memory) options.memory = std::make_shared<client::StateFile>(std::move(**memory));
}

// A full screen goes on where the last one ended, as long as nobody says otherwise and nobody else
// does: a second one of the same user's begins now.
SinceWhen goOn(const Arguments& arguments, SinceWhen since, bool screen,
               connect::Chat::Options& options) {
    const bool goesOn = screen && !arguments.given("since") && !arguments.flag("classic");
    if (goesOn && !since.stateFolder.empty()) {
        since.since.from = client::Since::From::Last;
        try {
            readMemory(since, options);
            return since;
        } catch (const UsageError&) {
            since.since.from = client::Since::From::Now;
        }
    }
    readMemory(since, options);
    return since;
}

// Where files go. At a terminal it has a folder of its own unless told otherwise, which is made
// when the first file comes; in a pipe nobody has asked for files, and none is received.
void readDownloads(const Arguments& arguments, connect::Chat::Options& options) {
    auto& client = options.client;
    client.autoDownloadBytes = arguments.sizeBytes("auto-download");
    client.autoDownloadTotalBytes = arguments.sizeBytes("auto-download-total");
    options.tellsDownloads = !arguments.has("downloads");
    if (options.tellsDownloads) {
        client.downloads = options.atTerminal ? downloadsFolder() : std::string();
        return;
    }
    client.downloads = arguments.text("downloads");
    std::error_code made, ignored;
    std::filesystem::create_directories(client.downloads, made);
    if (!std::filesystem::is_directory(client.downloads, ignored)) {
        arguments.reject("downloads", "must be a folder, or a path where one can be created" +
                                          (made ? " (" + made.message() + ")" : std::string()));
    }
}

connect::Chat::Options readChatOptions(const Arguments& arguments, bool screen) {
    connect::Chat::Options options;
    auto& client = options.client;
    const net::ServerLink link = readServerWord(arguments);
    client.server = link.where;
    client.trust = readTrust(arguments, link);
    client.classic = arguments.flag("classic");
    client.guest = arguments.flag("guest");
    client.nick = arguments.has("nick") ? arguments.text("nick") : defaultNick();
    const ClassicFormat format = readClassicFormat(arguments);
    client.headerWidth = format.headerWidth;
    client.encoding = format.encoding;
    options.room =
        arguments.given("room") || link.room.empty() ? arguments.text("room") : link.room;
    options.home = environment("HOME");
    options.atTerminal = ::isatty(STDIN_FILENO) == 1;
    options.commands = options.atTerminal || arguments.flag("commands");
    readDownloads(arguments, options);
    options.historyEntries = options.atTerminal ? kHistoryAtTerminal : 0;
    if (arguments.has("history")) {
        options.historyEntries =
            static_cast<unsigned>(arguments.number("history", 0, limits::kHistoryEntriesMax));
    }
    client.reconnect = readReconnect(arguments);
    readDeadAfter(arguments, client);
    checkDialect(arguments, options);
    const SinceWhen since = readSince(arguments);
    meetServer(arguments, since.stateFolder, client);
    readPassword(arguments, client);
    options.since = goOn(arguments, since, screen, options).since;
    return options;
}

// `row`: null where the terminal itself shows what is typed.
std::unique_ptr<connect::View> makeView(bool json, connect::InputRow* row,
                                        client::WriteWait* wait) {
    if (json) return std::make_unique<connect::JsonView>(STDOUT_FILENO, STDERR_FILENO, wait);
    connect::PlainView::Terminal terminal;
    terminal.row = row;
    terminal.err = ::isatty(STDERR_FILENO) == 1;
    terminal.echoes = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
    return std::make_unique<connect::PlainView>(STDOUT_FILENO, STDERR_FILENO, terminal, wait);
}

// At a terminal a refusal was seen and answered; in a pipe the exit code has to say it.
int exitCode(connect::Chat::Outcome outcome) {
    const bool typed = ::isatty(STDIN_FILENO) == 1;
    switch (outcome) {
        case connect::Chat::Outcome::Done:
            return kExitOk;
        case connect::Chat::Outcome::NoServer:
            return kExitNoServer;
        case connect::Chat::Outcome::FileFailed:
            return typed ? kExitOk : kExitFile;
        case connect::Chat::Outcome::Incomplete:
            return typed ? kExitOk : kExitNotHeld;
    }
    return kExitOurFault;
}

// Null where lines are what is wanted, or all that the terminal can show.
std::unique_ptr<connect::Terminal> openScreen(const Arguments& arguments, bool color) {
    const bool mouse = arguments.oneOf("mouse", {"on", "off"}) == "on";
    const bool lines = arguments.flag("plain") || arguments.flag("json");
    const std::string type = environment("TERM");
    const bool dumb = type.empty() || type == "dumb";
    if (lines || dumb || ::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return {};
    auto terminal = connect::Terminal::open({.color = color, .mouse = mouse});
    if (terminal) {
        const std::string& note = (*terminal)->note();
        if (!note.empty()) std::fprintf(stderr, "netchat connect: %s\n", note.c_str());
        return std::move(*terminal);
    }
    std::fprintf(stderr, "netchat connect: cannot use the full screen: %s\n",
                 terminal.error().text.c_str());
    return {};
}

// Beside the state of the same user. Empty: a run that does not go on from another leaves nothing,
// too.
std::string memoryFileOf(const connect::Chat::Options& options) {
    if (!options.memory || options.since.from != client::Since::From::Last) return {};
    namespace fs = std::filesystem;
    const fs::path folder =
        client::StateFile::folder(environment("XDG_STATE_HOME"), environment("HOME"));
    const auto named = [&](const std::string& server) {
        return folder / (safeFileName(server + "-" + options.client.nick) + ".screen");
    };
    const auto ofPlace = [&](const net::HostPort& place) {
        return named(place.host + "_" + std::to_string(place.port));
    };
    const std::string& print = options.client.serverFingerprint;
    if (print.empty()) return ofPlace(options.client.server);
    // It follows the server; a run that met it first could only name its address.
    constexpr size_t kShown = 7 + 12;
    const fs::path file = named(print.substr(0, kShown));
    std::error_code error;
    for (const net::HostPort& place : options.client.formerAddresses) {
        const fs::path former = ofPlace(place);
        if (!fs::exists(file, error) && fs::exists(former, error)) fs::rename(former, file, error);
    }
    return file;
}

int runScreen(const Arguments& arguments, connect::Chat::Options options,
              const connect::Settings& settings, connect::Terminal& terminal, bool color) {
    const std::string memoryFile = memoryFileOf(options);
    const bool roomSaid = arguments.given("room") || options.room != kLobby;
    net::EventLoop loop;
    int signal = 0;
    std::optional<connect::ScreenApp> app;
    const SignalWatcher signals(loop,
                                [&](int number) {
                                    if (number == SIGWINCH) return app->windowChanged();
                                    if (number == SIGTSTP) return app->stopped();
                                    if (number == SIGCONT) return app->continued();
                                    signal = number;
                                    loop.stop();
                                },
                                {SIGWINCH, SIGTSTP, SIGCONT});
    app.emplace(loop,
                connect::ScreenApp::Options{.client = std::move(options.client),
                                            .room = std::move(options.room),
                                            .home = std::move(options.home),
                                            .historyEntries = options.historyEntries,
                                            .since = options.since,
                                            .memory = std::move(options.memory),
                                            .tellsDownloads = options.tellsDownloads,
                                            .settings = settings,
                                            .memoryFile = memoryFile,
                                            .anyRoom = !roomSaid,
                                            .settingsFile = arguments.text("config"),
                                            .color = color,
                                            .mouse = arguments.text("mouse") == "on"},
                terminal);
    const auto outcome = app->run();
    if (!outcome.last.empty()) {
        std::fprintf(stderr, "netchat connect: %s\n", outcome.last.c_str());
    }
    const int code = signal != 0 ? 128 + signal : outcome.inOrder ? kExitOk : kExitNoServer;
    if (outcome.hangs) ::_exit(code);
    app.reset();
    return code;
}

int runLines(bool json, connect::Chat::Options options) {
    net::EventLoop loop;
    int signal = 0;
    const bool edits = !json && connect::EditedLines::fits(STDIN_FILENO, STDOUT_FILENO);
    std::optional<connect::EditedLines> edited;
    const auto onSignal = [&](int number) {
        if (number == SIGTSTP) return edited->stopped();
        if (number == SIGCONT) return edited->continued();
        signal = number;
        loop.stop();
    };
    std::optional<SignalWatcher> signals;
    if (edits) {
        signals.emplace(loop, onSignal, std::initializer_list<int>{SIGTSTP, SIGCONT});
        const bool marks = connect::TerminfoCapabilities::marksPastes(environment("TERM"));
        edited.emplace(loop, STDIN_FILENO, STDOUT_FILENO, marks);
    } else {
        signals.emplace(loop, onSignal);
    }
    connect::TypedLines typed(loop, STDIN_FILENO);
    // At a terminal a key that stops its output must not be taken for a reader that has gone.
    client::WriteWait wait;
    if (!edits) wait.urgent({signals->fd(), [&] { signals->take(); }});
    const auto view = makeView(json, edited ? &*edited : nullptr, edits ? nullptr : &wait);
    connect::Input* const input = edited ? static_cast<connect::Input*>(&*edited) : &typed;
    connect::Chat chat(loop, std::move(options), *view, *input);
    std::optional<client::ReaderWatch> reader;
    if (::isatty(STDOUT_FILENO) != 1) {
        reader.emplace(loop, STDOUT_FILENO, [&] { chat.readerGone(); });
    }
    chat.start();
    loop.run();
    view->flush();
    return signal == 0 ? exitCode(chat.outcome()) : 128 + signal;
}

int runConnect(const Arguments& arguments) {
    const bool color = environment("NO_COLOR").empty();
    const auto terminal = openScreen(arguments, color);
    auto options = readChatOptions(arguments, terminal != nullptr);
    // What is wrong in a configuration is wrong for every face.
    const connect::Settings settings = readSettings(arguments);
    if (terminal) {
        return runScreen(arguments, std::move(options), settings, *terminal, color);
    }
    return runLines(arguments.flag("json"), std::move(options));
}

}  // namespace

const Command& connectCommand() {
    static const Command command = define({
        .name = "connect",
        .usage = "[HOST[:PORT]|LINK]",
        .summary = "chat and share files, at a terminal or in a pipe",
        .description =
            "Joins a room and sends each line of its input to it. LINK is the netchat:// address "
            "that netchat serve prints.\n\n"
            "At a terminal you get a full screen, which continues where your last run ended. Lines "
            "that begin with '!' are commands: !help lists them, !exit leaves.\n\n"
            "In a pipe every line is sent as it is, unless --commands is given. stdout has one "
            "line per event. Status, errors and progress go to stderr. A terminal gets the same "
            "lines with --plain or TERM=dumb. At the end of the input connect waits until the "
            "server has stored every message and all files have arrived. Then it leaves.\n\n"
            "Connections use TLS. A server is recognised by its certificate (see netchat known).",
        .groups = {{"Server and room",
                    {{.name = "nick",
                      .shortName = "n",
                      .argument = "NAME",
                      .help = "Your name in the chat. (default: $USER)"},
                     {.name = "room",
                      .shortName = "r",
                      .argument = "ROOM",
                      .fallback = "lobby",
                      .help = "Room to join first."},
                     {.name = "ip",
                      .argument = "HOST",
                      .fallback = "127.0.0.1",
                      .help = "Server to connect to, if no HOST is given.",
                      .environment = "IP"},
                     {.name = "port",
                      .shortName = "p",
                      .argument = "PORT",
                      .fallback = "6121",
                      .help = "Port of the server, if no :PORT is given.",
                      .environment = "PORT"},
                     {.name = "history",
                      .argument = "N",
                      .help = "Show the last N messages of the room. (default: 50 at a terminal, "
                              "0 in a pipe)"},
                     kScreenSinceOption}},
                   {"Files",
                    {{.name = "downloads",
                      .argument = "DIR",
                      .help = "Folder for received files. In a pipe no files are received without "
                              "it. (default at a terminal: netchat in your downloads folder)"},
                     {.name = "auto-download",
                      .argument = "SIZE",
                      .fallback = "64MiB",
                      .help = "Download files up to this size automatically. Get larger ones with "
                              "!get."},
                     {.name = "auto-download-total",
                      .argument = "SIZE",
                      .fallback = "1GiB",
                      .help = "Limit for automatic downloads in one run. One sender can use a "
                              "quarter of it. Get the rest with !get."}}},
                   {"Input and output",
                    {{.name = "commands",
                      .help =
                          "In a pipe, treat lines that begin with '!' as commands. Begin a line "
                          "with !! to say a '!'."},
                     {.name = "plain", .help = "Print plain lines, also at a terminal."},
                     {.name = "json",
                      .help = "Print JSON lines on stdout instead, one object per event."},
                     {.name = "mouse",
                      .argument = "on|off",
                      .fallback = "on",
                      .help = "on: the wheel scrolls the screen. Select text with Shift held down, "
                              "or after M-l."}}},
                   screenOptions(),
                   configurationOptions(),
                   {"Security", {kPasswordFileOption, kTlsCaOption, kInsecureOption, kGuestOption}},
                   {"Lost connections", {kReconnectOption, kReconnectForOption, kDeadAfterOption}},
                   {"Classic protocol",
                    {{.name = "classic", .help = "Connect with the original chat's protocol."},
                     kHeaderOption,
                     kEncodingOption}}},
        .wordsMax = 1,
        .exits = {{kExitOk, "left normally"},
                  {kExitNotHeld,
                   "part of the input was refused, or stdout failed (only in a pipe)"},
                  {kExitNoServer, "could not connect, was refused, or lost the server for good"},
                  {kExitFile, "a file could not be sent or received (only in a pipe)"},
                  {kExitInterrupted, "Ctrl-C, except on the full screen"},
                  {kExitTerminated, "SIGTERM"}},
        .examples = "netchat connect 192.168.1.7 --nick alice\n"
                    "git log -5 --oneline | netchat connect --nick ci\n"
                    "netchat connect --classic --encoding cp1251 old-server:6121\n",
        .run = runConnect,
    });
    return command;
}

}  // namespace netchat::cmd
