// netchat log: a data folder's log out, in, and under the glass.

#include <Poco/JSON/Object.h>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "cmd/arguments.h"
#include "cmd/commands.h"
#include "cmd/standard_output.h"
#include "modes/store/log_transfer.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

int logFailed(const Error& error) {
    std::fprintf(stderr, "netchat log: %s\n", forLog(error.text, 400).c_str());
    switch (error.code) {
        case ErrorCode::Internal:
        case ErrorCode::NoRoom:
            return kExitOurFault;
        default:
            return kExitBadInput;
    }
}

int exportTo(const std::string& folder, const std::string& room) {
    StandardOutput out("netchat log");
    bool written = true;
    const auto status = store::exportLog(
        folder, room, [&](std::string_view text) { return written = out.put(text); });
    if (!status && written) return logFailed(status.error());
    return out.finish();
}

int importFrom(const std::string& folder) {
    std::ios::sync_with_stdio(false);
    const auto imported = store::importLog(folder, std::cin);
    if (!imported) return logFailed(imported.error());
    std::fprintf(stderr, "%llu entries, %llu users\n",
                 static_cast<unsigned long long>(imported->entries),
                 static_cast<unsigned long long>(imported->users));
    return kExitOk;
}

std::string asJson(const store::LogVerdict& verdict) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("good", verdict.wrong.empty());
    object.set("rooms", static_cast<Poco::UInt64>(verdict.rooms));
    object.set("entries", static_cast<Poco::UInt64>(verdict.entries));
    object.set("files", static_cast<Poco::UInt64>(verdict.files));
    object.set("missing_files", static_cast<Poco::UInt64>(verdict.missingFiles));
    Poco::JSON::Array wrong;
    for (const std::string& what : verdict.wrong) wrong.add(what);
    object.set("wrong", wrong);
    std::ostringstream out;
    object.stringify(out);
    return escapedJson(out.str()) + "\n";
}

std::string counted(uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string asText(const store::LogVerdict& verdict) {
    std::string text;
    for (const std::string& what : verdict.wrong) text += "wrong: " + forLog(what, 400) + "\n";
    if (verdict.missingFiles > 0) {
        text += "note: " + std::to_string(verdict.missingFiles) +
                " announced files are no longer stored\n";
    }
    text += verdict.wrong.empty() ? "good" : "not good";
    return text + ": " + counted(verdict.rooms, "room", "rooms") + ", " +
           counted(verdict.entries, "entry", "entries") + ", " +
           counted(verdict.files, "file", "files") + "\n";
}

int verify(const std::string& folder, const std::string& room, bool json) {
    auto verdict = store::verifyLog(folder, room);
    // A log that cannot be read is a verdict, too: it is what verifying is for.
    if (!verdict && verdict.error().code == ErrorCode::Internal) {
        store::LogVerdict unreadable;
        unreadable.wrong.push_back(verdict.error().text);
        verdict = std::move(unreadable);
    }
    if (!verdict) return logFailed(verdict.error());
    return printOut("netchat log", json ? asJson(*verdict) : asText(*verdict),
                    verdict->wrong.empty() ? kExitOk : kExitNotHeld);
}

int runLog(const Arguments& arguments) {
    const auto& words = arguments.words();
    if (words.size() != 2) {
        throw UsageError("usage: netchat log export|import|verify DIR");
    }
    const std::string room = arguments.has("room") ? arguments.text("room") : "";
    if (words[0] == "export") return exportTo(words[1], room);
    if (words[0] == "verify") return verify(words[1], room, arguments.flag("json"));
    if (words[0] != "import") {
        throw UsageError("unknown action '" + forLog(words[0]) + "'; use export, import or verify");
    }
    if (!room.empty()) throw UsageError("--room can be used only with export and verify");
    return importFrom(words[1]);
}

}  // namespace

const Command& logCommand() {
    static const Command command = define({
        .name = "log",
        .usage = "export|import|verify DIR",
        .summary = "export, import or verify a server's message log",
        .description = "Works on DIR, the data folder of a server (netchat serve --data DIR).",
        .actions =
            {{"export DIR",
              "Write the log to stdout as JSON lines. It has the messages of each room in order, "
              "the users and the ids of sent messages. A user is identified by the SHA-256 of the "
              "secret. The server may keep running."},
             {"import DIR",
              "Read such lines from stdin and write them to the log of a new folder. Numbers, "
              "times and ids stay the same."},
             {"verify DIR",
              "Check that the log is readable and no message is missing or damaged. Check that "
              "every stored file matches its SHA-256. The server may keep running."}},
        .groups = {{"Options",
                    {{.name = "room",
                      .argument = "ROOM",
                      .help = "export, verify: only this room, without users."},
                     {.name = "json", .help = "verify: print the result as one JSON object."}}}},
        .wordsMax = 2,
        .exits = {{kExitOk, "done; for verify: no problem was found"},
                  {kExitNotHeld, "verify found a problem, or stdout failed"},
                  {kExitBadInput, "DIR has no log, or a line of the input is invalid"}},
        .examples = "netchat log verify ~/.local/state/netchat\n"
                    "netchat log export ~/.local/state/netchat --room lobby > lobby.jsonl\n"
                    "netchat log export old | netchat log import new\n",
        .run = runLog,
    });
    return command;
}

}  // namespace netchat::cmd
