#include "modes/connect/command_arguments.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "modes/connect/trimmed.h"
#include "protocol/duration.h"
#include "protocol/limits.h"

namespace netchat::connect {

namespace {

constexpr unsigned kHistoryDefault = 20;

// A path in quotes loses them; without quotes it is everything, spaces included.
std::string_view unquoted(std::string_view path) {
    const bool quotes = path.size() >= 2 && path.front() == path.back() &&
                        (path.front() == '"' || path.front() == '\'');
    return quotes ? path.substr(1, path.size() - 2) : path;
}

// The server reads these words at the beginning of a ban's reason.
std::string takeFlags(std::string_view& rest) {
    std::string flags;
    for (;;) {
        std::string_view after = rest;
        const auto word = takeWord(after);
        if (word != "--address" && word != "--force") return flags;
        flags += std::string(word) + " ";
        rest = after;
    }
}

}  // namespace

std::string_view takeWord(std::string_view& text) {
    const auto end = std::find_if(text.begin(), text.end(), isBlank);
    const auto word = text.substr(0, static_cast<size_t>(end - text.begin()));
    text.remove_prefix(word.size());
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    return word;
}

namespace arguments {

std::optional<std::string> word(std::string_view rest, Need need) {
    const auto all = trimmed(rest);
    const bool several = std::any_of(all.begin(), all.end(), isBlank);
    const bool missing = all.empty() && need == Need::Required;
    if (several || missing) return std::nullopt;
    return std::string(all);
}

std::optional<std::string> text(std::string_view rest, Need need) {
    const auto all = trimmed(rest);
    if (all.empty() && need == Need::Required) return std::nullopt;
    return std::string(all);
}

std::optional<std::string> path(std::string_view rest, Need need) {
    const auto all = trimmed(rest);
    const auto path = unquoted(all);
    const bool none = all.empty() && need == Need::Optional;
    if (path.empty() && !none) return std::nullopt;
    return std::string(path);
}

std::optional<std::string> paths(std::string_view rest, Need) {
    const auto all = trimmed(rest);
    const auto one = unquoted(all);
    if (one.empty()) return std::nullopt;
    const bool several = one.size() < all.size() && one.find(all.front()) != one.npos;
    return std::string(several ? all : one);
}

std::optional<Command> readMsg(std::string_view, std::string_view rest) {
    const std::string nick(takeWord(rest));
    if (nick.empty()) return std::nullopt;
    return command::Msg{.nick = nick, .text = std::string(rest)};
}

std::optional<Command> readSet(std::string_view, std::string_view rest) {
    std::string_view value = trimmed(rest);
    const std::string name(takeWord(value));
    if (value.starts_with("= ")) value.remove_prefix(2);
    return command::Set{.name = name, .value = std::string(value)};
}

std::optional<Command> readHistory(std::string_view, std::string_view rest) {
    const auto number = trimmed(rest);
    unsigned count = kHistoryDefault;
    if (!number.empty()) {
        const char* end = number.data() + number.size();
        const auto [stop, error] = std::from_chars(number.data(), end, count);
        const bool good = error == std::errc() && stop == end && count > 0;
        if (!good) return std::nullopt;
    }
    return command::History{std::min<unsigned>(count, limits::kHistoryEntriesMax)};
}

std::optional<Command> readOperate(std::string_view name, std::string_view rest) {
    command::Operate operate{.act = name, .target = std::string(takeWord(rest))};
    if (operate.target.empty()) return std::nullopt;
    const std::string flags = name == "ban" ? takeFlags(rest) : "";
    std::string_view reason = rest;
    const auto ms = parseDuration(takeWord(reason));
    const bool timed = name == "ban" || name == "mute";
    if (timed && ms && *ms > 0) {
        operate.seconds = static_cast<unsigned>(std::clamp<int64_t>(*ms / 1000, 1, UINT32_MAX));
        rest = reason;
    }
    operate.reason = trimmed(flags + std::string(rest));
    return operate;
}

}  // namespace arguments

}  // namespace netchat::connect
