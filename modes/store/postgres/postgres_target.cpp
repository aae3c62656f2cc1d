#include "modes/store/postgres/postgres_target.h"

#include <libpq-fe.h>

#include <memory>
#include <utility>

namespace netchat::store {

namespace {

std::vector<std::string> splitByCommas(const std::string& text) {
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t comma = 0; comma != std::string::npos; begin = comma + 1) {
        comma = text.find(',', begin);
        parts.push_back(text.substr(begin, comma - begin));
    }
    return parts;
}

// The one of this host: a list of one is everybody's, as with libpq.
const std::string& oneOf(const std::vector<std::string>& parts, size_t host) {
    static const std::string kNone;
    if (parts.size() == 1) return parts[0];
    return host < parts.size() ? parts[host] : kNone;
}

std::string withoutNewline(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

}  // namespace

Result<PostgresTarget> PostgresTarget::parse(const std::string& text) {
    char* wrong = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(text.c_str(), &wrong), PQconninfoFree);
    if (!options) {
        const std::string why = wrong != nullptr ? withoutNewline(wrong) : "out of memory";
        PQfreemem(wrong);
        return Error{ErrorCode::BadValue,
                     why +
                         "; write postgresql://USER@HOST:PORT/DATABASE, several hosts separated "
                         "by commas"};
    }
    std::map<std::string, std::string> given;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) given[option->keyword] = option->val;
    }
    if (given.count("password") > 0) {
        return Error{ErrorCode::BadValue,
                     "the password must not be in the command line, where others can see it; put "
                     "it into ~/.pgpass, or into PGPASSWORD"};
    }
    // Which host takes writes is found out here, each within a bound of its own.
    given.erase("target_session_attrs");
    PostgresTarget target;
    const auto hosts = splitByCommas(std::exchange(given["host"], {}));
    const auto addresses = splitByCommas(std::exchange(given["hostaddr"], {}));
    const auto ports = splitByCommas(std::exchange(given["port"], {}));
    for (const char* key : {"host", "hostaddr", "port"}) given.erase(key);
    const size_t count = std::max(hosts.size(), addresses.size());
    if (ports.size() != 1 && ports.size() != count) {
        return Error{ErrorCode::BadValue, std::to_string(count) + " hosts and " +
                                              std::to_string(ports.size()) +
                                              " ports; give one port, or one for each host"};
    }
    for (size_t i = 0; i < count; ++i) {
        target.hosts_.push_back({oneOf(hosts, i), oneOf(addresses, i), oneOf(ports, i)});
    }
    target.common_ = std::move(given);
    return target;
}

std::map<std::string, std::string> PostgresTarget::settings(size_t host) const {
    std::map<std::string, std::string> settings = common_;
    const auto& [name, address, port] = hosts_.at(host);
    if (!name.empty()) settings["host"] = name;
    if (!address.empty()) settings["hostaddr"] = address;
    if (!port.empty()) settings["port"] = port;
    return settings;
}

std::string PostgresTarget::name(size_t host) const {
    const auto& [name, address, port] = hosts_.at(host);
    const std::string& where = name.empty() ? address : name;
    return (where.empty() ? "the local socket" : where) + (port.empty() ? "" : ":" + port);
}

std::string PostgresTarget::names() const {
    std::string names;
    for (size_t i = 0; i < hosts_.size(); ++i) names += (i == 0 ? "" : ", ") + name(i);
    return names;
}

}  // namespace netchat::store
