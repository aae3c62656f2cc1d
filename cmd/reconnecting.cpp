#include "cmd/reconnecting.h"

#include <cstdlib>

#include "cmd/environment.h"

namespace netchat::cmd {

client::ReconnectOptions readReconnect(const Arguments& arguments) {
    using When = client::ReconnectOptions::When;
    client::ReconnectOptions options;
    const std::string when = arguments.oneOf("reconnect", {"on", "off", "always"});
    if (when == "on") options.when = When::OnceConnected;
    if (when == "always") options.when = When::Always;
    options.forMs = arguments.durationMs("reconnect-for");
    if (!arguments.flag("classic")) return options;
    if (arguments.given("reconnect")) {
        throw UsageError(
            "--reconnect cannot be used with --classic: a classic server does not resend missed "
            "messages");
    }
    options.when = When::Never;
    return options;
}

void readDeadAfter(const Arguments& arguments, client::Options& options) {
    const int64_t ms = arguments.durationMs("dead-after");
    options.quietMs = ms * 3 / 5;
    options.signOfLifeMs = ms - options.quietMs;
}

SinceWhen readSince(const Arguments& arguments) {
    const auto since = client::parseSince(arguments.text("since"));
    if (!since) arguments.refuse("since", since.error());
    SinceWhen when{*since, {}};
    if (arguments.flag("classic") && since->from != client::Since::From::Now) {
        throw UsageError(
            "--since cannot be used with --classic: a classic server keeps no messages");
    }
    if (arguments.flag("classic") && arguments.flag("guest")) {
        throw UsageError("--guest cannot be used with --classic, where nicks are never reserved");
    }
    if (arguments.flag("classic")) return when;
    if (arguments.flag("guest") && since->from == client::Since::From::Last) {
        throw UsageError("--since last cannot be used with --guest: nothing is stored for a guest");
    }
    if (arguments.flag("guest")) return when;
    when.stateFolder =
        client::StateFile::folder(environment("XDG_STATE_HOME"), environment("HOME"));
    if (when.stateFolder.empty() && since->from == client::Since::From::Last) {
        throw UsageError("--since last needs XDG_STATE_HOME or HOME to store its position");
    }
    return when;
}

}  // namespace netchat::cmd
