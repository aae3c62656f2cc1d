// `netchat harness floor`: the yardstick of `netchat harness bench --floor`.

#include <cstdio>

#include "cmd/arguments.h"
#include "cmd/commands.h"
#include "harness/bench/floor.h"
#include "protocol/limits.h"

namespace netchat::cmd {

namespace {

int run(const Arguments& arguments) {
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
        .summary = "the least that a server can do, to measure others by",
        .description = "Serves both dialects on 127.0.0.1 with one thread: it passes on what is "
                       "said, and does\n"
                       "nothing else. It checks nothing and limits nothing: a yardstick, not a "
                       "server. A room\n"
                       "must hold members of one dialect only, and files are not taken. It runs "
                       "until a signal\n"
                       "ends it; netchat harness bench --floor starts one.",
        .groups = {{"Where",
                    {{.name = "port",
                      .argument = "N",
                      .fallback = "0",
                      .help = "to listen on; 0: a free one"}}}},
        .exits = {{kExitNoServer, "it could not listen"}},
        .examples = "netchat harness floor --port 7000\n",
        .run = run,
    });
    return command;
}

}  // namespace netchat::cmd
