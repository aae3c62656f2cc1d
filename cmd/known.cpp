// netchat known: the servers that this user's clients have met, and how to forget one.

#include <cstdio>
#include <string>

#include "cmd/arguments.h"
#include "cmd/commands.h"
#include "cmd/standard_output.h"
#include "cmd/trusting.h"
#include "modes/client/known_servers.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

int knownFailed(const Error& error) {
    std::fprintf(stderr, "netchat known: %s\n", forLog(error.text, 400).c_str());
    return error.code == ErrorCode::Untrusted ? kExitBadInput : kExitOurFault;
}

int list(const client::KnownServers& servers) {
    const auto all = servers.all();
    if (!all) return knownFailed(all.error());
    std::string text;
    for (const client::KnownServer& server : *all) {
        text += forLog(server.place, 300) + " " + forLog(server.identity, 100) + "\n";
    }
    return printOut("netchat known", text);
}

int forget(const client::KnownServers& servers, const std::string& text) {
    bool portSaid = false;
    const auto link = parseServer(text, portSaid);
    if (!link) throw UsageError(link.error().text);
    const auto port = portSaid ? std::optional(link->where.port) : std::nullopt;
    const auto forgotten = servers.forget(link->where.host, port);
    if (!forgotten) return knownFailed(forgotten.error());
    if (*forgotten == 0) {
        std::fprintf(stderr,
                     "netchat known: unknown server %s; netchat known lists the known servers\n",
                     forLog(text, 300).c_str());
        return kExitNotHeld;
    }
    return printOut("netchat known", "forgot " + forLog(text, 300) + "\n");
}

int runKnown(const Arguments& arguments) {
    const std::string file = knownServersFile();
    if (file.empty())
        throw UsageError(
            "cannot find the list of known servers: XDG_STATE_HOME and HOME are not set");
    const client::KnownServers servers(file);
    const auto& words = arguments.words();
    if (words.empty()) return list(servers);
    if (words[0] != "forget" || words.size() != 2) {
        throw UsageError("usage: netchat known, or: netchat known forget HOST[:PORT]");
    }
    return forget(servers, words[1]);
}

}  // namespace

const Command& knownCommand() {
    static const Command command = define({
        .name = "known",
        .usage = "[forget HOST[:PORT]]",
        .summary = "list or forget the servers you have connected to",
        .description =
            "Lists the servers that connect and bot have met, each with its certificate's "
            "fingerprint. If a server shows a different certificate, connect and bot refuse it. "
            "After a server has been set up anew, forget it. The next connection then accepts its "
            "new certificate.",
        .actions = {{"forget HOST[:PORT]",
                     "Forget a server. Without PORT, forget it at every port of HOST."}},
        .wordsMax = 2,
        .exits = {{kExitOk, "done"},
                  {kExitNotHeld, "no such server is known, or stdout failed"},
                  {kExitBadInput, "cannot read the list of servers or the configuration file"}},
        .examples = "netchat known\n"
                    "netchat known forget 192.168.1.7:6121\n",
        .run = runKnown,
    });
    return command;
}

}  // namespace netchat::cmd
