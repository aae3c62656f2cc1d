#include "harness/hostile/target.h"

#include "harness/hostile/expectation_failed.h"
#include "modes/net/clock.h"
#include "modes/net/make_charset.h"
#include "protocol/field.h"

namespace netchat::harness::hostile {

std::string Target::newName(std::string_view stem) {
    // Leases outlive a run, so a name is told by when it was needed, too.
    return std::string(stem) + "-" + std::to_string(net::wallMs() % 100'000'000) + "-" +
           std::to_string(++names_);
}

std::string Target::newAddress() {
    const unsigned number = ++addresses_;
    return "127.77." + std::to_string(number / 200) + "." + std::to_string(number % 200 + 1);
}

Rng Target::chance(std::string_view attack) const {
    uint64_t state = options_.seed;
    for (const char c : attack) state = mix(state, static_cast<unsigned char>(c));
    return Rng(state);
}

std::string Target::field(std::string_view text) const {
    const auto charset = net::makeCharset(options_.encoding);
    std::string buffer, out;
    appendField(out, options_.headerWidth, charset->fromUtf8(text, buffer));
    return out;
}

std::string Target::header(uint64_t length) const {
    std::string out;
    appendHeader(out, options_.headerWidth, length);
    return out;
}

OtherServer Target::another(std::vector<std::string> arguments) const {
    OtherServer other;
    other.folder = std::make_unique<RunFolder>();
    require(static_cast<bool>(other.folder->create({})), "no folder for another server");
    ChildServer::Options options;
    options.folder = other.folder->path();
    options.arguments = {"serve", "--port", "0", "--data", (options.folder / "data").string()};
    options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
    auto started = ChildServer::start(options);
    if (!started) throw ExpectationFailed("another server did not start: " + started.error().text);
    other.child = std::move(*started);
    auto where = other.child->address();
    if (where.host == "0.0.0.0") where.host = "127.0.0.1";
    const auto address = net::resolve(where);
    require(static_cast<bool>(address), "another server has no address");
    other.address = *address;
    return other;
}

}  // namespace netchat::harness::hostile
