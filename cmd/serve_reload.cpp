#include "cmd/serve_reload.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "cmd/serve_limits.h"

namespace netchat::cmd {

namespace {

// What can change while the server runs, besides the limits of one client.
constexpr std::string_view kReadAgain[] = {"tls-cert",  "tls-key",   "password-file", "keep",
                                           "keep-size", "log-size",  "max-file",      "grace",
                                           "log-level", "proxy-from"};

bool canChange(const std::string& option) {
    static const std::set<std::string> limits = [] {
        std::set<std::string> names;
        for (const OptionSpec& spec : limitOptions().options) names.insert(spec.name);
        return names;
    }();
    return limits.count(option) > 0 ||
           std::find(std::begin(kReadAgain), std::end(kReadAgain), option) != std::end(kReadAgain);
}

}  // namespace

Reloader::Reloader(const Arguments& arguments, ReadOptions readOptions, ReadLevel readLevel,
                   serve::Server& server, StderrLog& log)
    : arguments_(arguments),
      readOptions_(std::move(readOptions)),
      readLevel_(std::move(readLevel)),
      server_(server),
      log_(log),
      inForce_(arguments.values()) {
}

void Reloader::reload(const serve::ReloadRequest& request) {
    const auto result = readAgain();
    const serve::Answer answer = serve::reloadAnswer(result);
    log_.notice(request.by + ": " + (answer.status ? answer.text : answer.status.error().text));
    server_.reloaded(request, result);
}

Result<serve::ReloadReport> Reloader::readAgain() {
    try {
        return use(arguments_.readAgain());
    } catch (const UsageError& error) {
        std::string text = error.what();
        // What root could read at the start another user may not any more.
        if (arguments_.has("user")) {
            text += " (the server runs as '" + arguments_.text("user") + "' now)";
        }
        return Error{ErrorCode::BadValue, text};
    }
}

Result<serve::ReloadReport> Reloader::use(const Arguments& now) {
    const serve::ServerOptions options = readOptions_(now);
    const StderrLog::Level level = readLevel_(now);
    const auto reread = server_.reload(options);
    if (!reread) throw UsageError(reread.error().text);
    log_.setLevel(level);
    serve::ReloadReport report = compare(now);
    const auto add = [&report](const char* what) { report.changed.push_back({what, {}, {}}); };
    if (reread->certificate) {
        report.changed.push_back({"certificate", reread->former, server_.fingerprint()});
    }
    if (reread->password) add("the password");
    return report;
}

// What is in force is what cannot change, as it was, and all else as it is.
serve::ReloadReport Reloader::compare(const Arguments& now) {
    serve::ReloadReport report;
    Values values = now.values();
    for (const auto& [option, value] : inForce_) values.try_emplace(option);
    for (auto& [option, value] : values) {
        std::string& former = inForce_[option];
        if (former == value) continue;
        if (canChange(option)) {
            report.changed.push_back({option, former, value});
            former = value;
        } else {
            report.needRestart.push_back({option, former, value});
        }
    }
    return report;
}

}  // namespace netchat::cmd
