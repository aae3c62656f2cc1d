// `netchat harness floor`: the yardstick of `netchat harness bench --floor`.

#include <cstdio>

#include "cmd/arguments.h"
#include "cmd/commands.h"
#include "harness/bench/floor.h"
#include "protocol/limits.h"

namespace netchat::cmd {

namespace {

int runFloor(const Arguments& arguments) {
    const Error error =
        harness::serveFloor(arguments.port("port"), limits::kHeaderWidth, [](uint16_t port) {
            std::printf("netchat listening on 127.0.0.1:%u\n", static_cast<unsigned>(port));
            std::fflush(stdout);
        });
    throw UsageError(error.text, kExitNoServer);
}

}  // namespace

const Command& harnessFloorCommand() {
    static const Command command = define({
        .name = "harness floor",
        .summary = "serve the least that a chat server can do, as a baseline for bench",
        .description =
            "Accepts both protocols on 127.0.0.1 with one thread and forwards messages. It does "
            "nothing else: no checks, no limits, no files. All members of a room must use the same "
            "protocol. It runs until a signal ends it. netchat harness bench --floor starts one "
            "by itself.",
        .groups = {{"Network",
                    {{.name = "port",
                      .argument = "N",
                      .fallback = "0",
                      .help = "Port to listen on. 0 picks a free one."}}}},
        .exits = {{kExitNoServer, "cannot listen on the port"}},
        .examples = "netchat harness floor --port 7000\n",
        .run = runFloor,
    });
    return command;
}

}  // namespace netchat::cmd
