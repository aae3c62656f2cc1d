// netchat bot: options into bot::BotOptions, which say what mode it runs in.

#include <unistd.h>

#include <algorithm>
#include <string>

#include "cmd/arguments.h"
#include "cmd/classic_format.h"
#include "cmd/commands.h"
#include "cmd/reconnecting.h"
#include "cmd/secrets.h"
#include "cmd/signals.h"
#include "cmd/trusting.h"
#include "modes/bot/bot.h"
#include "modes/net/address.h"
#include "modes/net/clock.h"
#include "protocol/names.h"

namespace netchat::cmd {

namespace {

bot::Mode readMode(const Arguments& arguments) {
    const bool upload = arguments.has("upload");
    const bool script = !upload && !arguments.words().empty();
    const bool input = arguments.has("stdin");
    const bool listen = arguments.flag("listen");
    if (script && (input || listen)) {
        throw UsageError("'" + arguments.words().front() +
                         "' is read as a SCRIPT, which cannot be used with --" +
                         (input ? "stdin" : "listen") + "; name a server with --server");
    }
    if (script + input + listen + upload != 1) {
        throw UsageError(
            "choose exactly one of: a SCRIPT (- for stdin), --stdin lines, --stdin jsonl, "
            "--listen, --upload FILE");
    }
    if (upload) return bot::Mode::Upload;
    if (script) return bot::Mode::Script;
    if (listen) return bot::Mode::Listen;
    return arguments.oneOf("stdin", {"lines", "jsonl"}) == "lines" ? bot::Mode::Lines
                                                                   : bot::Mode::Jsonl;
}

// Without --server: the host and the port that the environment or a file says.
net::ServerLink readServerOption(const Arguments& arguments) {
    if (!arguments.has("server")) return {{arguments.text("ip"), arguments.port("port")}, {}, {}};
    bool portSaid = false;
    auto link = parseServer(arguments.text("server"), portSaid);
    if (!link) arguments.refuse("server", link.error());
    return *link;
}

std::vector<std::string> readRooms(const Arguments& arguments, bool classic) {
    std::vector<std::string> rooms;
    for (const std::string& list : arguments.list("room")) {
        for (size_t from = 0; from <= list.size();) {
            const size_t comma = std::min(list.find(',', from), list.size());
            rooms.push_back(list.substr(from, comma - from));
            from = comma + 1;
        }
    }
    for (const std::string& room : rooms) {
        if (const auto good = checkRoom(room); !good) arguments.refuse("room", good.error());
        if (classic && room != kLobby) {
            arguments.reject("room", "must be lobby with --classic, which has no other rooms");
        }
    }
    return rooms;
}

bot::Variables readVariables(const Arguments& arguments) {
    bot::Variables variables;
    for (const std::string& text : arguments.list("var")) {
        const auto assignment = bot::parseAssignment(text);
        if (!assignment) arguments.refuse("var", assignment.error());
        variables[assignment->first] = assignment->second;
    }
    return variables;
}

// A script names its bots itself.
void readNick(const Arguments& arguments, bot::BotOptions& options) {
    if (options.mode == bot::Mode::Script) {
        if (arguments.has("nick")) {
            throw UsageError("--nick cannot be used with a script, which names its own bots");
        }
        return;
    }
    if (!arguments.has("nick")) throw UsageError("--nick NAME is required without a script");
    client::Options& client = options.client;
    client.nick = arguments.text("nick");
    const Status good = client.classic ? checkClassicName(client.nick) : checkNick(client.nick);
    if (!good) arguments.refuse("nick", good.error());
}

void readListening(const Arguments& arguments, bot::BotOptions& options) {
    if (options.mode != bot::Mode::Listen) {
        for (const char* option : {"count", "json", "match", "from"}) {
            if (arguments.has(option)) {
                throw UsageError("--" + std::string(option) + " requires --listen");
            }
        }
        return;
    }
    if (arguments.has("count")) {
        options.listen.count = static_cast<uint64_t>(arguments.number("count", 0, 1'000'000'000));
    }
    options.listen.json = arguments.flag("json");
    auto filter = bot::HeardFilter::make(arguments.list("match"), arguments.list("from"));
    if (!filter) arguments.refuse("match", filter.error());
    options.listen.filter = std::move(*filter);
}

// What was acknowledged is where the next run goes on, so that is what it is to begin with.
void readAcks(const Arguments& arguments, bot::BotOptions& options) {
    options.acks = arguments.flag("ack");
    if (!options.acks) return;
    if (options.mode != bot::Mode::Jsonl) throw UsageError("--ack requires --stdin jsonl");
    if (options.client.classic) {
        throw UsageError("--ack cannot be used with --classic: a classic server keeps no messages");
    }
    if (options.client.guest) {
        throw UsageError("--ack cannot be used with --guest: nothing is stored for a guest");
    }
    if (arguments.given("since") && options.since.from != client::Since::From::Last) {
        throw UsageError(
            "--ack continues after the last acknowledged event; --since can only be last");
    }
    options.since.from = client::Since::From::Last;
    if (options.stateFolder.empty()) {
        throw UsageError("--ack needs XDG_STATE_HOME or HOME to store acknowledgements");
    }
}

// --upload takes one value; what follows it, as a shell's `*` makes of it, are words.
void readUploads(const Arguments& arguments, bot::BotOptions& options) {
    if (options.mode != bot::Mode::Upload) {
        if (arguments.has("as")) throw UsageError("--as requires --upload");
        if (arguments.words().size() > 1) {
            throw UsageError("unexpected '" + arguments.words()[1] + "'");
        }
        return;
    }
    options.uploads = arguments.list("upload");
    options.uploads.insert(options.uploads.end(), arguments.words().begin(),
                           arguments.words().end());
    options.uploadAs = arguments.has("as") ? arguments.text("as") : "";
    const auto& uploads = options.uploads;
    const bool input = std::find(uploads.begin(), uploads.end(), "-") != uploads.end();
    if (input && uploads.size() > 1) throw UsageError("--upload - cannot be used with other files");
    if (input && options.uploadAs.empty()) {
        throw UsageError("--upload - needs a name for the file: --as NAME");
    }
    if (!options.uploadAs.empty() && uploads.size() > 1) {
        throw UsageError("--as names one file, not " + std::to_string(uploads.size()));
    }
    if (options.uploadAs.empty()) return;
    if (const Status good = checkFileName(options.uploadAs); !good) {
        arguments.refuse("as", good.error());
    }
}

bot::BotOptions readBotOptions(const Arguments& arguments) {
    bot::BotOptions options;
    options.mode = readMode(arguments);
    if (options.mode == bot::Mode::Script) options.script = arguments.words()[0];
    client::Options& client = options.client;
    const net::ServerLink link = readServerOption(arguments);
    client.server = link.where;
    client.trust = readTrust(arguments, link);
    client.classic = arguments.flag("classic");
    client.guest = arguments.flag("guest");
    const ClassicFormat format = readClassicFormat(arguments);
    client.headerWidth = format.headerWidth;
    client.encoding = format.encoding;
    client.autoDownloadBytes = arguments.sizeBytes("auto-download");
    client.reconnect = readReconnect(arguments);
    readDeadAfter(arguments, client);
    const SinceWhen since = readSince(arguments);
    options.since = since.since;
    options.stateFolder = since.stateFolder;
    readNick(arguments, options);
    readListening(arguments, options);
    readAcks(arguments, options);
    readUploads(arguments, options);
    options.rooms = readRooms(arguments, client.classic);
    options.variables = readVariables(arguments);
    options.timeoutMs = arguments.durationMs("timeout");
    if (arguments.has("deadline")) options.deadlineMs = arguments.durationMs("deadline");
    options.downloads = arguments.has("downloads") ? arguments.text("downloads") : "";
    options.verbose = arguments.flag("verbose");
    meetServer(arguments, since.stateFolder, client);
    readPassword(arguments, client);
    return options;
}

int runBot(const Arguments& arguments) {
    const int64_t begunMs = net::monotonicMs();
    auto options = readBotOptions(arguments);
    options.begunMs = begunMs;
    net::EventLoop loop;
    bot::Interrupt interrupt;
    // The first signal says bye; who cannot wait for that sends another.
    SignalWatcher signals(loop, [&, told = false](int signal) mutable {
        if (told || !interrupt) ::_exit(128 + signal);
        told = true;
        interrupt(signal);
    });
    return bot::runBot(loop, options, interrupt, {signals.fd(), [&] { signals.take(); }});
}

}  // namespace

const Command& botCommand() {
    static const Command command = define({
        .name = "bot",
        .usage = "[SCRIPT|-|--upload FILE...]",
        .summary = "run scripted users: send, wait for messages, exchange files",
        .description =
            "Runs SCRIPT (- for stdin), which controls one or more bots. It runs one step after "
            "the other. A script can send messages and files, wait for events, print variables, "
            "and set the exit code. modes/bot/README.md describes the language.\n\n"
            "Without a script, choose one of --stdin, --upload and --listen.",
        .groups =
            {{"Server and rooms",
              {{.name = "server",
                .shortName = "s",
                .argument = "HOST[:PORT]|LINK",
                .help = "Server to connect to. LINK is the netchat:// address that netchat serve "
                        "prints. (default: --ip and --port)"},
               {.name = "nick",
                .shortName = "n",
                .argument = "NAME",
                .help = "Nick of the bot. Required without a script. A script names its own "
                        "bots."},
               {.name = "room",
                .shortName = "r",
                .argument = "ROOM[,...]",
                .fallback = "lobby",
                .help = "Rooms to join. A script can choose others.",
                .repeatable = true},
               {.name = "ip",
                .argument = "HOST",
                .fallback = "127.0.0.1",
                .help = "Server to connect to, if --server is not given.",
                .environment = "IP"},
               {.name = "port",
                .shortName = "p",
                .argument = "PORT",
                .fallback = "6121",
                .help = "Port of the server, if --server is not given.",
                .environment = "PORT"}}},
             {"With a script",
              {{.name = "var",
                .argument = "NAME=VALUE",
                .help = "Set a variable. The script reads it as $NAME.",
                .repeatable = true},
               {.name = "verbose", .shortName = "v", .help = "Print each step when it begins."}}},
             {"Without a script",
              {{.name = "stdin",
                .argument = "lines|jsonl",
                .help = "lines: send each line of stdin as a message. jsonl: run each line of "
                        "stdin as a command in JSON."},
               {.name = "ack",
                .help = "With --stdin jsonl: deliver events again in the next run until the "
                        "program acknowledges them."},
               {.name = "upload",
                .argument = "FILE...",
                .help = "Upload these files, and the files in these folders. -: stdin.",
                .repeatable = true},
               {.name = "as",
                .argument = "NAME",
                .help = "With --upload: the name of the file on the server."},
               {.name = "listen", .help = "Print what the bot receives."},
               {.name = "match",
                .argument = "/REGEX/|GLOB",
                .help = "With --listen: only messages that match /REGEX/ and files whose names "
                        "match GLOB. Such files are downloaded at any size. If given several "
                        "times, one match is enough.",
                .repeatable = true},
               {.name = "from",
                .argument = "NICK",
                .help = "With --listen: only from this nick. If given several times, from any of "
                        "them.",
                .repeatable = true},
               {.name = "count",
                .argument = "N",
                .help = "With --listen: leave after N messages and files from others. With "
                        "--match or --from only matching ones count. 0: leave once the rooms are "
                        "joined, so that the next run with --since last starts there."},
               {.name = "json", .help = "With --listen: print JSON lines, one object per event."}}},
             {"All modes",
              {{.name = "timeout",
                .argument = "DURATION",
                .fallback = "5s",
                .help = "How long to wait for an expected event or a reply of the server."},
               {.name = "deadline",
                .argument = "DURATION",
                .help = "End the run after this time in any case, with exit code 4. --listen "
                        "without --count exits with 0 if it had joined its rooms."},
               kSinceOption,
               {.name = "downloads",
                .argument = "DIR",
                .help = "Folder for received files. (default: a temporary folder, deleted at the "
                        "end)"},
               {.name = "auto-download",
                .argument = "SIZE",
                .fallback = "64MiB",
                .help = "Download files up to this size automatically. Get larger ones with the "
                        "command get."}}},
             {"Security", {kPasswordFileOption, kTlsCaOption, kInsecureOption, kGuestOption}},
             {"Lost connections", {kReconnectOption, kReconnectForOption, kDeadAfterOption}},
             {"Classic protocol",
              {{.name = "classic", .help = "Connect with the original chat's protocol."},
               kHeaderOption,
               kEncodingOption}}},
        .wordsMax = 100'000,
        .exits = {{kExitOk, "done: every step succeeded, or enough was received"},
                  {kExitNotHeld,
                   "an expectation or a comparison failed, a step was refused, or stdout failed"},
                  {kExitInconclusive, "events were dropped, so an expectation cannot be judged"},
                  {kExitNoServer, "could not connect, was refused, or lost the server"},
                  {kExitTimedOut, "an expected event did not come in time"},
                  {kExitFile, "a file could not be sent, received or read"},
                  {kExitInterrupted, "Ctrl-C"},
                  {kExitTerminated, "SIGTERM"}},
        .examples = "netchat bot --server 192.168.1.7 samples/bots/hello.bot\n"
                    "netchat bot --var build=12 samples/bots/approval.bot && ./deploy\n"
                    "make 2>&1 | netchat bot --nick ci --stdin lines\n"
                    "tar c . | netchat bot --nick ci --upload - --as backup.tar\n"
                    "netchat bot --nick ear --listen --count 1 --deadline 1m\n",
        .run = runBot,
    });
    return command;
}

}  // namespace netchat::cmd
